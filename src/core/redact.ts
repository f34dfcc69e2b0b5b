/**
 * Takes secrets out of bytes before they are stored or printed.
 *
 * One pass: three bytes at a time, in lower case, are looked up in a table of the beginnings of everything that could be a secret; only
 * where the table says so does a matcher look closer. What is replaced lies within one JSON string and never splits an escape,
 * so that JSON stays JSON.
 * @module
 */
import type { Haystack, Match } from "./redact_bytes.ts";
import { matchNamedValue } from "./redact_fields.ts";
import { noteEscape, withoutEscapes } from "./redact_escapes.ts";
import { TOKEN_FORMATS } from "./redact_formats.ts";
import {
  matchAuthScheme,
  matchCurlUser,
  matchDiscordToken,
  type Matcher,
  matchFormat,
  matchJwt,
  matchLiteral,
  matchPrivateKey,
  matchTelegramToken,
  matchUrlCredentials,
  matchWebhook,
} from "./redact_matchers.ts";
import { isSecretName, NAME_TRIGGERS } from "./redact_names.ts";

/** Takes secrets out. Returns its argument itself when there are none. */
export interface Redactor {
  /** `cut`: the bytes end in the middle of a message; a secret that is cut off there is taken out too. */
  bytes(bytes: Uint8Array, cut?: boolean): Uint8Array;
  text(text: string): string;
}

/** A held secret shorter than this is not searched for: it would be found everywhere. */
const MIN_LITERAL_BYTES = 6;
/** Knuth's multiplier: spreads 24 bits over the top 16. */
const HASH_MULTIPLIER = 0x9e3779b1;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Makes a redactor that knows the common formats and, byte for byte, each of `secrets`. */
export function createRedactor(secrets: readonly string[] = []): Redactor {
  return redactorOf(tableOf(secrets));
}

function tableOf(secrets: readonly string[]): TriggerTable {
  const table = new TriggerTable();
  for (const format of TOKEN_FORMATS) table.addToken(format.prefix, matchFormat(format));
  table.add("\\u0", noteEscape);
  for (const trigger of ["-u ", "--u"]) table.add(trigger, matchCurlUser);
  table.add("eyj", matchJwt);
  table.add("beg", matchPrivateKey);
  for (const trigger of ["://", ":\\/"]) table.add(trigger, matchUrlCredentials);
  for (const trigger of ["bea", "bas"]) table.add(trigger, matchAuthScheme);
  for (const trigger of ["hoo", "web"]) table.add(trigger, matchWebhook);
  table.add(":aa", matchTelegramToken);
  for (const trigger of discordBeginnings()) table.add(trigger, matchDiscordToken);
  for (const trigger of NAME_TRIGGERS) table.add(trigger, matchNamedValue);
  for (const literal of spellings(secrets)) table.add(literal, matchLiteral(encoder.encode(literal)));
  return table;
}

function redactorOf(table: TriggerTable): Redactor {
  return {
    bytes: (bytes, cut = false) => replaceAll(bytes, cut, table),
    text: (text) => {
      const bytes = encoder.encode(text);
      const redacted = replaceAll(bytes, false, table);
      return redacted === bytes ? text : decoder.decode(redacted);
    },
  };
}

/** Takes secrets of known formats out of a text. */
export function redactText(text: string): string {
  return redactorOf(formats ??= tableOf([])).text(text);
}

/** Those alone, for all that ask. */
let formats: TriggerTable | null = null;

/** A secret in a text: from `start` to before `end`, in UTF-16 units. */
export interface Secret {
  readonly start: number;
  readonly end: number;
  /** What stands for it where the text is shown. */
  readonly mask: string;
}

/** Where `redactText()` takes something out, in order; for who must know, since the text is shown in pieces. */
export function findSecrets(text: string): readonly Secret[] {
  const haystack = haystackOf(encoder.encode(text), false);
  const matches = findMatches(haystack, formats ??= tableOf([]));
  // Within escapes places are others: all between the first and the last change counts as one.
  if (haystack.hasEscapes) return changeOf(text, redactText(text));
  let [at, place] = [0, 0];
  return matches.map(({ start, end, label }) => {
    const from = place + decoder.decode(haystack.bytes.subarray(at, start)).length;
    place = from + decoder.decode(haystack.bytes.subarray(start, end)).length;
    at = end;
    return { start: from, end: place, mask: `[redacted:${label}]` };
  });
}

function changeOf(text: string, redacted: string): Secret[] {
  if (text === redacted) return [];
  const shorter = Math.min(text.length, redacted.length);
  let start = 0;
  while (start < shorter && text[start] === redacted[start]) start++;
  let left = 0;
  while (left < shorter - start && text.at(-1 - left) === redacted.at(-1 - left)) left++;
  const end = text.length - left;
  return [{ start, end, mask: redacted.slice(start, redacted.length - left) }];
}

/** A command line without its secrets: `--token X`, `--api-key=X`, `KEY=value`, URLs, keys of known formats, what `redactor` knows. */
export function redactCommand(
  argv: readonly string[],
  redactor: Pick<Redactor, "text"> = { text: redactText },
): string[] {
  return argv.map((word, index) => {
    const flag = argv[index - 1];
    if (flag !== undefined && /^--?[\w-]+$/.test(flag) && isSecretName(flag) && !word.startsWith("-")) {
      return "[redacted:secret]";
    }
    const [, name, value] = /^(-{0,2}[\w.-]+)=(.+)$/s.exec(word) ?? [];
    return name !== undefined && value !== undefined && isSecretName(name)
      ? `${name}=[redacted:secret]`
      : redactor.text(word);
  });
}

