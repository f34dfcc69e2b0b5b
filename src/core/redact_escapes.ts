/** JSON may write any character as `\u0067`: a secret so written is found in a copy in which such escapes are what they stand for. @module */
import { BACKSLASH, type Haystack, QUOTE, standsAt } from "./redact_bytes.ts";

/** Backslashes before the `u`, by how deep JSON is nested in JSON strings; deeper is not read. */
const DEPTHS: readonly number[] = [1, 2, 4];
const LETTER_U = 117;

/** Notes that there is an escaped printable character at `at`; itself it finds nothing. */
export function noteEscape(haystack: Haystack, at: number): null {
  if (escapedCharacter(haystack.bytes, at + 1) > 0) haystack.hasEscapes = true;
  return null;
}

/** A copy with escaped printable ASCII written plainly; quotes and backslashes with the shortest escape. JSON stays the same JSON. */
export function withoutEscapes(bytes: Uint8Array): Uint8Array {
  // Only at depths that are not read would the text get longer.
  const result = new Uint8Array(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length;) {
    if (bytes[at] !== BACKSLASH) {
      result[length++] = bytes[at++] as number;
      continue;
    }
    let slashes = 1;
    while (bytes[at + slashes] === BACKSLASH) slashes++;
    const character = escapedCharacter(bytes, at + slashes);
    // An odd number: the last one begins the escape. An even one: the escape is one of JSON within JSON, if the number is that of a depth.
    const own = DEPTHS.includes(slashes) ? slashes : slashes % 2;
    const kept = slashes - (character > 0 ? own : 0);
    length = fill(result, length, kept);
    at += slashes;
    if (character < 0 || own === 0) continue;
    if (character === QUOTE) length = fill(result, length, 2 * own - 1);
    if (character === BACKSLASH) length = fill(result, length, 2 * own - 1);
    result[length++] = character;
    at += 5;
  }
  return result.subarray(0, length);
}

function fill(result: Uint8Array, from: number, slashes: number): number {
  result.fill(BACKSLASH, from, from + slashes);
  return from + slashes;
}

/** The printable ASCII character that `u0067` at `at` stands for; -1 for none. */
function escapedCharacter(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== LETTER_U || !standsAt(bytes, at + 1, "00")) return -1;
  const code = 16 * hexValue(bytes[at + 3]) + hexValue(bytes[at + 4]);
  return code >= 0x20 && code < 0x7f ? code : -1;
}

/** Far below zero when it is no hex digit. */
function hexValue(byte = 0): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const letter = byte | 0x20;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1000;
}
