/**
 * The outline of a JSON message too long to keep: its objects down to a few levels with their short values, read byte by byte
 * in constant memory. Enough to pair a 256 MB answer with its request, wherever its `id` stands. It does not validate.
 * @module
 */

/** Objects deeper than this are not part of the outline: `params._meta["…/clientInfo"].name` is at 4. */
const MAX_DEPTH = 4;
/** Longest key or value that is kept, in bytes. Ids, names and request states are shorter. */
const MAX_SCALAR_BYTES = 4096;
/** The most that one outline keeps, so that an object of a million members costs no more. */
const MAX_MEMBERS = 256;

const QUOTE = 34;
const BACKSLASH = 92;
const decoder = new TextDecoder();

type Node = { [key: string]: unknown };

/** Reads a message piece by piece; `value()` is what it has found. */
export class Outline {
  #root: unknown = null;
  /** Open containers, outermost first; null where a container is not part of the outline. */
  readonly #open: (Node | null)[] = [];
  #depth = 0;
  #members = 0;
  #key: string | null = null;
  #inString = false;
  #escaped = false;
  /** The string or bare word being read; its length is -1 when it is not kept. */
  #text = new Uint8Array(64);
  #length = 0;
  #inWord = false;

  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] as number;
      if (this.#inString) this.#string(byte);
      else this.#structure(byte);
    }
  }

  /** The message's skeleton: arrays are empty, long and deep values are missing. Null when it is no object. */
  value(): unknown {
    return this.#root;
  }

  #string(byte: number): void {
    if (!this.#escaped && byte === QUOTE) {
      this.#inString = false;
      return this.#scalar('"');
    }
    this.#escaped = !this.#escaped && byte === BACKSLASH;
    if (this.#length >= 0) this.#take(byte);
  }

  #structure(byte: number): void {
    switch (byte) {
      case QUOTE:
        this.#inString = true;
        this.#escaped = false;
        this.#length = this.#wanted() ? 0 : -1;
        return;
      case 0x7b: // {
        return this.#enter(Object.create(null));
      case 0x5b: // [
        return this.#enter(null);
      case 0x7d: // }
      case 0x5d: // ]
        this.#word();
        this.#depth--;
        if (this.#open.length > this.#depth) this.#open.pop();
        this.#key = null;
        return;
      case 0x2c: // ,
        this.#word();
        this.#key = null;
        return;
      case 0x3a: // :
      case 0x20:
      case 0x09:
        return this.#word();
      default:
        if (!this.#inWord) {
          this.#inWord = true;
          this.#length = this.#wanted() ? 0 : -1;
        }
        if (this.#length >= 0) this.#take(byte);
    }
  }

  #enter(node: Node | null): void {
    const parent = this.#parent();
    if (this.#depth === 0) this.#root = node;
    else if (parent && this.#key !== null && this.#depth < MAX_DEPTH) parent[this.#key] = node ?? [];
    const kept = node !== null && this.#depth < MAX_DEPTH && (this.#depth === 0 || parent !== null);
    if (this.#depth < MAX_DEPTH) this.#open.push(kept ? node : null);
    this.#depth++;
    this.#key = null;
  }

  #word(): void {
    if (!this.#inWord) return;
    this.#inWord = false;
    this.#scalar("");
  }

  #scalar(quote: string): void {
    const parent = this.#parent();
    const length = this.#length;
    this.#length = 0;
    if (parent === null) return;
    const value = length < 0
      ? undefined
      : parseScalar(quote + decoder.decode(this.#text.subarray(0, length)) + quote);
    if (this.#key === null && quote !== "") this.#key = typeof value === "string" ? value : "";
    else if (this.#key !== null && value !== undefined && this.#members++ < MAX_MEMBERS) {
      parent[this.#key] = value;
    }
  }

  #parent(): Node | null {
    return this.#depth === 0 || this.#depth > MAX_DEPTH ? null : this.#open[this.#depth - 1] ?? null;
  }

  #wanted(): boolean {
    return this.#parent() !== null;
  }

  #take(byte: number): void {
    if (this.#length >= MAX_SCALAR_BYTES) {
      this.#length = -1;
      return;
    }
    if (this.#length === this.#text.length) {
      const grown = new Uint8Array(this.#text.length * 2);
      grown.set(this.#text);
      this.#text = grown;
    }
    this.#text[this.#length++] = byte;
  }
}

function parseScalar(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
