/**
 * Checks a release folder as an outsider would: with the public keys and nothing else.
 * @module
 */
import { basename } from "node:path";
import type { Channel, Manifest } from "../../src/update/manifest.ts";
import { readManifest } from "../../src/update/read_manifest.ts";
import type { ReleaseKey } from "../../src/update/release_key.ts";
import { isPrerelease, isVersion } from "../../src/update/version.ts";
import { CHECKSUMS, readChecksums, sha256Of } from "./checksums.ts";
import { refuseSignatures, type Signatures } from "./keys.ts";

/** What was found, a sentence each. */
export interface Findings {
  readonly good: string[];
  readonly bad: string[];
}

/** A manifest in a folder. */
export interface FoundManifest {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly signatures: Signatures;
}

/** Checks every signature, every checksum, and that nothing lies there unproven. */
export async function verifyFolder(
  folder: string,
  keys: readonly ReleaseKey[],
  now: Date,
): Promise<Findings> {
  const findings: Findings = { good: [], bad: [] };
  const sums = await verifyChecksums(folder, keys, findings);
  const manifests = await findManifests(folder);
  if (manifests.length === 0) findings.bad.push("there is no manifest");
  for (const found of manifests) {
    try {
      const manifest = await readFound(found, keys, now);
      findings.good.push(
        `${found.name}: version ${manifest.version}, signed, believed until ${manifest.expires}`,
      );
      findings.bad.push(...compareFiles(found.name, manifest, sums));
    } catch (error) {
      findings.bad.push(`${found.name}: ${error instanceof Error ? error.message : error}`);
    }
  }
  return findings;
}

/** Manifests of a folder with their signatures; one that is missing is an empty text. */
export async function findManifests(folder: string): Promise<FoundManifest[]> {
  const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  const manifests = names.filter((name) => channelOf(name) !== null).sort();
  return await Promise.all(manifests.map(async (name) => ({
    name,
    bytes: await Deno.readFile(`${folder}/${name}`),
    signatures: await readSignatures(`${folder}/${name}`),
  })));
}

/** The channel that a manifest of this file name must be of; null: no manifest is called so. */
export function channelOf(name: string): Channel | null {
  if (name === "stable.json" || name === "beta.json") return name === "beta.json" ? "beta" : "stable";
  const version = /^v(.*)\.json$/.exec(name)?.[1];
  if (version === undefined || !isVersion(version)) return null;
  return isPrerelease(version) ? "beta" : "stable";
}

/** Reads a manifest as km does, and its second signature. @throws {Error} saying what is wrong with it */
export async function readFound(
  found: FoundManifest,
  keys: readonly ReleaseKey[],
  now: Date,
): Promise<Manifest> {
  const { name, bytes, signatures } = found;
  const refused = refuseSignatures(bytes, signatures, keys);
  if (refused !== null) throw new Error(refused);
  const channel = channelOf(name) ?? "stable";
  const manifest = await readManifest(bytes, signatures.sig, { keys, channel, now });
  if (name.startsWith("v") && name !== `v${manifest.version}.json`) {
    throw new Error(`it is of ${manifest.version}`);
  }
  return manifest;
}

/** Both signatures of a file; one that is missing is an empty text. */
export async function readSignatures(path: string): Promise<Signatures> {
  const read = (ending: string) => Deno.readTextFile(`${path}.${ending}`).catch(() => "");
  return { sig: await read("sig"), sshsig: await read("sshsig") };
}

async function verifyChecksums(
  folder: string,
  keys: readonly ReleaseKey[],
  { good, bad }: Findings,
): Promise<ReadonlyMap<string, string>> {
  const path = `${folder}/${CHECKSUMS}`;
  const bytes = await Deno.readFile(path).catch(() => null);
  if (bytes === null) {
    bad.push(`there is no ${CHECKSUMS}`);
    return new Map();
  }
  const refused = refuseSignatures(bytes, await readSignatures(path), keys);
  if (refused !== null) {
    bad.push(`${CHECKSUMS}: ${refused}`);
    return new Map();
  }
  good.push(`${CHECKSUMS}: signed`);
  const sums = readChecksums(new TextDecoder().decode(bytes));
  for (const [name, sum] of sums) {
    const found = await sha256Of(`${folder}/${name}`).catch(() => null);
    if (found === sum) good.push(`${name}: the SHA-256 is right`);
    else bad.push(found === null ? `${name}: it is missing` : `${name}: its SHA-256 is ${found}, not ${sum}`);
  }
  for await (const { name } of Deno.readDir(folder)) {
    const isProof = name === CHECKSUMS || name === `${CHECKSUMS}.sig` || name === `${CHECKSUMS}.sshsig`;
    if (!isProof && !sums.has(name)) bad.push(`${name}: ${CHECKSUMS} does not know it`);
  }
  return sums;
}

/** A manifest and SHA256SUMS say the same. */
function compareFiles(name: string, { files }: Manifest, sums: ReadonlyMap<string, string>): string[] {
  const wrong = Object.values(files).filter((file) => sums.get(basename(file.name)) !== file.sha256);
  return wrong.map((file) => `${name}: it has another SHA-256 for ${file.name} than ${CHECKSUMS}`);
}
