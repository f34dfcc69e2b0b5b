/** `state/<name>.json`: what a plugin keeps between its runs; at most 1 MiB, all in all. @module */
import { replacePrivateFile } from "../../proc/private_file.ts";
import { SYSTEM_TIMERS, type Timers } from "./timers.ts";

/** Most that the values and keys of one plugin may have together, in UTF-16 units of JSON text. */
export const MAX_STATE_CHARS: number = 1024 * 1024;
const MAX_KEY_CHARS = 256;
/** Between two writes, so that a plugin that changes its mind with each message costs no disk. */
const WRITE_MS = 250;

export class StateFile {
  readonly #path: string;
  readonly #timers: Timers;
  readonly #onProblem: (problem: string) => void;
  #values: Map<string, string>;
  #chars: number;
  #timer: unknown = null;
  #isDirty = false;

  /** Reads what is there. A file that cannot be read counts as empty, and `onProblem` is told. */
  constructor(path: string, onProblem: (problem: string) => void, timers: Timers = SYSTEM_TIMERS) {
    this.#path = path;
    this.#onProblem = onProblem;
    this.#timers = timers;
    this.#values = this.#read();
    this.#chars = [...this.#values].reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  }

  /** Keys, and values as JSON text. */
  entries(): [string, string][] {
    return [...this.#values];
  }

  /** Keeps `valueJson` under `key`; empty text removes it. Returns why it was refused, null when it was not. */
  set(key: string, valueJson: string): string | null {
    if (key === "" || key.length > MAX_KEY_CHARS) return `a key has 1 to ${MAX_KEY_CHARS} characters`;
    if (valueJson !== "" && !isJson(valueJson)) return `the value of "${key.slice(0, 40)}" is no JSON`;
    const old = this.#values.get(key);
    const before = old === undefined ? 0 : key.length + old.length;
    const after = valueJson === "" ? 0 : key.length + valueJson.length;
    if (this.#chars - before + after > MAX_STATE_CHARS) return "all it keeps would be more than 1 MiB";
    this.#chars += after - before;
    if (valueJson === "") this.#values.delete(key);
    else this.#values.set(key, valueJson);
    this.#isDirty = true;
    this.#timer ??= this.#timers.set(() => this.flush(), WRITE_MS);
    return null;
  }

  /** Writes what was not written yet. */
  flush(): void {
    if (this.#timer !== null) this.#timers.clear(this.#timer);
    this.#timer = null;
    if (!this.#isDirty) return;
    this.#isDirty = false;
    try {
      const fields = [...this.#values].map(([key, value]) => `${JSON.stringify(key)}: ${value}`);
      replacePrivateFile(this.#path, `{${fields.join(",\n")}}\n`);
    } catch (error) {
      this.#isDirty = true;
      this.#onProblem(`its state cannot be written: ${error instanceof Error ? error.message : error}`);
    }
  }

  #read(): Map<string, string> {
    try {
      const text = Deno.readTextFileSync(this.#path);
      const value: unknown = JSON.parse(text);
      if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("no object");
      return new Map(Object.entries(value).map(([key, kept]) => [key, JSON.stringify(kept)]));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) {
        this.#onProblem(
          `its state cannot be read and counts as empty: ${error instanceof Error ? error.message : error}`,
        );
      }
      return new Map();
    }
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
