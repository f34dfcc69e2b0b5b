/**
 * km's own copy of Deno: `<folder>/deno-<version>-<target>/deno`, believed by its hash alone and put there whole or not at all.
 *
 * `folder` is `$KM_HOME/runtime`. Who installs holds its lock, so that of two at once one works and the other finds it done; what a killed one
 * left half written is removed by the next.
 * @module
 */
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { isDiskFull } from "../core/disk_full.ts";
import { KmError } from "../core/error.ts";
import { FileLock } from "./file_lock.ts";

const PRIVATE_MODE = 0o700;
const OTHERS = 0o077;
/** Files being written: `.deno.<uuid>`. */
const UNFINISHED = /^\.deno\.[0-9a-f-]{36}$/;

/** One version for one system. */
export interface DenoCopy {
  /** `$KM_HOME/runtime`. */
  readonly folder: string;
  readonly version: string;
  /** Target triple. */
  readonly target: string;
  /** Of the executable, in hex. */
  readonly sha256: string;
}

/** Where the copy lies, if there is one. */
export function copyPath({ folder, version, target }: DenoCopy): string {
  const name = target.includes("windows") ? "deno.exe" : "deno";
  return join(folder, `deno-${version}-${target}`, name);
}

/** What was found at a copy's path; `broken` is never executed. */
export type CopyState =
  | { readonly kind: "sound" }
  | { readonly kind: "none" }
  | { readonly kind: "broken"; readonly reason: string };

/** Files found sound by this process, by path. A file that was changed or replaced since has another mark. */
const sound = new Map<string, string>();
/** A change so shortly after another may leave no other mark, in ms: file systems tell times by a clock that ticks (Linux: each 4 ms, FAT: 2 s). */
const TICK_MS = 2000;

/**
 * Looks whether the copy is what was pinned. The first look of a process reads all of it (80 ms for 96 MB, 2026-11-21), later ones its mark
 * only: who could change the file behind an unchanged mark in a folder that is closed to others is the user.
 */
export async function checkCopy(copy: DenoCopy): Promise<CopyState> {
  const path = copyPath(copy);
  try {
    const seen = await Deno.lstat(path);
    if (!seen.isFile) return { kind: "broken", reason: `${path} is no plain file` };
    for (const folder of [copy.folder, dirname(path)]) {
      const open = await openness(folder);
      if (open !== null) return { kind: "broken", reason: `${folder} ${open}` };
    }
    const mark = `${copy.sha256} ${markOf(seen)}`;
    if (sound.get(path) === mark) return { kind: "sound" };
    if (await hashFile(path) !== copy.sha256) {
      return { kind: "broken", reason: `${path} is not the Deno that km was built with` };
    }
    if (Date.now() - (seen.ctime ?? seen.mtime ?? new Date()).getTime() > TICK_MS) sound.set(path, mark);
    return { kind: "sound" };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return { kind: "none" };
    }
    return { kind: "broken", reason: `${path} cannot be read: ${(error as Error).message}` };
  }
}

/**
 * Puts the copy there from what `open` gives, and returns its path; what is there already and sound stays.
 * @throws {KmError} not_trusted when the bytes are not the pinned ones; store_full; store_unavailable; what `open` and its stream throw
 */
export async function installCopy(
  copy: DenoCopy,
  open: () => Promise<ReadableStream<Uint8Array<ArrayBuffer>>>,
): Promise<string> {
  const path = copyPath(copy);
  const home = dirname(path);
  using _ = await lockFolder(copy.folder, home);
  if ((await checkCopy(copy)).kind === "sound") return path;
  await closeToOthers(copy.folder, home);
  await removeUnfinished(home);
  const unfinished = join(home, `.deno.${crypto.randomUUID()}`);
  try {
    const hash = await writeFile(unfinished, await open());
    if (hash !== copy.sha256) throw notTrusted(copy);
    await Deno.rename(unfinished, path);
    return path;
  } catch (error) {
    throw asKmError(path, error);
  } finally {
    await Deno.remove(unfinished).catch(() => {}); // It was renamed, or never made.
  }
}

