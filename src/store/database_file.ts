/** The database's file and folder before SQLite sees them: owner, modes, version. Touches nothing that is not km's. @module */
import { dirname } from "node:path";
import { KmError } from "../core/error.ts";

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
/** @see https://sqlite.org/fileformat2.html#the_database_header */
const HEADER_BYTES = 100;
const MAGIC = "SQLite format 3\0";
const USER_VERSION_OFFSET = 60;
const APPLICATION_ID_OFFSET = 68;
/** Says in the header that a database is km's: "km" and a number. */
export const APPLICATION_ID = 0x6b6d_0001;

/** Makes the folder (0700), if it may, and an empty file (0600) where they are missing; SQLite gives -wal and -shm the file's mode. */
export function prepareFile(path: string, { makesFolder }: { readonly makesFolder: boolean }): void {
  const folder = dirname(path);
  try {
    if (makesFolder) Deno.mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
    checkOwner(folder, Deno.statSync(folder));
    narrow(folder, FOLDER_MODE);
    if (!inspectFile(path)) Deno.openSync(path, { createNew: true, write: true, mode: FILE_MODE }).close();
    else narrow(path, FILE_MODE);
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return; // another km was faster
    throw fileError(error, `Cannot make database "${path}"`);
  }
}

/** Checks that `path` is a plain file of this user. Returns false when there is none. */
export function inspectFile(path: string): boolean {
  const info = lstat(path);
  if (!info) return false;
  if (info.isSymlink) {
    throw new KmError("store_unavailable", `Cannot open database "${path}": it is a symbolic link`, {
      hint: "set KM_HOME to the folder that holds the real file",
    });
  }
  if (!info.isFile) {
    throw new KmError("store_unavailable", `Cannot open database "${path}": it is not a file`);
  }
  checkOwner(path, info);
  return true;
}

/** Tells one file at `path` from another that takes its place; null when there is none. */
export function fileIdentity(path: string): string | null {
  const info = lstat(path);
  return info && identityOf(info);
}

/** The same, of a file that is looked at already. */
export function identityOf({ dev, ino }: Deno.FileInfo): string {
  return `${dev} ${ino}`;
}

/**
 * Schema version in the file's header, read without SQLite so that nothing is created beside it; 0 for an empty file.
 * @throws {KmError} store_corrupt when it is another kind of file, or another program's database
 */
export function readHeaderVersion(path: string): number {
  const header = new Uint8Array(HEADER_BYTES);
  try {
    using file = Deno.openSync(path, { read: true });
    const read = file.readSync(header) ?? 0;
    if (read === 0) return 0;
    if (read < HEADER_BYTES || !new TextDecoder().decode(header).startsWith(MAGIC)) throw notDatabase(path);
  } catch (error) {
    throw fileError(error, `Cannot open database "${path}"`);
  }
  const view = new DataView(header.buffer);
  const version = view.getUint32(USER_VERSION_OFFSET);
  if (version > 0 && view.getUint32(APPLICATION_ID_OFFSET) !== APPLICATION_ID) throw otherTables(path);
  return version;
}

/** A sound database, but not one that this km can use. */
export function otherTables(path: string, cause?: unknown): KmError {
  return new KmError("store_corrupt", `Cannot use database "${path}": its tables are not those of this km`, {
    hint: "move it away, km makes a new one; or set KM_HOME to another folder",
    cause,
  });
}

function notDatabase(path: string): KmError {
  return new KmError("store_corrupt", `Cannot open database "${path}": the file is not a database`, {
    hint: "move it away; km makes a new one",
  });
}

function lstat(path: string): Deno.FileInfo | null {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return null;
    throw fileError(error, `Cannot open database "${path}"`);
  }
}

function checkOwner(path: string, info: Deno.FileInfo): void {
  const uid = Deno.uid();
  if (uid === null || info.uid === null || info.uid === uid) return;
  throw new KmError(
    "store_unavailable",
    `Cannot open database: "${path}" belongs to another user (uid ${info.uid})`,
    {
      hint: "run km as that user, or set KM_HOME to a folder of your own",
    },
  );
}

/** Takes away what others may do. A file system that has no modes is left as it is. */
function narrow(path: string, mode: number): void {
  const current = Deno.statSync(path).mode;
  if (current === null || (current & 0o077) === 0) return;
  try {
    Deno.chmodSync(path, mode);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotSupported)) throw error;
  }
}

function fileError(error: unknown, action: string): unknown {
  if (error instanceof KmError || !(error instanceof Error)) return error;
  const full = "code" in error && error.code === "ENOSPC";
  return new KmError(full ? "store_full" : "store_unavailable", `${action}: ${error.message}`, {
    hint: full ? "free some space" : "check the permissions of the folder, or set KM_HOME to another one",
    cause: error,
  });
}
