/** Small questions about bytes that the redaction matchers share: character classes, word borders, JSON strings at any depth. @module */
import type { Charset } from "./redact_formats.ts";

/** A secret found: bytes from `start` up to, not including, `end` are replaced by `[redacted:label]`. */
export interface Match {
  readonly start: number;
  readonly end: number;
  readonly label: string;
  /** Those that were found along with it, further on and in order. */
  readonly others?: readonly Match[];
}

/** Bytes from `start` up to, not including, `end`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** What is searched. `cut`: the bytes end in the middle of a message, so that a secret may end with them too early. */
export interface Haystack {
  readonly bytes: Uint8Array;
  readonly cut: boolean;
  /** Set when characters are written as `\\u0067`. */
  hasEscapes: boolean;
  /** Lists and objects that begin before this were looked through: they are in one that is a secret as a whole. */
  coveredTo: number;
}

export const QUOTE = 34;
export const APOSTROPHE = 39;
export const BACKSLASH = 92;
const BRACKET = 91;
const ESCAPE = 27;
/** How JSON and programs write that character, after the backslashes. */
const ESCAPE_NAMES = ["u001b", "x1b", "033"];
/** Longest escape sequence of a terminal that is looked for, without its beginning: `38;2;255;255;255m`. */
const MAX_ANSI_BYTES = 20;

const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS = "0123456789";
const BASE62 = UPPER + UPPER.toLowerCase() + DIGITS;

/** Bit of each class in `CLASSES`. */
const CLASS_BIT = {
  base62: 1,
  url: 2,
  dotted: 4,
  upper: 8,
  hex: 16,
  digit: 32,
  base64: 64,
  bare: 128,
} as const;
export type CharClass = Charset | keyof typeof CLASS_BIT;

