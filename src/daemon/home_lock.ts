/**
 * One daemon per home, by a lock of the operating system on `$KM_HOME/daemon.lock`: it goes with the process, however that ends, so there
 * is no stale lock to judge. Child processes do not inherit it (the file is close-on-exec). The file stays: to remove it would let two
 * daemons lock two files of one name.
 * @module
 */
import { dirname } from "node:path";
import { KmError } from "../core/error.ts";
import { fileIdentity, identityOf } from "../store/database_file.ts";

/** Held until it is disposed of, or the process ends. */
export class HomeLock implements Disposable {
  readonly #path: string;
  readonly #file: Deno.FsFile;
  readonly #identity: string;

  private constructor(path: string, file: Deno.FsFile) {
    this.#path = path;
    this.#file = file;
    this.#identity = identityOf(file.statSync());
  }

  /** Takes the lock at `path`; null when another process has it. @throws {KmError} store_unavailable when the folder cannot be written */
  static take(path: string): HomeLock | null {
    const file = open(path);
    try {
      if (file.tryLockSync(true)) return new HomeLock(path, file);
    } catch (error) {
      file.close();
      throw cannotLock(path, error);
    }
    file.close();
    return null;
  }

  /** False when the file was removed or replaced, with the home or alone: then another daemon may have that home. */
  get isInPlace(): boolean {
    try {
      return fileIdentity(this.#path) === this.#identity;
    } catch {
      return true; // Nobody can look into the home: no sign that it is another one.
    }
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

function open(path: string): Deno.FsFile {
  try {
    Deno.mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    return Deno.openSync(path, { create: true, read: true, write: true, mode: 0o600 });
  } catch (error) {
    throw cannotLock(path, error);
  }
}

function cannotLock(path: string, error: unknown): KmError {
  const reason = error instanceof Error ? error.message : String(error);
  return new KmError("store_unavailable", `Cannot lock "${path}": ${reason}`, {
    hint: "check the permissions of the folder, or set KM_HOME to another one",
    cause: error,
  });
}
