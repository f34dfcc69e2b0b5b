/**
 * Walks JSON as text: where a value begins and ends, and what lies directly in it, one level at a time.
 *
 * Never `JSON.parse`: large integers would be rounded, `1.0` would become `1`, of two equal keys one would be lost, and two megabytes
 * would become a million objects though a screen shows fifty. Nesting costs no stack. Text that was cut ends its values where it ends.
 * @module
 */

export type JsonKind = "object" | "array" | "string" | "number" | "word";

/** A value: `text.slice(start, end)` is its JSON as it came. */
export interface JsonSpan {
  readonly kind: JsonKind;
  readonly start: number;
  readonly end: number;
}

/** What lies in an object or an array. */
export interface JsonChild extends JsonSpan {
  /** JSON text of the key with its quotes; null in an array. */
  readonly key: string | null;
  /** Where its key begins; in an array, where it begins itself. */
  readonly from: number;
}

const SPACE = /[^ \t\n\r]/g;
const WORD_END = /[\s,\]}:"[{]|$/g;
const STRUCTURE = /["{}[\]]/g;

/** The value that begins at `at` or after the white space there. */
export function valueAt(text: string, at: number): JsonSpan {
  const start = skipSpace(text, at);
  switch (text.charCodeAt(start)) {
    case 0x7b: // {
      return { kind: "object", start, end: containerEnd(text, start) };
    case 0x5b: // [
      return { kind: "array", start, end: containerEnd(text, start) };
    case 0x22: // "
      return { kind: "string", start, end: stringEnd(text, start) };
  }
  const first = text[start] ?? "";
  const end = first === "" ? start : Math.max(start + 1, search(WORD_END, text, start));
  return { kind: /[-\d]/.test(first) ? "number" : "word", start, end };
}

/** What lies directly in `span`, in order, equal keys included; at most `limit` of it. */
export function childrenOf(text: string, span: JsonSpan, limit: number = Infinity): readonly JsonChild[] {
  const children: JsonChild[] = [];
  if (span.kind !== "object" && span.kind !== "array") return children;
  let at = skipSpace(text, span.start + 1);
  while (at < span.end && children.length < limit && !isClose(text, at)) {
    let key: string | null = null;
    const from = at;
    if (span.kind === "object") {
      const keyEnd = text[at] === '"' ? stringEnd(text, at) : search(WORD_END, text, at);
      key = text.slice(at, keyEnd);
      at = skipSpace(text, keyEnd);
      if (text[at] === ":") at = skipSpace(text, at + 1);
    }
    const { kind, start, end } = valueAt(text, at);
    children.push({ key, kind, from, start, end });
    at = skipSpace(text, end);
    if (text[at] === ",") at = skipSpace(text, at + 1);
    else if (end === start) break; // nothing was read: the text was cut here, or is no JSON
  }
  return children;
}

/** The last member called `name`, as `JSON.parse` would give it; null when there is none. */
export function memberOf(text: string, span: JsonSpan, name: string): JsonChild | null {
  return childrenOf(text, span).findLast(({ key }) => key !== null && stringOf(key) === name) ?? null;
}

/** What a JSON string says; of one that was cut, as much as can be read. */
export function stringOf(json: string): string {
  for (const text of [json, `${json}"`, `${json.replace(/\\(?:u[\da-f]{0,3})?$/i, "")}"`]) {
    try {
      return String(JSON.parse(text));
    } catch {
      // It was cut within its end.
    }
  }
  return json;
}

function skipSpace(text: string, at: number): number {
  SPACE.lastIndex = at;
  return SPACE.test(text) ? SPACE.lastIndex - 1 : text.length;
}

function isClose(text: string, at: number): boolean {
  return text[at] === "}" || text[at] === "]";
}

/** Position after the closing quote. */
function stringEnd(text: string, start: number): number {
  let at = start;
  while ((at = text.indexOf('"', at + 1)) >= 0) {
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === 0x5c) backslashes++;
    if (backslashes % 2 === 0) return at + 1;
  }
  return text.length;
}

/** Position after the bracket that closes the one at `start`. */
function containerEnd(text: string, start: number): number {
  let depth = 0;
  STRUCTURE.lastIndex = start;
  while (STRUCTURE.test(text)) {
    const at = STRUCTURE.lastIndex - 1;
    switch (text.charCodeAt(at)) {
      case 0x22: // "
        STRUCTURE.lastIndex = stringEnd(text, at);
        break;
      case 0x7b: // {
      case 0x5b: // [
        depth++;
        break;
      default:
        if (--depth === 0) return at + 1;
    }
  }
  return text.length;
}

function search(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.exec(text)?.index ?? text.length;
}
