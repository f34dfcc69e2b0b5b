/** Secrets that are told by the name before them: JSON fields at any depth of nesting, assignments, query parameters, headers. @module */
import {
  APOSTROPHE,
  backslashesAt,
  backslashesBefore,
  hasDigit,
  type Haystack,
  isIn,
  type Match,
  QUOTE,
  runEnd,
  runStart,
  standsAt,
  standsAtAnyCase,
  stringEnd,
} from "./redact_bytes.ts";
import { isSecretName } from "./redact_names.ts";

/** Bytes of a name that are looked at on either side: base64 of 1 MB is no name, and must not cost its square. */
const MAX_NAME_BYTES = 128;
const LABEL = "secret";
const EQUALS = 61;
const COLON = 58;
const SCHEMES = ["bearer ", "basic ", "token ", "digest "];

/** A value and where it stands; `null` start is never given. */
interface Range {
  readonly start: number;
  readonly end: number;
}

/** Looks whether the name around `at` is that of a secret and whether a value follows it. */
export function matchNamedValue(haystack: Haystack, at: number): Match | null {
  const { bytes } = haystack;
  const nameEnd = runEnd(bytes, at, "dotted", Math.min(bytes.length, at + MAX_NAME_BYTES));
  // Most words are followed by no value: they cost a look at one byte.
  const value = valueAfter(haystack, at, nameEnd);
  if (value === null) return null;
  const start = afterScheme(bytes, value);
  if (start >= value.end || standsAt(bytes, start, "[redacted:")) return null;
  return { start, end: value.end, label: LABEL };
}

function valueAfter(haystack: Haystack, at: number, nameEnd: number): Range | null {
  const { bytes } = haystack;
  const level = backslashesAt(bytes, nameEnd);
  const quote = bytes[nameEnd + level];
  if (quote === QUOTE || quote === APOSTROPHE) {
    const colon = skipSpace(bytes, nameEnd + level + 1);
    if (bytes[colon] !== COLON && bytes[colon] !== EQUALS) return null;
    const nameStart = secretNameStart(bytes, at, nameEnd);
    if (
      nameStart < 0 || bytes[nameStart - 1] !== quote || backslashesBefore(bytes, nameStart - 1) !== level
    ) return null;
    return fieldValue(bytes, skipSpace(bytes, colon + 1), quote, level);
  }
  if (level > 0) return null;
  const sign = skipSpace(bytes, nameEnd);
  if (bytes[sign] !== EQUALS && bytes[sign] !== COLON) return null;
  const nameStart = secretNameStart(bytes, at, nameEnd);
  if (nameStart < 0) return null;
  if (bytes[sign] === EQUALS) return assignedValue(bytes, sign + 1, sign === nameEnd);
  return headerValue(haystack, sign + 1, nameStart, nameEnd);
}

/** Where the name begins that ends at `nameEnd`; -1 when it is no secret's name. */
function secretNameStart(bytes: Uint8Array, at: number, nameEnd: number): number {
  const start = runStart(bytes, at, "dotted", Math.max(0, at - MAX_NAME_BYTES));
  return isSecretName(String.fromCharCode(...bytes.subarray(start, nameEnd))) ? start : -1;
}

/** `"name": "value"`, or the first string of a list of them. Numbers, truth values and objects are no secrets. */
function fieldValue(bytes: Uint8Array, from: number, quote: number, level: number): Range | null {
  const at = bytes[from] === 0x5b ? skipSpace(bytes, from + 1) : from;
  if (backslashesAt(bytes, at) !== level || bytes[at + level] !== quote) return null;
  return quotedValue(bytes, at + level + 1, quote, level);
}

function quotedValue(bytes: Uint8Array, start: number, quote: number, level: number): Range | null {
  if (quote === APOSTROPHE) return { start, end: plainEnd(bytes, start) };
  // Depths other than these are not JSON: every nesting doubles the backslashes.
  if (((level + 1) & level) !== 0) return null;
  return { start, end: stringEnd(bytes, start, level) };
}

/** `NAME=value`, `?name=value&`, `name = "value"`. */
function assignedValue(bytes: Uint8Array, from: number, isTight: boolean): Range | null {
  const at = skipSpace(bytes, from);
  const level = backslashesAt(bytes, at);
  const quote = bytes[at + level];
  if (quote === QUOTE && (level > 0 || !isStringBorder(bytes, at))) {
    return quotedValue(bytes, at + level + 1, quote, level);
  }
  if (quote === APOSTROPHE && level === 0) return quotedValue(bytes, at + 1, quote, 0);
  const end = runEnd(bytes, at, "bare");
  const isValue = isTight && at === from && bytes[at] !== EQUALS;
  return isValue || looksRandom(bytes, at, end) ? { start: at, end } : null;
}

/** True when the quote at `at` closes the JSON string in which `name=` is the end: a comma, bracket or colon follows. */
function isStringBorder(bytes: Uint8Array, at: number): boolean {
  const next = bytes[skipSpace(bytes, at + 1)];
  return next === undefined || next === 44 || next === 0x7d || next === 0x5d || next === COLON;
}

/** `Authorization: Basic abc=`, `Cookie: a=1; b=2`, `password: hunter2`. In prose a name with a colon is often no secret: the value must look like one. */
function headerValue(
  { bytes, cut }: Haystack,
  from: number,
  nameStart: number,
  nameEnd: number,
): Range | null {
  const start = skipSpace(bytes, from);
  const word = runEnd(bytes, start, "bare");
  if (standsAtAnyCase(bytes, nameEnd - 6, "cookie") && bytes.subarray(start, word).includes(EQUALS)) {
    return { start, end: plainEnd(bytes, start) };
  }
  const value = { start, end: word };
  const credentials = afterScheme(bytes, value);
  if (credentials > start) return { start, end: runEnd(bytes, credentials, "bare") };
  const isCut = cut && word === bytes.length && standsAtAnyCase(bytes, nameStart, "authorization");
  return isCut || looksRandom(bytes, start, word) ? value : null;
}

/** Skips `Bearer ` and the like, which may stay readable. */
function afterScheme(bytes: Uint8Array, { start }: Range): number {
  const scheme = SCHEMES.find((word) => standsAtAnyCase(bytes, start, word));
  return scheme === undefined ? start : start + scheme.length;
}

/** Letters and digits mixed, six or more: a value, not a word. */
function looksRandom(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 6 || !hasDigit(bytes, start, end)) return false;
  for (let at = start; at < end; at++) {
    if (isIn(bytes[at], "base62") && !isIn(bytes[at], "digit")) return true;
  }
  return false;
}

/** End of a value of plain text: a quote, a backslash or the end of the line. */
function plainEnd(bytes: Uint8Array, from: number): number {
  let at = from;
  while (
    at < bytes.length && bytes[at] !== QUOTE && bytes[at] !== APOSTROPHE && bytes[at] !== 92 &&
    (bytes[at] as number) >= 32
  ) at++;
  return at;
}

function skipSpace(bytes: Uint8Array, at: number): number {
  while (bytes[at] === 32 || bytes[at] === 9 || bytes[at] === 10 || bytes[at] === 13) at++;
  return at;
}