/** What killed installations left in `folder`, as paths; while another installs there, nothing is. */
export async function findUnfinished(folder: string): Promise<string[]> {
  const homes = (await names(folder)).filter((name) => name.startsWith("deno-")).map((name) =>
    join(folder, name)
  );
  const found = await Promise.all(
    homes.map(async (home) =>
      (await names(home)).filter((name) => UNFINISHED.test(name)).map((name) => join(home, name))
    ),
  );
  const paths = found.flat();
  if (paths.length === 0) return [];
  using lock = FileLock.tryTake(lockPath(folder));
  return lock === null ? [] : paths;
}

async function lockFolder(folder: string, home: string): Promise<FileLock> {
  try {
    await Deno.mkdir(home, { recursive: true, mode: PRIVATE_MODE });
    return await FileLock.take(lockPath(folder));
  } catch (error) {
    throw asKmError(home, error);
  }
}

function lockPath(folder: string): string {
  return join(folder, "lock");
}

/** They were made for km, and hold nothing else: closing them is no harm. */
async function closeToOthers(...folders: readonly string[]): Promise<void> {
  if (Deno.build.os === "windows") return;
  for (const folder of folders) {
    const open = await openness(folder);
    if (open === null) continue;
    if (open !== OPEN) throw new KmError("store_unavailable", `Cannot use "${folder}": it ${open}`);
    await Deno.chmod(folder, PRIVATE_MODE);
  }
}

async function removeUnfinished(home: string): Promise<void> {
  for (const name of await names(home)) {
    if (UNFINISHED.test(name)) await Deno.remove(join(home, name)).catch(() => {}); // Goes the next time.
  }
}

const OPEN = "is open to other users";

/** Why what lies in `folder` may be somebody else's; null when it is the user's alone. */
async function openness(folder: string): Promise<string | null> {
  const { isDirectory, uid, mode } = await Deno.lstat(folder);
  if (!isDirectory) return "is a link or no folder";
  if (Deno.build.os === "windows") return null; // The user's profile keeps others out.
  if (uid !== Deno.uid()) return "belongs to another user";
  return ((mode ?? 0) & OTHERS) === 0 ? null : OPEN;
}

/** Writes all of `stream` to a new executable file; returns its SHA-256 in hex. */
async function writeFile(path: string, stream: ReadableStream<Uint8Array>): Promise<string> {
  const hash = createHash("sha256");
  using file = await Deno.open(path, { write: true, createNew: true, mode: 0o755 });
  for await (const chunk of stream) {
    hash.update(chunk);
    for (let at = 0; at < chunk.length;) at += await file.write(chunk.subarray(at));
  }
  await file.syncData();
  return hash.digest("hex");
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  using file = await Deno.open(path);
  const buffer = new Uint8Array(1024 * 1024);
  for (;;) {
    const count = await file.read(buffer);
    if (count === null) return hash.digest("hex");
    hash.update(buffer.subarray(0, count));
  }
}

function markOf({ dev, ino, size, mtime, ctime, mode }: Deno.FileInfo): string {
  return [dev, ino, size, mtime?.getTime(), ctime?.getTime(), mode].join(" ");
}

async function names(folder: string): Promise<string[]> {
  try {
    return await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  } catch {
    return []; // There is none.
  }
}

function notTrusted({ version, target }: DenoCopy): KmError {
  return new KmError(
    "not_trusted",
    `Cannot use Deno ${version} for ${target}: its executable has another SHA-256`,
    {
      hint: "nothing was installed; try again, and if it stays so, do not use where it comes from",
    },
  );
}

function asKmError(path: string, error: unknown): unknown {
  if (error instanceof KmError || !(error instanceof Error) || error.name === "AbortError") return error;
  if (isDiskFull(error)) {
    return new KmError("store_full", `Cannot write "${path}": no space left on device`, {
      hint: "Deno takes about 100 MB there: free some space",
      cause: error,
    });
  }
  return new KmError("store_unavailable", `Cannot write "${path}": ${error.message}`, { cause: error });
}
