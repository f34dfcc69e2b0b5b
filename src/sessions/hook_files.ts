/**
 * Files to which agents' hooks append a line each. A file and not a request to the daemon: the child needs no token of ours, no port
 * and no program beyond its shell; who forges a line says something about their own session alone.
 * @module
 */

/** Longest line that counts, in bytes; and most that is read of a file at once. */
const MAX_LINE_BYTES = 64 * 1024;

interface HookFile {
  readonly number: number;
  readonly path: string;
  /** Bytes read so far. */
  offset: number;
  /** What is there of a line that has not ended. */
  rest: string;
}

export class HookFiles implements Disposable {
  readonly #onLine: (session: number, line: string) => void;
  readonly #files = new Map<string, HookFile>();
  readonly #watchers = new Map<string, Deno.FsWatcher>();

  constructor(onLine: (session: number, line: string) => void) {
    this.#onLine = onLine;
  }

  /** Reads the lines that are appended to `path`, an existing file, from now on. */
  add(session: number, path: string): void {
    this.#files.set(path, { number: session, path, offset: 0, rest: "" });
    const watcher = Deno.watchFs(path);
    this.#watchers.set(path, watcher);
    void this.#watch(path, watcher);
    this.#read(path);
  }

  remove(path: string): void {
    this.#watchers.get(path)?.close();
    this.#watchers.delete(path);
    this.#files.delete(path);
  }

  [Symbol.dispose](): void {
    for (const path of [...this.#files.keys()]) this.remove(path);
  }

  async #watch(path: string, watcher: Deno.FsWatcher): Promise<void> {
    for await (const _event of watcher) this.#read(path);
  }

  #read(path: string): void {
    const file = this.#files.get(path);
    if (!file) return;
    try {
      using reader = Deno.openSync(path);
      reader.seekSync(file.offset, Deno.SeekMode.Start);
      const buffer = new Uint8Array(MAX_LINE_BYTES);
      for (let count = reader.readSync(buffer); count !== null; count = reader.readSync(buffer)) {
        file.offset += count;
        this.#lines(file, new TextDecoder().decode(buffer.subarray(0, count)));
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error; // The agent removed it: then it says nothing more.
    }
  }

  #lines(file: HookFile, text: string): void {
    const lines = (file.rest + text).split("\n");
    const rest = lines.pop() ?? "";
    file.rest = rest.length > MAX_LINE_BYTES ? "" : rest;
    for (const line of lines) if (line !== "") this.#onLine(file.number, line);
  }
}