const CLASSES = compileClasses({
  base62: BASE62,
  url: BASE62 + "_-",
  dotted: BASE62 + "_-.",
  upper: UPPER + DIGITS,
  hex: DIGITS + "abcdefABCDEF",
  digit: DIGITS,
  base64: BASE62 + "_-.~+/=",
  // An unquoted value of an assignment: whatever is printable and is no delimiter of shells, URLs, JSON or prose.
  bare: printable().replace(/[\s"'\\&;<>(){}[\]`|]/g, ""),
});

export function isIn(byte: number | undefined, charClass: CharClass): boolean {
  return byte !== undefined && ((CLASSES[byte] as number) & CLASS_BIT[charClass]) !== 0;
}

/** Where the run of characters of this class that begins at `at` ends, at `limit` at the latest. */
export function runEnd(bytes: Uint8Array, at: number, charClass: CharClass, limit = bytes.length): number {
  const bit = CLASS_BIT[charClass];
  while (at < limit && ((CLASSES[bytes[at] as number] as number) & bit) !== 0) at++;
  return at;
}

/** Where the run of characters of this class that ends before `at` begins, at `limit` at the earliest. */
export function runStart(bytes: Uint8Array, at: number, charClass: CharClass, limit = 0): number {
  while (at > limit && isIn(bytes[at - 1], charClass)) at--;
  return at;
}

export function hasDigit(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (isIn(bytes[at], "digit")) return true;
  return false;
}

/** True when `text` (ASCII) stands at `at`, with case. */
export function standsAt(bytes: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
}

/** True when `text` (lower-case ASCII letters) stands at `at` in any case. */
export function standsAtAnyCase(bytes: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if (((bytes[at + i] ?? 0) | 0x20) !== text.charCodeAt(i)) return false;
  }
  return true;
}

/** Backslashes right before `at`. */
export function backslashesBefore(bytes: Uint8Array, at: number): number {
  let count = 0;
  while (bytes[at - 1 - count] === BACKSLASH) count++;
  return count;
}

export function backslashesAt(bytes: Uint8Array, at: number): number {
  let count = 0;
  while (bytes[at + count] === BACKSLASH) count++;
  return count;
}

/**
 * True when a word may begin at `at`: not inside another word, and not with a letter that belongs to an escape, as the `n`
 * of `\npm_…`. After an escape such as `\n` a word does begin, and after one that colours a terminal.
 */
export function isWordStart(bytes: Uint8Array, at: number): boolean {
  const before = bytes[at - 1];
  if (before === BACKSLASH) return backslashesBefore(bytes, at) % 2 === 0;
  if (!isIn(before, "base62")) return true;
  if (ansiStart(bytes, at) < at) return true;
  if (bytes[at - 2] === BACKSLASH) {
    return before !== undefined && "bfnrt".includes(String.fromCharCode(before));
  }
  return bytes[at - 5] === 117 && bytes[at - 6] === BACKSLASH;
}

/** Where the terminal's escape sequence that ends before `at` begins; `at` when there is none. Raw, or as JSON and programs write it. */
export function ansiStart(bytes: Uint8Array, at: number): number {
  let bracket = at - 2;
  const limit = Math.max(0, at - MAX_ANSI_BYTES);
  while (bracket > limit && isAnsiParameter(bytes[bracket])) bracket--;
  if (bytes[bracket] !== BRACKET || !isFinal(bytes[at - 1])) return at;
  if (bytes[bracket - 1] === ESCAPE) return bracket - 1;
  for (const { length } of ESCAPE_NAMES) {
    const start = bracket - length - backslashesBefore(bytes, bracket - length);
    if (start < bracket && ansiEnd(bytes, start) === at) return start;
  }
  return at;
}

/** Where the terminal's escape sequence that begins at `at` ends; `at` when there is none. */
export function ansiEnd(bytes: Uint8Array, at: number): number {
  let from = at;
  if (bytes[at] === ESCAPE) from = at + 1;
  else if (bytes[at] === BACKSLASH) {
    const name = at + backslashesAt(bytes, at);
    from = name + (ESCAPE_NAMES.find((each) => standsAtAnyCase(bytes, name, each))?.length ?? 0);
    if (from === name) return at;
  }
  if (from === at || bytes[from] !== BRACKET) return at;
  let end = from + 1;
  while (end - from < MAX_ANSI_BYTES && isAnsiParameter(bytes[end])) end++;
  return isFinal(bytes[end]) ? end + 1 : at;
}

/** Digits, `;`, `:` and `?`. */
function isAnsiParameter(byte = 0): boolean {
  return byte >= 48 && byte <= 63;
}

function isFinal(byte = 0): boolean {
  return byte >= 64 && byte < 127;
}

/** Past spaces, line ends and colours of a terminal. */
export function skipSpace(bytes: Uint8Array, at: number): number {
  for (;;) {
    const byte = bytes[at];
    if (byte === 32 || byte === 9 || byte === 10 || byte === 13) at++;
    else if (byte === ESCAPE || byte === BACKSLASH) {
      const end = ansiEnd(bytes, at);
      if (end === at) return at;
      at = end;
    } else return at;
  }
}

/** End of a value of plain text: a quote, a backslash or the end of the line. */
export function plainEnd(bytes: Uint8Array, from: number): number {
  let at = from;
  while (
    at < bytes.length && bytes[at] !== QUOTE && bytes[at] !== APOSTROPHE && bytes[at] !== BACKSLASH &&
    (bytes[at] as number) >= 32
  ) at++;
  return at;
}

/**
 * Where the content of a JSON string ends that begins at `from` and whose quotes carry `level` backslashes: 0 in JSON, 1 in JSON within a
 * JSON string, then 3, 7. With apostrophes: a string of Python. Also ends where an outer string ends. Never takes a part of an escape.
 */
export function stringEnd(bytes: Uint8Array, from: number, level: number, mark = QUOTE): number {
  if (mark === APOSTROPHE) return plainEnd(bytes, from);
  for (let quote = bytes.indexOf(QUOTE, from); quote >= 0; quote = bytes.indexOf(QUOTE, quote + 1)) {
    const slashes = Math.min(backslashesBefore(bytes, quote), quote - from);
    if ((slashes + 1) % (2 * (level + 1)) !== 0) return quote - slashes;
  }
  return bytes.length;
}

function compileClasses(members: Record<keyof typeof CLASS_BIT, string>): Uint8Array {
  const classes = new Uint8Array(256);
  for (const [name, characters] of Object.entries(members)) {
    for (const character of characters) {
      const code = character.charCodeAt(0);
      classes[code] = (classes[code] as number) | CLASS_BIT[name as keyof typeof CLASS_BIT]; // as: a key of `members`
    }
  }
  // Passwords may have letters beyond ASCII.
  for (let code = 0x80; code < 256; code++) classes[code] = CLASS_BIT.bare;
  return classes;
}

function printable(): string {
  return Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index)).join("");
}
