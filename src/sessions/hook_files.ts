/**
 * Files to which agents' hooks append a line each. A file and not a request to the daemon: the child needs no token of ours, no port
 * and no program beyond its shell; who forges a line says something about their own session alone.
 * @module
 */
import { LineSplitter } from "./tasks/line_splitter.ts";

/** Longest line that counts, in bytes; and most that is read of a file at once. */
const MAX_LINE_BYTES = 64 * 1024;
/** Most that is heard at one change of a file, in bytes: what is more is heard at the next. */
const MAX_READ_BYTES = 1024 * 1024;

interface HookFile {
  readonly number: number;
  readonly path: string;
  readonly watcher: Deno.FsWatcher;
  readonly lines: LineSplitter;
  /** Bytes read so far. */
  offset: number;
}

/** No file can do harm to whoever listens: one that cannot be heard is told of, and that is all. */
export class HookFiles implements Disposable {
  readonly #onLine: (session: number, line: string) => void;
  readonly #onTrouble: (text: string) => void;
  readonly #files = new Map<string, HookFile>();
  readonly #buffer = new Uint8Array(MAX_LINE_BYTES);

  constructor(onLine: (session: number, line: string) => void, onTrouble: (text: string) => void) {
    this.#onLine = onLine;
    this.#onTrouble = onTrouble;
  }

  /** Reads the lines that are appended to `path`, an existing file, and those in it; `onlyNew`: not those, for they were heard before. */
  add(number: number, path: string, { onlyNew = false } = {}): void {
    try {
      const { size } = fileAt(path);
      const offset = onlyNew ? size : 0;
      const watcher = Deno.watchFs(path);
      const file = { number, path, watcher, lines: new LineSplitter(MAX_LINE_BYTES), offset };
      this.#files.set(path, file);
      this.#watch(file).catch((error) => this.#lost(file, error));
      this.#read(file);
    } catch (error) {
      this.#lost({ number, path }, error);
    }
  }

  remove(path: string): void {
    this.#files.get(path)?.watcher.close();
    this.#files.delete(path);
  }

  [Symbol.dispose](): void {
    for (const path of [...this.#files.keys()]) this.remove(path);
  }

  #lost({ number, path }: Pick<HookFile, "number" | "path">, error: unknown): void {
    this.remove(path);
    const reason = error instanceof Error ? error.message : String(error);
    this.#onTrouble(`the hooks of session ${number} are not heard: ${reason}`);
  }

  async #watch(file: HookFile): Promise<void> {
    for await (const _event of file.watcher) {
      if (this.#files.get(file.path) === file) this.#read(file);
    }
  }

  #read(file: HookFile): void {
    try {
      fileAt(file.path);
      using reader = Deno.openSync(file.path);
      reader.seekSync(file.offset, Deno.SeekMode.Start);
      const endOffset = file.offset + MAX_READ_BYTES;
      for (let count; file.offset < endOffset && (count = reader.readSync(this.#buffer)) !== null;) {
        file.offset += count;
        for (const { text, leftOut } of file.lines.push(this.#buffer.subarray(0, count))) {
          if (text !== "" && leftOut === 0) this.#onLine(file.number, text);
        }
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error; // The agent removed it: then it says nothing more.
    }
  }
}

/** What stands there is the agent's to choose: a device, a pipe or a folder would hold up everybody, or never end. */
function fileAt(path: string): Deno.FileInfo {
  const info = Deno.lstatSync(path);
  if (!info.isFile) throw new Error("there is no file of km any more");
  return info;
}