/** Which matchers to ask, by the hash of three folded bytes. Different beginnings may share a slot: matchers look for themselves. */
class TriggerTable {
  /** Index into `matchers`; 0 for nothing. */
  readonly slots = new Uint16Array(1 << 16);
  readonly matchers: Matcher[][] = [[]];

  /** Asks `matcher` wherever the first three bytes of `beginning` stand, in any case. */
  add(beginning: string, matcher: Matcher): void {
    let folded = 0;
    for (const byte of encoder.encode(beginning).subarray(0, 3)) folded = fold(folded, byte);
    const slot = slotOf(folded);
    let index = this.slots[slot] as number;
    if (index === 0) {
      index = this.matchers.findIndex((list) => list.length === 1 && list[0] === matcher);
      if (index < 0) index = this.matchers.push([matcher]) - 1;
    } else if (!this.matchers[index]?.includes(matcher)) {
      index = this.matchers.push([...(this.matchers[index] ?? []), matcher]) - 1;
    }
    this.slots[slot] = index;
  }

  /** A prefix of two letters is asked for with each hex digit that may follow. */
  addToken(prefix: string, matcher: Matcher): void {
    if (prefix.length >= 3) return this.add(prefix, matcher);
    for (const digit of "0123456789abcdef") this.add(prefix + digit, matcher);
  }
}

/** Lower case for letters; other bytes only become alike, which costs a second look. */
function fold(folded: number, byte: number): number {
  return ((folded << 8) | (byte | 0x20)) & 0xffffff;
}

function slotOf(folded: number): number {
  return Math.imul(folded, HASH_MULTIPLIER) >>> 16;
}

/** Takes out what `table` finds. Where more is found once escapes are read, a copy without them is what remains. */
function replaceAll(bytes: Uint8Array, cut: boolean, table: TriggerTable): Uint8Array {
  const haystack = haystackOf(bytes, cut);
  const matches = findMatches(haystack, table);
  const plain = replace(bytes, matches);
  if (!haystack.hasEscapes) return plain;
  const decoded = withoutEscapes(bytes);
  const decodedMatches = findMatches(haystackOf(decoded, cut), table);
  // An escape may also have been what told a secret from the word around it.
  if (decodedMatches.length < matches.length) return replaceAll(withoutEscapes(plain), cut, table);
  const redacted = replace(decoded, decodedMatches);
  return isSame(redacted, withoutEscapes(plain)) ? plain : redacted;
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

function haystackOf(bytes: Uint8Array, cut: boolean): Haystack {
  return { bytes, cut, hasEscapes: false, coveredTo: 0 };
}

function findMatches(haystack: Haystack, table: TriggerTable): readonly Match[] {
  const found: Match[] = [];
  scan(haystack, table, 0, haystack.bytes.length, found);
  return found;
}

/** The hot loop: one table look-up per byte. */
function scan(haystack: Haystack, table: TriggerTable, start: number, end: number, found: Match[]): void {
  const { bytes } = haystack;
  const { slots, matchers } = table;
  let from = start;
  let folded = 0;
  for (let at = start; at < end; at++) {
    folded = ((folded << 8) | (bytes[at] as number) | 0x20) & 0xffffff;
    const index = slots[Math.imul(folded, HASH_MULTIPLIER) >>> 16] as number;
    if (index === 0) continue;
    const match = firstMatch(haystack, at - 2, from, end, matchers[index] as Matcher[]);
    if (match === null) continue;
    for (const each of [match, ...match.others ?? []]) {
      if (each.start < from || each.end > end) continue;
      // What stands between a name and its value, or between two values, may hold more.
      if (each.start > at + 1) scan(haystack, table, Math.max(from, at + 1), each.start, found);
      found.push(each);
      from = each.end;
      at = Math.max(at, from - 1);
    }
    folded = 0;
  }
}

function firstMatch(
  haystack: Haystack,
  at: number,
  from: number,
  to: number,
  matchers: Matcher[],
): Match | null {
  for (const matcher of matchers) {
    const match = matcher(haystack, at);
    if (match !== null && match.start >= from && match.end <= to && match.end > match.start) return match;
  }
  return null;
}

function replace(bytes: Uint8Array, matches: readonly Match[]): Uint8Array {
  if (matches.length === 0) return bytes;
  const parts: Uint8Array[] = [];
  let from = 0;
  for (const { start, end, label } of matches) {
    parts.push(bytes.subarray(from, start), encoder.encode(`[redacted:${label}]`));
    from = end;
  }
  parts.push(bytes.subarray(from));
  const result = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}

/** A secret as it may be written: plain, in JSON, in JSON within JSON, in a URL. */
function spellings(secrets: readonly string[]): Set<string> {
  const all = new Set<string>();
  for (const secret of secrets) {
    if (encoder.encode(secret).length < MIN_LITERAL_BYTES) continue;
    const inJson = JSON.stringify(secret).slice(1, -1);
    for (
      const spelling of [secret, inJson, JSON.stringify(inJson).slice(1, -1), encodeURIComponent(secret)]
    ) all.add(spelling);
  }
  return all;
}

/** Discord tokens begin with a number in base64: these are the beginnings of all that start with two digits. */
function discordBeginnings(): Set<string> {
  const all = new Set<string>();
  for (let number = 100; number < 1000; number++) all.add(btoa(String(number)).slice(0, 3));
  return all;
}
