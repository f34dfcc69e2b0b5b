/**
 * The keys that leave a session: found in what is typed, everything else passes byte for byte.
 *
 * Keys are compared, not bytes: a program that switched its terminal to the kitty keyboard protocol, or to modifyOtherKeys, makes Ctrl-\ arrive as
 * `CSI 92;5u` or `CSI 27;5;92~`.
 * @module
 */
import { KmError } from "../../core/error.ts";

/**
 * Ctrl-\ is the key that programs in terminals use least (SIGQUIT), where Ctrl-A, Ctrl-B, Ctrl-P and Ctrl-] belong to shells, editors and
 * multiplexers around km. Alone it would still be one slip away from a detach, so a letter follows.
 */
export const DEFAULT_DETACH_KEYS = "ctrl-\\,d";

/** One key: its character, and whether Ctrl is down. */
type Key = string;

/** Reads docker's notation: keys with commas between, each a character or `ctrl-` with one of `a`–`z @ [ \ ] ^ _`. @throws {KmError} usage */
export function parseDetachKeys(text: string): Key[] {
  return text.split(",").map((word) => {
    const [, letter] = /^ctrl-([a-z@[\\\]^_])$/i.exec(word) ?? [];
    if (letter !== undefined) return `ctrl-${letter.toLowerCase()}`;
    if (/^[\x21-\x7e]$/.test(word)) return word;
    throw new KmError("usage", `Cannot read "${word}" as a key (--detach-keys)`, {
      hint: "write keys with commas between: ctrl-p,ctrl-q or ctrl-\\,d",
    });
  });
}

/** For people: `Ctrl-\ d`. */
export function describeKeys(keys: readonly Key[]): string {
  return keys.map((key) => key.startsWith("ctrl-") ? `Ctrl-${key.slice(5).toUpperCase()}` : key).join(" ");
}

/** What came of a piece of input. */
export interface Typed {
  /** For the program. */
  readonly pass: Uint8Array<ArrayBuffer>;
  /** The keys came; what was typed after them is dropped. */
  readonly isDetached: boolean;
}

interface Token {
  readonly bytes: Uint8Array;
  /** Null: no key that could be among those looked for. `""`: a key that was let go, which says nothing. */
  readonly key: Key | null;
}

const PASTE_START = "\x1b[200~", PASTE_END = "\x1b[201~";

/** Looks for the keys in what is typed. What may be their beginning is held back until the next key. */
export class DetachKeys {
  readonly #keys: readonly Key[];
  #held: Uint8Array[] = [];
  #matched = 0;
  #isPasting = false;

  constructor(keys: readonly Key[]) {
    this.#keys = keys;
  }

  /** Something is held back. */
  get isHolding(): boolean {
    return this.#held.length > 0;
  }

  /** Takes what is typed. */
  feed(bytes: Uint8Array): Typed {
    const out: Uint8Array[] = [];
    for (const token of tokensOf(bytes)) {
      const text = token.bytes.length === PASTE_START.length ? new TextDecoder().decode(token.bytes) : "";
      if (text === PASTE_START || text === PASTE_END) this.#isPasting = text === PASTE_START;
      if (this.#isPasting || !this.#take(token, out)) {
        if (this.#isPasting) out.push(...this.#let(), token.bytes);
        continue;
      }
      return { pass: joined(out), isDetached: true };
    }
    return { pass: joined(out), isDetached: false };
  }

  /** What was held back, when no other key came for a while. */
  release(): Uint8Array<ArrayBuffer> {
    return joined(this.#let());
  }

  /** True: this was the last of the keys. */
  #take(token: Token, out: Uint8Array[]): boolean {
    if (token.key === "" && this.#held.length > 0) {
      this.#held.push(token.bytes);
      return false;
    }
    if (token.key !== this.#keys[this.#matched]) {
      out.push(...this.#let());
      if (token.key !== this.#keys[0]) {
        out.push(token.bytes);
        return false;
      }
    }
    this.#held.push(token.bytes);
    this.#matched++;
    return this.#matched === this.#keys.length;
  }

  #let(): Uint8Array[] {
    const held = this.#held;
    this.#held = [];
    this.#matched = 0;
    return held;
  }
}

const ESC = 0x1b;
// deno-lint-ignore no-control-regex -- it is what an escape sequence begins with
const SEQUENCE = /^\x1b\[([<-?]?)([0-9;:]*)([ -/]*)([@-~])/;

/** Splits input into escape sequences, control characters that may be keys, and runs of the rest. A sequence that is cut is passed as it is. */
function* tokensOf(bytes: Uint8Array): Generator<Token> {
  for (let at = 0; at < bytes.length;) {
    const byte = bytes[at] as number; // as: at is within
    if (byte === ESC) {
      const match = SEQUENCE.exec(String.fromCharCode(...bytes.subarray(at, at + 32)));
      if (match !== null) {
        yield { bytes: bytes.subarray(at, at + match[0].length), key: keyOfSequence(match) };
        at += match[0].length;
        continue;
      }
    }
    yield { bytes: bytes.subarray(at, at + 1), key: keyOfByte(byte) };
    at++;
  }
}

function keyOfByte(byte: number): Key | null {
  if (byte < 0x20) return `ctrl-${String.fromCharCode(byte + 0x40).toLowerCase()}`;
  return byte < 0x7f ? String.fromCharCode(byte) : null;
}

const CTRL = 4, SHIFT = 1, LOCKS = 64 + 128;
const RELEASED = 3;

/** `CSI code ; modifiers u` and `CSI 27 ; modifiers ; code ~`. */
function keyOfSequence([, prefix, params = "", between, final]: RegExpExecArray): Key | null {
  if (prefix !== "" || between !== "") return null;
  const parts = params.split(";").map((part) => part.split(":").map(Number));
  const isOther = final === "~" && parts[0]?.[0] === 27 && parts.length === 3;
  if (final !== "u" && !isOther) return null;
  const code = (isOther ? parts[2]?.[0] : parts[0]?.[0]) ?? 0;
  const [modifiers = 1, event = 1] = parts[1] ?? [];
  if (event === RELEASED || code >= 57_344) return ""; // A key let go, or one of Ctrl, Shift, Alt by itself.
  const held = (Math.max(modifiers, 1) - 1) & ~LOCKS;
  if (code < 0x20 || code >= 0x7f) return null;
  const char = String.fromCharCode(code);
  if ((held & ~SHIFT) === CTRL) return `ctrl-${char.toLowerCase()}`;
  return (held & ~SHIFT) === 0 ? char : null;
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
