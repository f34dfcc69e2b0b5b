/** What a plugin keeps: JSON by key, bounded. @module */
import { MAX_KEY_CHARACTERS, MAX_STATE_BYTES, MAX_STATE_KEYS } from "../../proto/limits.ts";

/** JSON texts by key. */
export class StateStore {
  readonly #entries = new Map<string, string>();
  readonly #maxValueBytes: () => number;
  #bytes = 0;

  /** `maxValueBytes`: the longest that one key with its value may be, beside the bound on all of them. */
  constructor(maxValueBytes: () => number = () => MAX_STATE_BYTES) {
    this.#maxValueBytes = maxValueBytes;
  }

  /** Replaces everything. */
  replace(entries: Iterable<readonly [key: string, valueJson: string]>): void {
    this.#entries.clear();
    this.#bytes = 0;
    for (const [key, valueJson] of entries) {
      this.#entries.set(key, valueJson);
      this.#bytes += byteLength(key) + byteLength(valueJson);
    }
  }

  /** A copy of what is kept as `key`. */
  get(key: string): unknown {
    const json = this.#entries.get(key);
    return json === undefined ? undefined : JSON.parse(json);
  }

  /** Keeps `value`; returns its JSON text. @throws {TypeError} when it is no JSON, or too much */
  set(key: string, value: unknown): string {
    if (typeof key !== "string" || key === "" || key.length > MAX_KEY_CHARACTERS) {
      throw new TypeError(`state: a key is a text of 1 to ${MAX_KEY_CHARACTERS} characters`);
    }
    const json = JSON.stringify(value);
    if (json === undefined) throw new TypeError(`state: the value of "${key}" is no JSON`);
    const own = byteLength(key) + byteLength(json);
    const before = this.#bytesOf(key);
    const max = Math.min(this.#maxValueBytes(), MAX_STATE_BYTES);
    if (own > max) throw new TypeError(`state: "${key}" has ${own} bytes; ${max} are allowed`);
    if (this.#bytes - before + own > MAX_STATE_BYTES) {
      throw new TypeError(`state: "${key}" makes it more than ${MAX_STATE_BYTES} bytes`);
    }
    if (before === 0 && this.#entries.size >= MAX_STATE_KEYS) {
      throw new TypeError(`state: more than ${MAX_STATE_KEYS} keys`);
    }
    this.#bytes += own - before;
    this.#entries.set(key, json);
    return json;
  }

  /** True when there was something. */
  delete(key: string): boolean {
    this.#bytes -= this.#bytesOf(key);
    return this.#entries.delete(key);
  }

  /** Names of all that is kept. */
  keys(): string[] {
    return [...this.#entries.keys()];
  }

  /** JSON text of `key`; null: nothing is kept. */
  json(key: string): string | null {
    return this.#entries.get(key) ?? null;
  }

  #bytesOf(key: string): number {
    const json = this.#entries.get(key);
    return json === undefined ? 0 : byteLength(key) + byteLength(json);
  }
}

/** Bytes of UTF-8. A lone surrogate counts as the three bytes that stand for it. */
function byteLength(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit >= 0x80) bytes += unit >= 0x800 && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1;
  }
  return bytes;
}
