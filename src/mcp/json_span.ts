/** Where values stand in the bytes of a JSON text that is known to be valid. Lets a part be kept exactly as it came. @module */

/** Bytes from `start` up to, not including, `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

const QUOTE = 34;
const BACKSLASH = 92;
/** Keys and most values end within so many bytes. */
const SHORT_STRING = 24;
const COMMA = 44;
const COLON = 58;
const decoder = new TextDecoder();

/** Spans of the elements of the array that begins at or after `from` (default: the text's own); empty when there is no array. */
export function elementSpans(json: Uint8Array, from = textStart(json)): Span[] {
  let at = skipSpace(json, from);
  if (json[at] !== 0x5b) return [];
  const spans: Span[] = [];
  for (at = skipSpace(json, at + 1); at < json.length && json[at] !== 0x5d; at = skipSpace(json, at)) {
    const end = valueEnd(json, at);
    spans.push({ start: at, end });
    at = skipSpace(json, end);
    if (json[at] === COMMA) at++;
  }
  return spans;
}

/** Where the value at the end of `path` begins; -1 when there is none. The last of equal keys counts, as in JSON.parse. */
export function findValue(json: Uint8Array, path: readonly string[]): number {
  let at = textStart(json);
  for (const key of path) {
    at = findMember(json, key, at);
    if (at < 0) return -1;
  }
  return at;
}

/** After a BOM. */
function textStart(json: Uint8Array): number {
  return json[0] === 0xef && json[1] === 0xbb && json[2] === 0xbf ? 3 : 0;
}

function findMember(json: Uint8Array, key: string, from: number): number {
  let at = skipSpace(json, from);
  if (json[at] !== 0x7b) return -1;
  let found = -1;
  for (at = skipSpace(json, at + 1); at < json.length && json[at] !== 0x7d; at = skipSpace(json, at)) {
    const keyEnd = valueEnd(json, at);
    const matches = isKey(json, at, keyEnd, key);
    at = skipSpace(json, keyEnd);
    if (json[at] === COLON) at = skipSpace(json, at + 1);
    if (matches) found = at;
    at = skipSpace(json, valueEnd(json, at));
    if (json[at] === COMMA) at++;
  }
  return found;
}

function isKey(json: Uint8Array, start: number, end: number, key: string): boolean {
  const raw = json.subarray(start + 1, end - 1);
  if (raw.includes(BACKSLASH)) return JSON.parse(decoder.decode(json.subarray(start, end))) === key;
  return raw.length === key.length && decoder.decode(raw) === key;
}

/** Where the value that begins at `at` ends. */
export function valueEnd(json: Uint8Array, at: number): number {
  const first = json[at];
  if (first === QUOTE) return stringEnd(json, at);
  if (first !== 0x7b && first !== 0x5b) return wordEnd(json, at);
  let depth = 0;
  while (at < json.length) {
    const byte = json[at];
    if (byte === QUOTE) {
      at = stringEnd(json, at);
      continue;
    }
    if (byte === 0x7b || byte === 0x5b) depth++;
    else if ((byte === 0x7d || byte === 0x5d) && --depth === 0) return at + 1;
    at++;
  }
  return at;
}

function stringEnd(json: Uint8Array, at: number): number {
  const near = Math.min(at + SHORT_STRING, json.length);
  let i = at + 1;
  for (; i < near; i++) {
    if (json[i] === BACKSLASH) i++;
    else if (json[i] === QUOTE) return i + 1;
  }
  return longStringEnd(json, i);
}

/** The search of the system is faster than ours from some length on, and more so the longer it may run. */
function longStringEnd(json: Uint8Array, from: number): number {
  for (let at = json.indexOf(QUOTE, from); at >= 0; at = json.indexOf(QUOTE, at + 1)) {
    let escapes = 0;
    while (at - escapes > from && json[at - escapes - 1] === BACKSLASH) escapes++;
    if (escapes % 2 === 0) return at + 1;
  }
  return json.length;
}

function wordEnd(json: Uint8Array, at: number): number {
  let end = at + 1;
  while (
    end < json.length && !isSpace(json[end]) && json[end] !== COMMA && json[end] !== 0x5d &&
    json[end] !== 0x7d
  ) end++;
  return end;
}

function skipSpace(json: Uint8Array, at: number): number {
  while (isSpace(json[at])) at++;
  return at;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 32 || byte === 9 || byte === 10 || byte === 13;
}
