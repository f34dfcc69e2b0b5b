/**
 * Checks a release folder as an outsider would: with the public keys and nothing else. The folder is that of one release, or the published
 * one, which has manifests of earlier versions too and whose built files may lie elsewhere.
 * @module
 */
import type { Channel, Manifest } from "../../src/update/manifest.ts";
import { readManifest } from "../../src/update/read_manifest.ts";
import type { ReleaseKey } from "../../src/update/release_key.ts";
import { compareVersions, isVersion } from "../../src/core/version.ts";
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
  /** Null: of one version. */
  readonly channel: Channel | null;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly signatures: Signatures;
}

type AnyManifest = Manifest<Channel | null>;

/** Checks every signature, every checksum, and that nothing lies there unproven. */
export async function verifyFolder(
  folder: string,
  keys: readonly ReleaseKey[],
  now: Date,
): Promise<Findings> {
  const findings: Findings = { good: [], bad: await findLinks(folder) };
  // What lies elsewhere proves nothing about this folder.
  if (findings.bad.length > 0) return findings;
  const sums = await readSums(folder, keys, findings);
  const found = await findManifests(folder);
  if (found.length === 0) findings.bad.push("there is no manifest");
  const manifests = new Map<string, AnyManifest>();
  for (const one of found) {
    if (!sums.has(one.name) && isOfGoneKey(one, keys)) {
      findings.good.push(`${one.name}: left out, its key is none of the release keys any more`);
      continue;
    }
    try {
      const manifest = await readFound(one, keys, now);
      manifests.set(one.name, manifest);
      const state = Date.parse(manifest.expires) > now.getTime() ? "believed until" : "expired on";
      findings.good.push(`${one.name}: version ${manifest.version}, signed, ${state} ${manifest.expires}`);
    } catch (error) {
      findings.bad.push(`${one.name}: ${error instanceof Error ? error.message : error}`);
    }
  }
  await verifyFiles(folder, { sums, manifests, found }, findings);
  return findings;
}

/** After a rotation, versions keep the signature of the key that is gone. A channel without a valid signature is a fault. */
export function isOfGoneKey({ channel, signatures }: FoundManifest, keys: readonly ReleaseKey[]): boolean {
  const [, id] = /^([0-9a-f]{16}) /.exec(signatures.sig) ?? [];
  return channel === null && id !== undefined && keys.every((key) => key.id !== id);
}

/** Manifests of a folder with their signatures; one that is missing is an empty text. */
export async function findManifests(folder: string): Promise<FoundManifest[]> {
  const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  const manifests = names.filter((name) => channelOf(name) !== undefined).sort();
  return await Promise.all(manifests.map(async (name) => ({
    name,
    channel: channelOf(name) ?? null,
    bytes: await Deno.readFile(`${folder}/${name}`),
    signatures: await readSignatures(`${folder}/${name}`),
  })));
}

/** The channel that a manifest of this file name must be of; undefined: no manifest is called so. */
function channelOf(name: string): Channel | null | undefined {
  if (name === "stable.json" || name === "beta.json") return name === "beta.json" ? "beta" : "stable";
  return isVersion(/^v(.*)\.json$/.exec(name)?.[1] ?? "") ? null : undefined;
}

/** Reads a manifest as km does, and its second signature. That of one version may have expired. @throws {Error} saying what is wrong with it */
export async function readFound(
  found: FoundManifest,
  keys: readonly ReleaseKey[],
  now: Date,
): Promise<AnyManifest> {
  if (found.channel === null) return await readPast(found, keys);
  return await readAt(found, keys, now);
}

/** Reads a manifest that may have expired. @throws {Error} saying what is wrong with it */
export async function readPast(found: FoundManifest, keys: readonly ReleaseKey[]): Promise<AnyManifest> {
  // Not believed yet: only the time is taken from it.
  const { published } = JSON.parse(new TextDecoder().decode(found.bytes)) as { readonly published: string };
  return await readAt(found, keys, new Date(published));
}

async function readAt(found: FoundManifest, keys: readonly ReleaseKey[], now: Date): Promise<AnyManifest> {
  const { name, channel, bytes, signatures } = found;
  const refused = refuseSignatures(bytes, signatures, keys);
  if (refused !== null) throw new Error(refused);
  const manifest = await readManifest(bytes, signatures.sig, { keys, channel, now });
  if (channel === null && name !== `v${manifest.version}.json`) {
    throw new Error(`it is of ${manifest.version}`);
  }
  return manifest;
}

