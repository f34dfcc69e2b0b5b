/**
 * Puts packages into `PluginPaths.installed`, and takes away what no plugin has any more. Whatever ends km in between, a folder under its own name is
 * whole; what was begun lies under another one and is taken away at the next change. Files may not be written (0444); their folder is the user's own
 * (0700) and not closed as well, because then `rm -rf ~/.km` could not remove it. To be called while `whileAlone` holds.
 * @module
 */
import { dirname, join } from "node:path";
import type { PluginPaths } from "../paths.ts";
import type { EntryName } from "../package/archive.ts";
import type { OpenedPackage } from "../package/package.ts";
import type { FileEntry } from "../manifest.ts";
import { installedFolder, type NamedPackage, sha256Of } from "./installed.ts";
import { readPluginsLock } from "./lock_file.ts";
import type { PluginsLock } from "./plugins_lock.ts";

const UNFINISHED = /^\.[0-9a-f-]{36}\.tmp$/;

/** The files of a package by name. */
export function filesOf(opened: OpenedPackage): ReadonlyMap<EntryName, Uint8Array<ArrayBuffer>> {
  const files: readonly (readonly [EntryName, Uint8Array<ArrayBuffer> | null])[] = [
    ["manifest.json", opened.manifestBytes],
    ["plugin.js", opened.code],
    ["README.md", opened.readme],
    ["LICENSE", opened.license],
    ["signatures.json", opened.signaturesBytes],
  ];
  const there = new Map<EntryName, Uint8Array<ArrayBuffer>>();
  for (const [name, bytes] of files) if (bytes !== null) there.set(name, bytes);
  return there;
}

/** What plugins.lock says of them. */
export function entriesOf(opened: OpenedPackage): Readonly<Record<string, FileEntry>> {
  return Object.fromEntries(
    [...filesOf(opened)].map(([name, bytes]) => [name, { sha256: sha256Of(bytes), sizeBytes: bytes.length }]),
  );
}

/** Puts the files of a package in their place; what lies there already is replaced. */
export function writeInstalled(paths: PluginPaths, plugin: NamedPackage, opened: OpenedPackage): void {
  const folder = installedFolder(paths, plugin);
  const parent = dirname(folder);
  Deno.mkdirSync(parent, { recursive: true, mode: 0o700 });
  const unfinished = join(parent, `.${crypto.randomUUID()}.tmp`);
  try {
    Deno.mkdirSync(unfinished, { mode: 0o700 });
    for (const [name, bytes] of filesOf(opened)) writeFile(join(unfinished, name), bytes);
    flushFolder(unfinished);
    removeFolder(folder);
    Deno.renameSync(unfinished, folder);
    flushFolder(parent);
  } finally {
    removeFolder(unfinished);
  }
}

/** Takes away folders that plugins.lock does not name. What cannot be removed stays for the next time. */
export function removeUnused(paths: PluginPaths): void {
  tryTo(() => removeUnnamed(paths, readPluginsLock(paths)));
}

function removeUnnamed(paths: PluginPaths, { plugins }: PluginsLock): void {
  const used = new Set(
    plugins.flatMap((
      plugin,
    ) => [plugin, ...(plugin.waiting === null ? [] : [{ ...plugin.waiting, name: plugin.name }])])
      .map((plugin) => installedFolder(paths, plugin)),
  );
  for (const name of namesIn(paths.installed)) {
    const parent = join(paths.installed, name);
    for (const version of namesIn(parent)) {
      const folder = join(parent, version);
      if (UNFINISHED.test(version) || !used.has(folder)) tryTo(() => removeFolder(folder));
    }
    if (!plugins.some((plugin) => plugin.name === name)) tryTo(() => Deno.removeSync(parent));
  }
}

function writeFile(path: string, bytes: Uint8Array<ArrayBuffer>): void {
  using file = Deno.openSync(path, { write: true, createNew: true, mode: 0o600 });
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
  if (Deno.build.os !== "windows") Deno.chmodSync(path, 0o444);
  file.syncSync();
}

/** That a name is there is told to the disk by its folder. */
function flushFolder(path: string): void {
  tryTo(() => {
    using folder = Deno.openSync(path);
    folder.syncSync();
  }); // Windows opens no folders.
}

function removeFolder(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch {
    return []; // Not there yet, or no folder.
  }
}

function tryTo(work: () => void): void {
  try {
    work();
  } catch {
    // The next change tries again.
  }
}
