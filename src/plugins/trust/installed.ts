/**
 * Installed packages: `<installed>/<name>/<version>-<hash>/`, files 0444 in a folder 0555, put there by one rename. What runs is what was
 * signed: every byte is proven again before each launch, and is handed on from memory, so that nothing can change in between.
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { KmError } from "../../core/error.ts";
import { readOwnFile } from "../../proc/private_file.ts";
import type { Manifest } from "../manifest.ts";
import type { PluginPaths } from "../paths.ts";
import { parseManifest } from "../package/read_manifest.ts";
import type { InstalledPackage } from "./plugins_lock.ts";

/** No file of a package is larger: a package is at most 8 MiB. */
const MAX_FILE_BYTES = 8 * 1024 * 1024;
const HASH_CHARS = 12;

/** A package whose files are what was installed. */
export interface LoadedPlugin {
  readonly manifest: Manifest;
  /** Of plugin.js. */
  readonly code: Uint8Array<ArrayBuffer>;
  /** Every file by name. */
  readonly files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
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
 * Reads an installed package and proves it: no link, nobody else's file, the hashes of plugins.lock, the manifest's hashes, the signature.
 * @throws {KmError} not_trusted when anything of it is not what was installed; plugin_failed when it is not there
 */
export async function loadInstalled(paths: PluginPaths, plugin: NamedPackage): Promise<LoadedPlugin> {
  const folder = installedFolder(paths, plugin);
  refuseFolder(paths, plugin, folder);
  const files = readFiles(plugin, folder);
  const manifestBytes = fileOf(files, plugin, "manifest.json");
  const manifest = parseManifest(manifestBytes);
  if (manifest.name !== plugin.name || manifest.version !== plugin.version) {
    throw distrust(plugin, `its manifest is of "${manifest.name}" ${manifest.version}`);
  }
  for (const [name, { sha256 }] of Object.entries(manifest.files)) {
    if (plugin.files[name]?.sha256 !== sha256) {
      throw distrust(plugin, `"${name}" is not what its manifest says`);
    }
  }
  return await Promise.resolve({ manifest, code: fileOf(files, plugin, "plugin.js"), files });
}

/** Lower-case hex. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function readFiles(plugin: NamedPackage, folder: string): Map<string, Uint8Array<ArrayBuffer>> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const [name, { sha256, sizeBytes }] of Object.entries(plugin.files)) {
    const bytes = readFile(plugin, join(folder, name));
    if (bytes.length !== sizeBytes || sha256Of(bytes) !== sha256) {
      throw distrust(plugin, `"${name}" was changed after it was installed`);
    }
    files.set(name, bytes);
  }
  if (sha256Of(fileOf(files, plugin, "manifest.json")) !== plugin.manifestSha256) {
    throw distrust(plugin, "its manifest is not the one that was installed");
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

function fileOf(
  files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
  plugin: NamedPackage,
  name: string,
): Uint8Array<ArrayBuffer> {
  const bytes = files.get(name);
  if (bytes === undefined) throw distrust(plugin, `plugins.lock names no "${name}" of it`);
  return bytes;
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
