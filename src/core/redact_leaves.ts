/** All strings below a secret's name: `"password": {"value": "…"}`, `"secrets": ["…", {"v": "…"}]`. @module */
import { backslashesAt, QUOTE, type Range, skipSpace, stringEnd } from "./redact_bytes.ts";

/** Words of JSON Schema whose strings describe a secret and are none: tools that take a password say so in their schema. */
const SCHEMA_WORDS = new Set([
  ..."$comment $id $ref $schema $anchor $defs type title description format pattern enum required enumNames"
    .split(" "),
  ..."contentEncoding contentMediaType dependentRequired deprecated readOnly writeOnly errorMessage".split(
    " ",
  ),
]);
/** Words that tell an object to be a schema, when they stand at its top. */
const SCHEMA_MARKS = new Set(["$ref", "anyOf", "oneOf", "allOf", "properties", "description"]);
const JSON_TYPES = new Set(["string", "number", "integer", "boolean", "object", "array", "null"]);
const MAX_WORD_BYTES = 24;
const COLON = 58;
const BACKSLASH = 92;

/** What was found below a name, and how far was looked. */
export interface Leaves {
  readonly strings: readonly Range[];
  readonly end: number;
}

/** The strings of the list or object that opens at `open`, but not its keys. `quote` and `level`: how its strings are quoted. */
export function leavesBelow(bytes: Uint8Array, open: number, quote: number, level: number): Leaves {
  const strings: (Range & { readonly describes: boolean })[] = [];
  let isSchema = false;
  let key = "";
  let depth = 0;
  let at = open;
  while (at < bytes.length) {
    const byte = bytes[at];
    if (byte === BACKSLASH || byte === quote) {
      const string = stringAt(bytes, at, quote, level);
      if (string === null) break;
      at = skipSpace(bytes, string.end + backslashesAt(bytes, string.end) + 1);
      const word = string.end - string.start <= MAX_WORD_BYTES ? textOf(bytes, string) : "";
      if (bytes[at] === COLON) {
        key = word;
        isSchema ||= depth === 1 && SCHEMA_MARKS.has(key);
      } else {
        isSchema ||= depth <= 2 && key === "type" && JSON_TYPES.has(word);
        strings.push({ ...string, describes: SCHEMA_WORDS.has(key) });
      }
      continue;
    }
    if (byte === 0x7b || byte === 0x5b) depth++;
    if ((byte === 0x7d || byte === 0x5d) && --depth === 0) break;
    at++;
  }
  return { strings: strings.filter((string) => !(isSchema && string.describes)), end: at };
}

/** The content of the string that opens at `at`; null when it is the end of an outer string. */
export function stringAt(bytes: Uint8Array, at: number, quote: number, level: number): Range | null {
  if (backslashesAt(bytes, at) !== level || bytes[at + level] !== quote) return null;
  const start = at + level + 1;
  const end = stringEnd(bytes, start, level, quote);
  if (end === bytes.length) return { start, end };
  const slashes = backslashesAt(bytes, end);
  const closes = quote === QUOTE ? (slashes + 1) % (2 * (level + 1)) === level + 1 : bytes[end] === quote;
  return closes ? { start, end } : null;
}

function textOf(bytes: Uint8Array, { start, end }: Range): string {
  return String.fromCharCode(...bytes.subarray(start, end));
}
