/** Making a registry: the signed index of a folder of packages. For whoever runs one, and for tests. @module */
import { KmError } from "../../core/error.ts";
import { join } from "node:path";
import { type OpenedPackage, openPackage, verifyPackage } from "../package/package.ts";
import { readPackageFile } from "../package/read_package.ts";
import type { SigningKey } from "../package/signature.ts";
import { ShapeError } from "../shape.ts";
import { isSamePublisher } from "./publisher_name.ts";
import { indexText, readIndex, type RegistryIndex, type RegistryPlugin } from "./registry_index.ts";
import type { Revoked } from "./roots.ts";
import { parseFile, plainSigned, readSigned, signText } from "./signed_document.ts";

const DAY_MS = 86_400_000;
/** How long an index is believed, in days: whoever runs a registry signs anew at least as often. */
export const DEFAULT_VALID_DAYS = 14;

export interface BuildRegistryOptions {
  /** How the registry is called; default: as before, else "plugins". */
  readonly name?: string;
  readonly nowMs: number;
  readonly validDays?: number;
  /** Number of the root statement in `roots.json`; default: 0, none. */
  readonly rootsSequence?: number;
  /** Beside those of the index before, which stay revoked. */
  readonly revoke?: { readonly keys?: readonly Revoked[]; readonly packages?: readonly Revoked[] };
}

/**
 * Writes `registry.json` of a folder: every `.kmpkg` directly in it, signed by `key`, numbered one higher than the one that is there.
 * @throws {KmError} not_trusted for a package that nobody could install
 */
export async function buildRegistryIndex(
  folder: string,
  key: SigningKey,
  options: BuildRegistryOptions,
): Promise<RegistryIndex> {
  const path = join(folder, "registry.json");
  const before = await readBefore(path);
  const packages = await readPackages(folder);
  const index: RegistryIndex = {
    name: options.name ?? before?.name ?? "plugins",
    key: key.publicKey,
    sequence: (before?.sequence ?? 0) + 1,
    rootsSequence: options.rootsSequence ?? before?.rootsSequence ?? 0,
    issued: timeText(options.nowMs),
    expires: timeText(options.nowMs + (options.validDays ?? DEFAULT_VALID_DAYS) * DAY_MS),
    publishers: publishersOf(packages),
    plugins: pluginsOf(packages),
    revokedKeys: [...before?.revokedKeys ?? [], ...options.revoke?.keys ?? []],
    revokedPackages: [...before?.revokedPackages ?? [], ...options.revoke?.packages ?? []],
  };
  await writeIndex(path, index, key);
  return index;
}

/** Signs an index as it is and puts it in its place. */
export async function writeIndex(path: string, index: RegistryIndex, key: SigningKey): Promise<void> {
  const text = indexText(index);
  // What nobody could read is not published.
  readIndex(text);
  const document = plainSigned(await signText("registry", text, [key]));
  await Deno.writeTextFile(`${path}.new`, `${JSON.stringify(document, null, 2)}\n`);
  await Deno.rename(`${path}.new`, path);
}

interface ListedPackage {
  readonly file: string;
  readonly sizeBytes: number;
  readonly opened: OpenedPackage;
}

async function readPackages(folder: string): Promise<readonly ListedPackage[]> {
  const names: string[] = [];
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (isFile && name.endsWith(".kmpkg")) names.push(name);
  }
  return await Promise.all(
    names.toSorted().map(async (file) => {
      const bytes = await readPackageFile(join(folder, file));
      const opened = openPackage(bytes);
      for (const { key } of opened.signatures) await verifyPackage(opened, key);
      if (opened.signatures.length === 0) {
        throw new KmError("not_trusted", `Cannot list "${file}": nobody signed it`, {
          hint: "km plugins sign",
        });
      }
      return { file, sizeBytes: bytes.length, opened };
    }),
  );
}

/** The keys that signed the newest release of each publisher. */
function publishersOf(packages: readonly ListedPackage[]): RegistryIndex["publishers"] {
  const newest = new Map<string, OpenedPackage>();
  for (const { opened } of packages) {
    const { releaseSequence } = opened.manifest;
    const publisher = [...newest.keys()].find((one) => isSamePublisher(one, opened.manifest.publisher)) ??
      opened.manifest.publisher;
    if (releaseSequence > (newest.get(publisher)?.manifest.releaseSequence ?? 0)) {
      newest.set(publisher, opened);
    }
  }
  return [...newest].flatMap(([publisher, { signatures }]) =>
    signatures.map(({ key }) => ({ publisher, key }))
  );
}

function pluginsOf(packages: readonly ListedPackage[]): readonly RegistryPlugin[] {
  const byName = Map.groupBy(packages, ({ opened }) => opened.manifest.name);
  return [...byName].map(([name, releases]) => {
    const newest = releases.toSorted((a, b) => sequenceOf(b) - sequenceOf(a))[0]?.opened.manifest;
    return {
      name,
      publisher: newest?.publisher ?? "",
      description: newest?.description ?? "",
      releases: releases.map(({ file, sizeBytes, opened: { manifest, manifestSha256 } }) => ({
        version: manifest.version,
        releaseSequence: manifest.releaseSequence,
        manifestSha256,
        file,
        sizeBytes,
      })),
    };
  });
}

function sequenceOf({ opened }: ListedPackage): number {
  return opened.manifest.releaseSequence;
}

async function readBefore(path: string): Promise<RegistryIndex | null> {
  try {
    return readIndex(readSigned(parseFile(await Deno.readFile(path))).signed);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    if (!(error instanceof ShapeError)) throw error;
    throw new KmError("not_trusted", `Cannot go on from "${path}": ${error.message}`, {
      hint: "its number must be known: put the last one that was published back",
      cause: error,
    });
  }
}

function timeText(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}
