/**
 * One at a time, by a lock of the operating system on a file that is there only while it is held. A process that was killed leaves an empty
 * file, which is no lock: the next one takes it.
 * @module
 */

/** Attempts, when others take the lock and remove the file all the time. */
const ATTEMPTS = 20;

/** Held until it is disposed of, or the process ends. */
export class FileLock implements Disposable {
  readonly #path: string;
  readonly #file: Deno.FsFile;

  private constructor(path: string, file: Deno.FsFile) {
    this.#path = path;
    this.#file = file;
  }

  /** Null when another process has it. @throws what the system says when `path` cannot be written */
  static tryTake(path: string): FileLock | null {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const file = Deno.openSync(path, { create: true, read: true, write: true, mode: 0o600 });
      try {
        if (!file.tryLockSync(true)) return close(file);
        if (isAt(path, file)) return new FileLock(path, file);
      } catch (error) {
        close(file);
        throw error;
      }
      // Whoever had it removed it between our opening and our locking.
      close(file);
    }
    return null;
  }

  [Symbol.dispose](): void {
    try {
      // While it is still held: who waits for this very file sees that it is not at its place any more.
      Deno.removeSync(this.#path);
    } catch {
      // Its folder was removed; or Windows, where it stays.
    }
    this.#file.close();
  }
}

function close(file: Deno.FsFile): null {
  file.close();
  return null;
}

function isAt(path: string, file: Deno.FsFile): boolean {
  if (Deno.build.os === "windows") return true;
  try {
    const [there, here] = [Deno.statSync(path), file.statSync()];
    return there.ino === here.ino && there.dev === here.dev;
  } catch {
    return false;
  }
}