/** Both signatures of a file; one that is missing is an empty text. */
export async function readSignatures(path: string): Promise<Signatures> {
  const read = (ending: string) => Deno.readTextFile(`${path}.${ending}`).catch(() => "");
  return { sig: await read("sig"), sshsig: await read("sshsig") };
}

async function findLinks(folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  return entries.filter(({ isSymlink }) => isSymlink).map(({ name }) => `${name}: it is a link, not a file`);
}

async function readSums(
  folder: string,
  keys: readonly ReleaseKey[],
  { good, bad }: Findings,
): Promise<ReadonlyMap<string, string>> {
  const path = `${folder}/${CHECKSUMS}`;
  const bytes = await Deno.readFile(path).catch(() => null);
  const refused = bytes === null
    ? "it is missing"
    : refuseSignatures(bytes, await readSignatures(path), keys);
  if (bytes === null || refused !== null) {
    bad.push(`${CHECKSUMS}: ${refused}`);
    return new Map();
  }
  good.push(`${CHECKSUMS}: signed`);
  return readChecksums(new TextDecoder().decode(bytes));
}

interface Folder {
  readonly sums: ReadonlyMap<string, string>;
  /** Those that are believed, by file name. */
  readonly manifests: ReadonlyMap<string, AnyManifest>;
  readonly found: readonly FoundManifest[];
}

async function verifyFiles(path: string, folder: Folder, { good, bad }: Findings): Promise<void> {
  const { sums, manifests, found } = folder;
  const elsewhere = filesElsewhere(manifests);
  for (const [name, sum] of sums) {
    const sha256 = await sha256Of(`${path}/${name}`).catch(() => null);
    if (sha256 === sum) good.push(`${name}: the SHA-256 is right`);
    else if (sha256 === null && elsewhere.has(name)) good.push(`${name}: it lies elsewhere`);
    else if (sha256 === null) bad.push(`${name}: it is missing`);
    else if (!isOfLater(name, folder)) bad.push(`${name}: its SHA-256 is ${sha256}, not ${sum}`);
  }
  const proofs = (name: string) => [name, `${name}.sig`, `${name}.sshsig`];
  const known = new Set([CHECKSUMS, ...found.map(({ name }) => name)].flatMap(proofs));
  for await (const { name } of Deno.readDir(path)) {
    // .git and .nojekyll of published pages.
    if (!name.startsWith(".") && !known.has(name) && !sums.has(name)) {
      bad.push(`${name}: ${CHECKSUMS} does not know it`);
    }
  }
  bad.push(...[...manifests].flatMap(([name, manifest]) => compareFiles(name, manifest, sums)));
}

/** What a manifest's absolute addresses name, and the bill of materials that is kept beside it. */
function filesElsewhere(manifests: Folder["manifests"]): ReadonlySet<string> {
  return new Set([...manifests.values()].flatMap(({ version, files }) => {
    const names = Object.values(files).filter(({ url }) => URL.canParse(url)).map(({ name }) => name);
    return names.length > 0 ? [...names, `km-${version}.cdx.json`] : [];
  }));
}

/** A channel, or a signature of it, that a later release wrote without SHA256SUMS: a pre-release does. */
function isOfLater(name: string, { sums, manifests }: Folder): boolean {
  const manifest = manifests.get(name.replace(/\.(ssh)?sig$/, ""));
  const version = versionOf(sums);
  return manifest !== undefined && version !== null && compareVersions(manifest.version, version) > 0;
}

/** The release that SHA256SUMS is of. */
function versionOf(sums: ReadonlyMap<string, string>): string | null {
  const bills = [...sums.keys()].flatMap((name) => /^km-(.*)\.cdx\.json$/.exec(name)?.[1] ?? []);
  return bills[0] ?? null;
}

/** A manifest and SHA256SUMS of one release say the same. */
function compareFiles(name: string, manifest: AnyManifest, sums: ReadonlyMap<string, string>): string[] {
  const files = Object.values(manifest.files);
  const wrong = files.filter((file) => {
    const sum = sums.get(file.name);
    // Of another release, and not in this folder.
    if (sum === undefined && manifest.version !== versionOf(sums) && URL.canParse(file.url)) return false;
    return sum !== file.sha256;
  });
  return wrong.map((file) => `${name}: it has another SHA-256 for ${file.name} than ${CHECKSUMS}`);
}
