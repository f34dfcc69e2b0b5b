/**
 * The bootstrap as a file, which Deno needs for its main module: `runtime/boot-<sha256>.js`. It is looked at before each launch, and what is not
 * exactly it is replaced. Who can change it between the look and the launch is the user: the folder is closed to others.
 * @module
 */
import { join } from "node:path";
import { KmError } from "../../core/error.ts";

const WINDOWS = Deno.build.os === "windows";
const OTHERS = 0o077;
const WRITABLE = 0o222;

/** Puts `code` into `runtime` unless it is there, and returns its path. @throws {KmError} not_trusted, store_unavailable */
export async function placeBootstrap(runtime: string, code: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", code)).toHex();
  const path = join(runtime, `boot-${hash}.js`);
  try {
    await Deno.mkdir(runtime, { recursive: true, mode: 0o700 });
    await closeFolder(runtime);
    if (await isExactly(path, code)) return path;
    await replace(path, code);
  } catch (cause) {
    if (cause instanceof KmError) throw cause;
    throw new KmError("store_unavailable", `Cannot write "${path}": ${(cause as Error).message}`, { cause });
  }
  if (await isExactly(path, code)) return path;
  throw new KmError("not_trusted", `Cannot use "${path}": it is not what km has just written`, {
    hint: "another program changes it; no plugin is started",
  });
}

/** Whoever could write to the folder could change the file in it. */
async function closeFolder(folder: string): Promise<void> {
  const { isDirectory, uid, mode } = await Deno.lstat(folder);
  const refuse = (why: string) =>
    new KmError("not_trusted", `Cannot run plugins from "${folder}": it ${why}`, {
      hint: "move it away; km makes a new one",
    });
  if (!isDirectory) throw refuse("is a link or no folder");
  if (WINDOWS) return; // The user's profile keeps others out.
  if (uid !== Deno.uid()) throw refuse("belongs to another user");
  if (((mode ?? 0) & OTHERS) !== 0) await Deno.chmod(folder, 0o700);
}

/** A plain file of the user's, with one name, that nobody may write to, with these bytes. */
async function isExactly(path: string, code: Uint8Array): Promise<boolean> {
  try {
    const { isFile, uid, mode, nlink, size } = await Deno.lstat(path);
    if (!isFile || size !== code.length) return false;
    if (!WINDOWS && (uid !== Deno.uid() || nlink !== 1 || ((mode ?? 0) & WRITABLE) !== 0)) return false;
    const found = await Deno.readFile(path);
    return found.length === code.length && found.every((byte, i) => byte === code[i]);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Whole or not at all; a link at `path` is replaced, never followed. */
async function replace(path: string, code: Uint8Array<ArrayBuffer>): Promise<void> {
  const unfinished = `${path}.${crypto.randomUUID()}`;
  try {
    await Deno.writeFile(unfinished, code, { createNew: true, mode: 0o444 });
    if (WINDOWS) await Deno.remove(path).catch(() => {}); // Windows renames over nothing that is read-only.
    await Deno.rename(unfinished, path);
  } finally {
    await Deno.remove(unfinished).catch(() => {}); // It was renamed.
  }
}
