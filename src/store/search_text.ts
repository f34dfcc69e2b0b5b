/**
 * What a search means: the text as it was typed, in any case, from the beginning of a word, in the payload's text (JSON's escapes read).
 * In scripts that write no spaces between words (Chinese, Japanese, Thai, …) a word may begin at any character.
 * The index gives candidates by whole words; the matcher decides. The two agree because a text that begins at a word's beginning and
 * contains its own separators consists of whole words, except that the last may go on.
 * @module
 */
import { formatOf } from "./codes.ts";

/** Longer words (base64, hashes) are indexed by their beginning, in characters. */
const MAX_WORD = 64;
const WORDS = /[\p{L}\p{N}\p{M}\p{Co}]+/gu;
/** Words that SQLite's tokenizer (unicode61, Unicode 6.1) surely cuts as we do: no marks, nothing beyond Hangul. */
const PLAIN_WORD = /^(?:(?![\ud7a4-\uffff])[\p{L}\p{N}])+$/u;
/** Characters of scripts without spaces, and Hangul, whose compounds are often written as one word. The index has whole runs of them as one word. */
const UNSPACED =
  "\\p{sc=Han}\\p{sc=Hira}\\p{sc=Kana}\\p{sc=Hang}\\p{sc=Bopo}\\p{sc=Thai}\\p{sc=Laoo}\\p{sc=Khmr}\\p{sc=Mymr}\\p{sc=Tibt}\u30fc";
const UNSPACED_ANYWHERE = new RegExp(`[${UNSPACED}]`, "u");
const UNSPACED_FIRST = new RegExp(`^[${UNSPACED}]`, "u");
const WORD_CHARACTER_FIRST = /^[\p{L}\p{N}\p{M}\p{Co}]/u;
const WORD_CHARACTER_LAST = /[\p{L}\p{N}\p{M}\p{Co}]$/u;
// deno-lint-ignore no-control-regex -- ASCII is what is meant
const ASCII = /^[\x00-\x7f]*$/;
const ESCAPE = /\\(?:u([0-9a-fA-F]{4})|(.))/g;
const ESCAPED: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f" };

/** The text of a payload in which a search looks. */
export function searchableText(payload: Uint8Array, flags: number): string {
  const text = new TextDecoder().decode(payload);
  if (formatOf(flags) !== "json" || !text.includes("\\")) return text;
  return unescapeJson(text);
}

/** Reads JSON's escapes, wherever they are. */
export function unescapeJson(text: string): string {
  return text.replace(
    ESCAPE,
    (_, hex: string | undefined, char: string) =>
      hex === undefined ? ESCAPED[char] ?? char : String.fromCharCode(parseInt(hex, 16)),
  );
}

/** Shortens long words, so that a picture in a message does not fill the index. A loop: a pattern takes 40 times as long. */
export function cutLongWords(text: string): string {
  const kept: string[] = [];
  let from = 0;
  let wordStart = 0;
  for (let at = 0; at <= text.length; at++) {
    if (at < text.length && isAsciiWord(text.charCodeAt(at))) continue;
    if (at - wordStart > MAX_WORD) {
      kept.push(text.slice(from, wordStart + MAX_WORD));
      from = at;
    }
    wordStart = at + 1;
  }
  return kept.length === 0 ? text : kept.join("") + text.slice(from);
}

function isAsciiWord(char: number): boolean {
  return char >= 97 && char <= 122 || char >= 48 && char <= 57 || char >= 65 && char <= 90;
}

/** Where a found text may begin: at the beginning of a word, or anywhere. */
export type FoundAt = "word" | "anywhere";

/** Says of a text whether it contains what was searched. */
export function textMatcher(search: string, at: FoundAt = "word"): (text: string) => boolean {
  if (!ASCII.test(search)) {
    const pattern = searchPattern(search, at, "iu");
    return (text) => pattern.test(text);
  }
  // Most searches: ten times as fast as the pattern.
  const startsWord = beginsAtWord(search, at);
  const wanted = search.toLowerCase();
  return (text) => {
    const lower = text.toLowerCase();
    for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, at + 1)) {
      if (!startsWord || !endsWithWord(lower, at)) return true;
    }
    return false;
  };
}

/** Where `text` contains what was searched, at most `limit` places in order: start and end in UTF-16 units. */
export function findMatches(
  text: string,
  search: string,
  { at, limit }: { readonly at: FoundAt; readonly limit: number },
): (readonly [start: number, end: number])[] {
  const lower = ASCII.test(search) ? text.toLowerCase() : "";
  // A few capitals are longer in lower case: then places in the one are not places in the other.
  if (lower.length !== text.length) return findByPattern(text, searchPattern(search, at, "giu"), limit);
  const startsWord = beginsAtWord(search, at);
  const wanted = search.toLowerCase();
  const places: (readonly [number, number])[] = [];
  for (let from = 0; places.length < limit;) {
    const start = lower.indexOf(wanted, from);
    if (start < 0) break;
    const isPlace = !startsWord || !endsWithWord(lower, start);
    if (isPlace) places.push([start, start + wanted.length]);
    from = start + (isPlace ? wanted.length : 1);
  }
  return places;
}

function findByPattern(text: string, pattern: RegExp, limit: number): [start: number, end: number][] {
  return text.matchAll(pattern).take(limit)
    .map((match): [number, number] => [match.index, match.index + match[0].length]).toArray();
}

/** True when the character before `end` belongs to a word. */
function endsWithWord(text: string, end: number): boolean {
  return end > 0 && WORD_CHARACTER_LAST.test(text.slice(Math.max(0, end - 2), end));
}

/** The words of a search; the last may go on in the text. */
export function searchWords(search: string): string[] {
  return [...search.matchAll(WORDS)].map(([word]) => word);
}

function searchPattern(search: string, at: FoundAt, flags: string): RegExp {
  const literal = search.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  return new RegExp((beginsAtWord(search, at) ? "(?<![\\p{L}\\p{N}\\p{M}\\p{Co}])" : "") + literal, flags);
}

function beginsAtWord(search: string, at: FoundAt): boolean {
  return at === "word" && WORD_CHARACTER_FIRST.test(search) && !UNSPACED_FIRST.test(search);
}

/** The query for FTS5 that finds at least every text that the matcher accepts; null when it cannot narrow the search down. */
export function indexQuery(search: string): string | null {
  const text = cutLongWords(search);
  const words: string[] = [];
  for (const match of text.matchAll(WORDS)) {
    const [word] = match;
    const goesOn = match.index + word.length === text.length;
    if (!PLAIN_WORD.test(word) || UNSPACED_ANYWHERE.test(word) || (goesOn && word.length < 2)) continue;
    words.push(goesOn ? `"${word}"*` : `"${word}"`);
  }
  return words.length === 0 ? null : words.join(" AND ");
}
