/**
 * Installed packages: `<installed>/<name>/<version>-<hash>/`, files 0444 in a folder 0700, put there by one rename. What runs is what was
 * signed: every byte is proven again before each launch, and is handed on from memory, so that nothing can change in between.
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { KmError } from "../../core/error.ts";
import { readOwnFile } from "../../proc/private_file.ts";
import type { PluginPaths } from "../paths.ts";
import { type ArchiveFiles, ENTRY_NAMES, type EntryName } from "../package/archive.ts";
import { type OpenedPackage, openFiles, verifyPackage } from "../package/package.ts";
import type { PublisherKey } from "../package/signature.ts";
import { readPluginsLock } from "./lock_file.ts";
import type { InstalledPackage } from "./plugins_lock.ts";
import { isSamePublisher } from "./publisher_name.ts";
import { readTrust, refuseRevoked } from "./revocations.ts";
import { BUILT_IN_ROOTS, type RootKeys } from "./roots.ts";

/** No file of a package is larger: a package is at most 8 MiB. */
const MAX_FILE_BYTES = 8 * 1024 * 1024;
const HASH_CHARS = 12;

/** A package whose files are what was installed. */
export interface LoadedPlugin extends OpenedPackage {
  /** Whose signature was checked. */
  readonly key: PublisherKey;
}

/** What `loadInstalled` needs to know of a plugin, or of an update that waits. */
export type NamedPackage = InstalledPackage & { readonly name: string };

/** Where the files of an installed package lie. */
export function installedFolder(
  { installed }: Pick<PluginPaths, "installed">,
  { name, version, manifestSha256 }: Pick<NamedPackage, "name" | "version" | "manifestSha256">,
): string {
  return join(installed, name, `${version}-${manifestSha256.slice(0, HASH_CHARS)}`);
}

/**
 * Reads an installed package and proves it: no link, nobody else's file, the hashes of plugins.lock, the manifest's hashes, the signature of the
 * pinned key, and that neither was revoked.
 * @throws {KmError} not_trusted when anything of it is not what was installed; plugin_failed when it is not there
 */
export async function loadInstalled(
  paths: PluginPaths,
  plugin: NamedPackage,
  roots: RootKeys = BUILT_IN_ROOTS,
): Promise<LoadedPlugin> {
  const folder = installedFolder(paths, plugin);
  refuseFolder(paths, plugin, folder);
  const opened = openFiles(readFiles(plugin, folder));
  const { manifest, manifestSha256 } = opened;
  if (manifestSha256 !== plugin.manifestSha256) {
    throw distrust(plugin, "its manifest is not the one that was installed");
  }
  if (manifest.name !== plugin.name || manifest.version !== plugin.version) {
    throw distrust(plugin, `its manifest is of "${manifest.name}" ${manifest.version}`);
  }
  const pinned = readPluginsLock(paths).publishers.find(({ publisher, key }) =>
    key.id === plugin.keyId && isSamePublisher(publisher, manifest.publisher)
  );
  if (pinned === undefined) {
    throw distrust(plugin, `plugins.lock has no key ${plugin.keyId} of "${manifest.publisher}"`);
  }
  await verifyPackage(opened, pinned.key);
  const revoked = (await readTrust(paths, roots)).whyRevoked(pinned.key.id, manifestSha256);
  if (revoked !== null) throw refuseRevoked(`plugin "${plugin.name}"`, revoked);
  return { ...opened, key: pinned.key };
}

/** Lower-case hex. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function readFiles(plugin: NamedPackage, folder: string): ArchiveFiles {
  const files = new Map<EntryName, Uint8Array<ArrayBuffer>>();
  for (const name of ENTRY_NAMES) {
    const entry = plugin.files[name];
    if (entry === undefined) continue;
    const { sha256, sizeBytes } = entry;
    const bytes = readFile(plugin, join(folder, name));
    if (bytes.length !== sizeBytes || sha256Of(bytes) !== sha256) {
      throw distrust(plugin, `"${name}" was changed after it was installed`);
    }
    files.set(name, bytes);
  }
  return files;
}

function readFile(plugin: NamedPackage, path: string): Uint8Array<ArrayBuffer> {
  let bytes: Uint8Array<ArrayBuffer> | null;
  try {
    bytes = readOwnFile(path, MAX_FILE_BYTES);
  } catch (error) {
    throw error instanceof KmError && error.cause === undefined
      ? distrust(plugin, error.message, error)
      : error;
  }
  if (bytes === null) throw missing(plugin, path);
  return bytes;
}

/** From the home down to the package's folder: folders of the user's own, and no link. */
function refuseFolder({ folder: top, installed }: PluginPaths, plugin: NamedPackage, folder: string): void {
  for (const path of [top, installed, join(installed, plugin.name), folder]) {
    const info = lookAt(path);
    if (info === null) throw missing(plugin, path);
    const state = whyNotOurs(info);
    if (state !== null) throw distrust(plugin, `"${path}" ${state}`);
  }
}

function whyNotOurs({ isDirectory, uid, mode }: Deno.FileInfo): string | null {
  if (!isDirectory) return "is a link or no folder";
  if (Deno.build.os === "windows") return null;
  if (uid !== Deno.uid()) return "belongs to another user";
  return ((mode ?? 0) & 0o022) === 0 ? null : "can be written by other users";
}

function lookAt(path: string): Deno.FileInfo | null {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

function distrust({ name }: NamedPackage, state: string, cause?: unknown): KmError {
  return new KmError("not_trusted", `Cannot run plugin "${name}": ${state}`, {
    hint: `somebody or something changed it: "km plugins remove ${name}", then install it again`,
    ...(cause !== undefined && { cause }),
  });
}

function missing({ name }: NamedPackage, path: string): KmError {
  return new KmError("plugin_failed", `Cannot run plugin "${name}": "${path}" is missing`, {
    hint: `"km plugins remove ${name}", then install it again`,
  });
}
