/** Secrets in pairs: `{"name": "password", "value": "…"}`, in either order, as lists of variables, headers and form fields have them. @module */
import { backslashesAt, backslashesBefore, isIn, type Range, runEnd, skipSpace } from "./redact_bytes.ts";
import { stringAt } from "./redact_leaves.ts";

const NAME_KEYS = new Set(["name", "key", "field", "header", "variable", "k"]);
const VALUE_KEYS = new Set(["value", "val", "v", "content"]);
/** Members that may stand between name and value. */
const MAX_MEMBERS = 6;
const MAX_STRING_BYTES = 4096;
const COLON = 58;
const COMMA = 44;

/** How the strings around are quoted. */
export interface Quoting {
  readonly quote: number;
  readonly level: number;
}

/** True when the string that opens at `open` is what a `"name":` or `"key":` says. */
export function isNamed(bytes: Uint8Array, open: number, quoting: Quoting): boolean {
  const key = keyBefore(bytes, open, quoting);
  return key !== null && NAME_KEYS.has(wordOf(bytes, key));
}

/** Where the value begins that belongs to the name that ended before `from`; -1 when there is none further on. */
export function valueFurtherOn(bytes: Uint8Array, from: number, { quote, level }: Quoting): number {
  let at = from;
  for (let members = 0; members < MAX_MEMBERS && bytes[at] === COMMA; members++) {
    const key = stringAt(bytes, skipSpace(bytes, at + 1), quote, level);
    if (key === null) return -1;
    const colon = skipSpace(bytes, afterString(bytes, key));
    if (bytes[colon] !== COLON) return -1;
    const value = skipSpace(bytes, colon + 1);
    if (VALUE_KEYS.has(wordOf(bytes, key))) return value;
    const string = stringAt(bytes, value, quote, level);
    const end = string === null ? runEnd(bytes, value, "dotted") : afterString(bytes, string);
    at = skipSpace(bytes, end);
  }
  return -1;
}

/** The value that stands right before the name that opens at `open`. */
export function valueBefore(bytes: Uint8Array, open: number, quoting: Quoting): Range | null {
  const key = keyBefore(bytes, open, quoting);
  if (key === null) return null;
  const comma = spaceStart(bytes, key.start - quoting.level - 1) - 1;
  if (bytes[comma] !== COMMA) return null;
  const value = stringBefore(bytes, comma, quoting);
  if (value === null) return null;
  const valueKey = keyBefore(bytes, value.start - quoting.level - 1, quoting);
  return valueKey !== null && VALUE_KEYS.has(wordOf(bytes, valueKey)) ? value : null;
}

/** The key of the value that begins at `at`. */
function keyBefore(bytes: Uint8Array, at: number, quoting: Quoting): Range | null {
  const colon = spaceStart(bytes, at) - 1;
  return bytes[colon] === COLON ? stringBefore(bytes, colon, quoting) : null;
}

/** The content of the string that ends before `at`. */
function stringBefore(bytes: Uint8Array, at: number, { quote, level }: Quoting): Range | null {
  const close = spaceStart(bytes, at) - 1;
  if (bytes[close] !== quote || backslashesBefore(bytes, close) !== level) return null;
  const end = close - level;
  for (let open = end - 1; open >= 0 && end - open < MAX_STRING_BYTES; open--) {
    if (bytes[open] === quote && backslashesBefore(bytes, open) === level) return { start: open + 1, end };
  }
  return null;
}

function afterString(bytes: Uint8Array, { end }: Range): number {
  return end + backslashesAt(bytes, end) + 1;
}

function spaceStart(bytes: Uint8Array, at: number): number {
  while (bytes[at - 1] === 32 || bytes[at - 1] === 10 || bytes[at - 1] === 13 || bytes[at - 1] === 9) at--;
  return at;
}

function wordOf(bytes: Uint8Array, { start, end }: Range): string {
  if (end - start > 12 || !isIn(bytes[start], "base62")) return "";
  return String.fromCharCode(...bytes.subarray(start, end)).toLowerCase();
}
