/** Secrets that are told by the name before them: JSON fields at any depth of nesting, assignments, query parameters, headers. @module */
import {
  ansiEnd,
  ansiStart,
  APOSTROPHE,
  backslashesAt,
  backslashesBefore,
  hasDigit,
  type Haystack,
  isIn,
  type Match,
  plainEnd,
  QUOTE,
  type Range,
  runEnd,
  runStart,
  skipSpace,
  standsAt,
  standsAtAnyCase,
  stringEnd,
} from "./redact_bytes.ts";
import { leavesBelow, stringAt } from "./redact_leaves.ts";
import { isNamed, type Quoting, valueBefore, valueFurtherOn } from "./redact_pairs.ts";
import { isSecretName } from "./redact_names.ts";

/** Bytes of a name that are looked at on either side: base64 of 1 MB is no name, and must not cost its square. */
const MAX_NAME_BYTES = 128;
const LABEL = "secret";
const EQUALS = 61;
const COLON = 58;
const COMMA = 44;
const DASH = 45;
const DOT = 46;
const SLASH = 47;
const TILDE = 126;
const CLOSING_BRACE = 0x7d;
const NONE: readonly Range[] = [];
const SCHEMES = ["bearer ", "basic ", "token ", "digest "];

/** Looks whether the name around `at` is that of a secret and whether a value follows it. */
export function matchNamedValue(haystack: Haystack, at: number): Match | null {
  const { bytes } = haystack;
  const nameEnd = runEnd(bytes, at, "dotted", Math.min(bytes.length, at + MAX_NAME_BYTES));
  // Most words are followed by no value: they cost a look at one byte.
  const ranges = valuesAfter(haystack, at, nameEnd);
  if (ranges.length === 0) return null;
  const values = ranges.flatMap((value) => {
    const start = afterScheme(bytes, value);
    const isSecret = start < value.end && !standsAt(bytes, start, "[redacted:");
    return isSecret ? [{ start, end: value.end, label: LABEL }] : [];
  });
  const [first, ...others] = values;
  if (first === undefined) return null;
  // `PWD=/home` is a folder, `"pwd":"hunter2"` is not.
  if (standsAtAnyCase(bytes, nameEnd - 3, "pwd") && isPath(bytes, first.start)) return null;
  return { ...first, others };
}

function valuesAfter(haystack: Haystack, at: number, nameEnd: number): readonly Range[] {
  const { bytes } = haystack;
  const afterName = ansiEnd(bytes, nameEnd);
  const level = backslashesAt(bytes, afterName);
  const quote = bytes[afterName + level];
  if (quote === QUOTE || quote === APOSTROPHE) {
    const sign = skipSpace(bytes, afterName + level + 1);
    const byte = bytes[sign];
    if (byte !== COLON && byte !== EQUALS && byte !== COMMA && byte !== CLOSING_BRACE) return NONE;
    const nameStart = secretNameStart(bytes, at, nameEnd);
    if (nameStart < 0) return NONE;
    const open = ansiStart(bytes, nameStart) - 1;
    if (bytes[open] !== quote || backslashesBefore(bytes, open) !== level) return NONE;
    if (byte === COLON || byte === EQUALS) {
      return fieldValues(haystack, skipSpace(bytes, sign + 1), quote, level);
    }
    if (bytes[nameStart] === DASH) return byte === COMMA ? nextWord(bytes, sign + 1, quote, level) : NONE;
    return pairedValues(haystack, open - level, sign, { quote, level });
  }
  if (level > 0) return NONE;
  const sign = skipSpace(bytes, afterName);
  if (bytes[sign] !== EQUALS && bytes[sign] !== COLON) return NONE;
  const nameStart = secretNameStart(bytes, at, nameEnd);
  if (nameStart < 0) return NONE;
  const value = bytes[sign] === EQUALS
    ? assignedValue(bytes, ansiEnd(bytes, sign + 1), sign === afterName)
    : headerValue(haystack, sign + 1, nameStart, nameEnd);
  return value === null ? NONE : [value];
}

/** Where the name begins that ends at `nameEnd`; -1 when it is no secret's name. */
function secretNameStart(bytes: Uint8Array, at: number, nameEnd: number): number {
  let start = runStart(bytes, at, "dotted", Math.max(0, at - MAX_NAME_BYTES));
  // What colours a terminal ends with letters and digits: `ESC[1mauth`.
  const before = bytes[start - 1];
  if (before === 0x5b || before === 0x3b) {
    for (let from = start + 1; from <= Math.min(at, start + 5); from++) {
      if (ansiStart(bytes, from) < from) start = from;
    }
  }
  return isSecretName(String.fromCharCode(...bytes.subarray(start, nameEnd))) ? start : -1;
}

/** `"name": "value"`, or all strings of a list or an object. Numbers and truth values are no secrets. */
function fieldValues(haystack: Haystack, at: number, quote: number, level: number): readonly Range[] {
  const { bytes } = haystack;
  // Depths other than these are not JSON: every nesting doubles the backslashes.
  if (((level + 1) & level) !== 0) return NONE;
  if (bytes[at] === 0x5b || bytes[at] === 0x7b) {
    if (at < haystack.coveredTo) return NONE;
    const { strings, end } = leavesBelow(bytes, at, quote, level);
    haystack.coveredTo = end;
    return strings;
  }
  if (backslashesAt(bytes, at) !== level || bytes[at + level] !== quote) return NONE;
  const value = quotedValue(bytes, at + level + 1, quote, level);
  return value === null ? NONE : [value];
}

/** `"--password", "value"`: words of a command line in a list. */
function nextWord(bytes: Uint8Array, from: number, quote: number, level: number): readonly Range[] {
  const word = stringAt(bytes, skipSpace(bytes, from), quote, level);
  if (word === null || bytes[word.start] === DASH) return NONE;
  const isKey = bytes[skipSpace(bytes, word.end + backslashesAt(bytes, word.end) + 1)] === COLON;
  return isKey ? NONE : [word];
}

/** `{"name": "password", "value": "…"}`: the secret's name, itself a value, stands from `open` up to `end`. */
function pairedValues(haystack: Haystack, open: number, end: number, quoting: Quoting): readonly Range[] {
  const { bytes } = haystack;
  if (!isNamed(bytes, open, quoting)) return NONE;
  const next = valueFurtherOn(bytes, end, quoting);
  if (next >= 0) return fieldValues(haystack, next, quoting.quote, quoting.level);
  const value = valueBefore(bytes, open, quoting);
  return value === null ? NONE : [value];
}

function quotedValue(bytes: Uint8Array, start: number, quote: number, level: number): Range | null {
  if (quote === APOSTROPHE) return { start, end: plainEnd(bytes, start) };
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

/** `/home/me`, `~/x`, `./x`, `C:\x`. */
function isPath(bytes: Uint8Array, at: number): boolean {
  const [first, second] = bytes.subarray(at, at + 2);
  return first === SLASH || first === TILDE || first === DOT || (first === 92 && second === SLASH) ||
    (isIn(first, "base62") && second === COLON);
}
