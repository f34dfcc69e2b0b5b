/** Files that only the user may read: never followed through a link, never trusted when others can read them, never half written. @module */
import { KmError } from "../core/error.ts";
import { FileLock } from "./file_lock.ts";

const PRIVATE_MODE = 0o600;
const OTHERS = 0o077;
const OTHERS_WRITE = 0o022;
const STICKY = 0o1000;
const UNFINISHED = /\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tmp$/;

/** The text of a private file; null when there is none. @throws {KmError} store_unavailable when it is a link, not ours, or others can read it */
export function readPrivateFile(path: string): string | null {
  const bytes = readChecked(path, Infinity, checkPrivate);
  return bytes === null ? null : new TextDecoder().decode(bytes);
}

/**
 * The bytes of a file that only the user can have written, whoever may read it; null when there is none.
 * @throws {KmError} store_unavailable when it is a link, not ours, others can write it, or it is longer than `maxBytes`
 */
export function readOwnFile(path: string, maxBytes: number): Uint8Array<ArrayBuffer> | null {
  return readChecked(path, maxBytes, checkOwn);
}

function readChecked(
  path: string,
  maxBytes: number,
  check: (path: string, opened: Deno.FileInfo) => void,
): Uint8Array<ArrayBuffer> | null {
  try {
    const seen = Deno.lstatSync(path);
    if (!seen.isFile) {
      throw refuse(path, "it is a link or no plain file", `remove it: rm "${path}"`);
    }
    using file = Deno.openSync(path);
    const opened = file.statSync();
    // Whoever swaps the file between the look and the opening shows by its number.
    if (opened.ino !== seen.ino || opened.dev !== seen.dev) {
      throw refuse(path, "it changed while it was opened");
    }
    check(path, opened);
    if (opened.size > maxBytes) throw refuse(path, `it is longer than ${maxBytes} bytes`);
    return readAll(file, opened.size);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw asKmError(path, "read", error);
  }
}

/** What `parse` makes of a private file, asked as often as one likes: it is read again when another is in its place. What it throws, it throws. */
export function watchPrivateFile<T>(path: string, parse: (text: string | null) => T): () => T {
  let known: { readonly mark: string; readonly value: T } | undefined;
  return () => {
    const mark = markOf(path);
    if (known?.mark !== mark) known = { mark, value: parse(readPrivateFile(path)) };
    return known.value;
  };
}

/** Creates a private file with `text`. False: another one was there first, and stays. @throws {KmError} store_unavailable */
export function createPrivateFile(path: string, text: string): boolean {
  return withUnfinished(path, text, (unfinished) => {
    try {
      // A hard link is all there or not there, and never replaces what is there.
      Deno.linkSync(unfinished, path);
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.AlreadyExists) return false;
      throw error;
    }
  });
}

/** Puts a private file with `text` in the place of what is there: readers see the old one or the new one. @throws {KmError} store_unavailable */
export function replacePrivateFile(path: string, text: string): void {
  withUnfinished(path, text, (unfinished) => Deno.renameSync(unfinished, path));
}

/** Takes away what whoever was ended while he replaced `path` left beside it. To be called while nobody else writes it. */
export function removeUnfinished(path: string): void {
  const [folder, name] = [path.replace(/[\\/][^\\/]*$/, ""), path.replace(/^.*[\\/]/, "")];
  try {
    for (const entry of Deno.readDirSync(folder)) {
      if (entry.name.startsWith(`${name}.`) && UNFINISHED.test(entry.name)) {
        removeIfThere(`${folder}/${entry.name}`);
      }
    }
  } catch {
    // There is no such folder yet, or it may not be listed.
  }
}

/** Runs `change` while no other process does so for the same `path`. @throws {KmError} store_unavailable */
export async function withFileLock<T>(path: string, change: () => T | Promise<T>): Promise<T> {
  const lockPath = `${path}.lock`;
  let lock: FileLock;
  try {
    makeHome(lockPath);
    lock = await FileLock.take(lockPath);
  } catch (error) {
    throw asKmError(lockPath, "lock", error);
  }
  using _ = lock;
  return await change();
}

function withUnfinished<T>(path: string, text: string, finish: (unfinished: string) => T): T {
  const unfinished = `${path}.${crypto.randomUUID()}.tmp`;
  try {
    makeHome(path);
    using file = Deno.openSync(unfinished, { write: true, createNew: true, mode: PRIVATE_MODE });
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
    file.syncDataSync();
    return finish(unfinished);
  } catch (error) {
    throw asKmError(path, "write", error);
  } finally {
    removeIfThere(unfinished);
  }
}

/** Makes the folder of `path` for the user alone; one that others can write to cannot keep a secret. */
function makeHome(path: string): void {
  const home = path.replace(/[\\/][^\\/]*$/, "");
  Deno.mkdirSync(home, { recursive: true, mode: 0o700 });
  const { mode } = Deno.statSync(home);
  if (mode === null || Deno.build.os === "windows") return;
  if ((mode & OTHERS_WRITE) !== 0 && (mode & STICKY) === 0) {
    throw refuse(home, "other users can write to it", `close it: chmod 700 "${home}"`);
  }
}

/** Tells one state of the file from another; every change puts a new file in its place. */
function markOf(path: string): string {
  try {
    const { ino, size, mtime, ctime, mode, isSymlink } = Deno.lstatSync(path);
    return [ino, size, mtime?.getTime(), ctime?.getTime(), mode, isSymlink].join(" ");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "none";
    throw error;
  }
}

function checkOwn(path: string, { uid, mode }: Deno.FileInfo): void {
  if (Deno.build.os === "windows") return; // Its folder in the user's profile keeps others out.
  if (uid !== Deno.uid()) throw refuse(path, "it belongs to another user", `remove it: rm "${path}"`);
  if (((mode ?? 0) & OTHERS_WRITE) !== 0) {
    throw refuse(
      path,
      "other users can write it",
      `somebody may have changed it: look at it, then chmod go-w "${path}"`,
    );
  }
}

function checkPrivate(path: string, opened: Deno.FileInfo): void {
  if (Deno.build.os === "windows") return;
  if (opened.uid !== Deno.uid()) throw refuse(path, "it belongs to another user", `remove it: rm "${path}"`);
  if (((opened.mode ?? 0) & OTHERS) !== 0) {
    throw refuse(path, "other users can read it", `remove it, its secret may be known: rm "${path}"`);
  }
}

function readAll(file: Deno.FsFile, sizeBytes: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(sizeBytes);
  let at = 0;
  while (at < sizeBytes) {
    const count = file.readSync(bytes.subarray(at));
    if (count === null) break;
    at += count;
  }
  return bytes.subarray(0, at);
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // It was renamed, or never made.
  }
}

function refuse(path: string, reason: string, hint?: string): KmError {
  return new KmError(
    "store_unavailable",
    `Cannot use "${path}": ${reason}`,
    hint === undefined ? {} : { hint },
  );
}

function asKmError(path: string, verb: string, error: unknown): unknown {
  if (error instanceof KmError || !(error instanceof Error)) return error;
  return new KmError("store_unavailable", `Cannot ${verb} "${path}": ${error.message}`, { cause: error });
}
