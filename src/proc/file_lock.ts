/**
 * One at a time, by a lock of the operating system on a file: it goes with the process, however that ends, so there is no stale lock to
 * judge. Child processes do not inherit it (the file is close-on-exec).
 * @module
 */

/** How a lock is taken. */
export interface LockOptions {
  /**
   * The file goes with the lock, in folders that a user looks into. On Windows it stays: nobody could tell there that the file which he
   * locked is not at its path any more.
   */
  readonly remove?: boolean;
}

/** How often it is tried again when others take the lock and remove the file all the time. */
const ATTEMPTS = 20;
/** How often it is looked for while waiting has an end, in ms. */
const TURN_MS = 10;
const WINDOWS = Deno.build.os === "windows";

/** Held until it is disposed of, or the process ends. */
export class FileLock implements Disposable {
  readonly #path: string;
  readonly #file: Deno.FsFile;
  readonly #removes: boolean;

  private constructor(path: string, file: Deno.FsFile, { remove = false }: LockOptions) {
    this.#path = path;
    this.#file = file;
    this.#removes = remove && !WINDOWS;
  }

  /** Null when another process has it. @throws what the system says when `path` cannot be written */
  static tryTake(path: string, options: LockOptions = {}): FileLock | null {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const file = open(path);
      try {
        if (!file.tryLockSync(true)) return close(file);
        if (isAt(path, file)) return new FileLock(path, file, options);
      } catch (error) {
        close(file);
        throw error;
      }
      close(file); // Whoever had it removed it between our opening and our locking.
    }
    return null;
  }

  /** Waits for it. @throws as `tryTake` */
  static async take(path: string, options: LockOptions = {}): Promise<FileLock> {
    for (;;) {
      const file = open(path);
      try {
        await file.lock(true);
        if (isAt(path, file)) return new FileLock(path, file, options);
      } catch (error) {
        close(file);
        throw error;
      }
      close(file);
    }
  }

  /** Waits for it as long as `patienceMs`; null when another process had it all the time. @throws as `tryTake` */
  static async takeWithin(
    path: string,
    patienceMs: number,
    options: LockOptions = {},
  ): Promise<FileLock | null> {
    const end = performance.now() + patienceMs;
    for (;;) {
      const lock = FileLock.tryTake(path, options);
      if (lock !== null || performance.now() >= end) return lock;
      await new Promise((resolve) => setTimeout(resolve, TURN_MS));
    }
  }

  [Symbol.dispose](): void {
    try {
      // While it is still held: who waits for this very file sees that it is not at its place any more.
      if (this.#removes) Deno.removeSync(this.#path);
    } catch {
      // Its folder was removed.
    }
    this.#file.close();
  }
}

function open(path: string): Deno.FsFile {
  return Deno.openSync(path, { create: true, read: true, write: true, mode: 0o600 });
}

function close(file: Deno.FsFile): null {
  file.close();
  return null;
}

function isAt(path: string, file: Deno.FsFile): boolean {
  if (WINDOWS) return true; // Nobody removes it there.
  try {
    const [there, here] = [Deno.statSync(path), file.statSync()];
    return there.ino === here.ino && there.dev === here.dev;
  } catch {
    return false;
  }
}
