/** Small questions about bytes that the redaction matchers share: character classes, word borders, JSON strings at any depth. @module */
import type { Charset } from "./redact_formats.ts";

/** A secret found: bytes from `start` up to, not including, `end` are replaced by `[redacted:label]`. */
export interface Match {
  readonly start: number;
  readonly end: number;
  readonly label: string;
}

/** What is searched. `cut`: the bytes end in the middle of a message, so that a secret may end with them too early. */
export interface Haystack {
  readonly bytes: Uint8Array;
  readonly cut: boolean;
}

export const QUOTE = 34;
export const APOSTROPHE = 39;
export const BACKSLASH = 92;

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
 * of `\npm_…`. After an escape such as `\n` a word does begin.
 */
export function isWordStart(bytes: Uint8Array, at: number): boolean {
  const before = bytes[at - 1];
  if (before === BACKSLASH) return backslashesBefore(bytes, at) % 2 === 0;
  if (!isIn(before, "base62")) return true;
  if (bytes[at - 2] === BACKSLASH) {
    return before !== undefined && "bfnrt".includes(String.fromCharCode(before));
  }
  return bytes[at - 5] === 117 && bytes[at - 6] === BACKSLASH;
}

/**
 * Where the content of a JSON string ends that begins at `from` and whose quotes carry `level` backslashes: 0 in JSON, 1 in JSON within a
 * JSON string, then 3, 7. Also ends where an outer string ends. Never takes a part of an escape.
 */
export function stringEnd(bytes: Uint8Array, from: number, level: number): number {
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
