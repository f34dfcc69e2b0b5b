/**
 * Search in the output of sessions, newest first.
 *
 * Every chunk is unpacked and looked through; there is no index. 100 sessions of 1 MB take 0.8 to 1.2 s where nothing is found, and ms where something
 * is (2026-11-22, two processors shared with others). An FTS5 index like that of events takes 0.6 ms (full-screen programs) to 4.2 ms (logs) to fill for
 * 64 KiB, which cost 0.4 ms to append; it finds no part of a word, and misses words that lie across two chunks. A scan ends when its time
 * is over and says where it stopped, so that the next one can go on there.
 * @module
 */
import { KmError } from "../core/error.ts";
import { printable } from "../core/printable.ts";
import { findSecrets, type Secret } from "../core/redact.ts";
import { formatId } from "./codes.ts";
import type { Database } from "./database.ts";
import { findMatches } from "./search_text.ts";
import { SESSION_LIMITS } from "./session_limits.ts";
import { OUTPUT_COLUMNS, type OutputRow, readChunk } from "./session_output.ts";
import { outputText, startOfText } from "./session_text.ts";
import { sessionNumber } from "./session_writer.ts";

/** A place in the output of all sessions. */
export interface OutputPlace {
  /** Of the session. */
  readonly number: number;
  readonly seq: number;
}

export interface OutputQuery {
  /** In any case; a blank stands for any blanks, and for a jump of the cursor. */
  readonly text: string;
  readonly sessionId?: string | undefined;
  readonly limit: number;
  /** Only what lies before it: the last hit of the page before, or where the scan stopped. */
  readonly before?: OutputPlace | undefined;
  /** How long to look, in ms. */
  readonly budgetMs?: number | undefined;
}

export interface SessionHit extends OutputPlace {
  readonly sessionId: string;
  /** When it was written, in µs since the Unix epoch. */
  readonly timeUs: number;
  /** Printable; the match is from `matchStart` to before `matchEnd`, in UTF-16 units. */
  readonly line: string;
  readonly matchStart: number;
  readonly matchEnd: number;
}

export interface OutputHits {
  readonly hits: readonly SessionHit[];
  /** Not null: the time was over, and what lies before this place was not looked at. */
  readonly stoppedAt: OutputPlace | null;
}

/** Long enough for 100 sessions of 1 MB and as much again; short enough for somebody who waits. */
const BUDGET_MS = 2000;
/** Bytes looked through at once; chunks may be as small as a key. */
const WINDOW_BYTES = 64 * 1024;
/** …of which a window takes at most this many. */
const WINDOW_CHUNKS = 512;
/** How far a match may go on behind a window, with the escape sequences in it. */
const LOOK_AHEAD_BYTES = 8 * 1024;
/** Without a safe place to begin in this many bytes (a picture, say), any place will do. */
const MAX_UNSAFE_BYTES = 1024 * 1024;
/** Of a line that is longer, what is shown: full-screen programs write screens without a line feed. */
const LINE_CHARS = 200, CHARS_BEFORE = 60;
/** How far beyond what is shown a secret is looked for: tokens of known formats are shorter, and of a longer one this much is enough. */
const SECRET_CHARS = 8 * 1024;

/** Where `text` was written, newest first, the same line of a session once; and how far it came. @throws {KmError} usage when the text is too long, not_found */
export function scanOutput(db: Database, query: OutputQuery): OutputHits {
  const text = wantedText(query.text);
  if (text === "" || query.limit <= 0) return { hits: [], stoppedAt: null };
  const deadlineMs = performance.now() + (query.budgetMs ?? BUDGET_MS);
  const hits: SessionHit[] = [];
  for (const session of sessionsOf(db, query)) {
    const lines = new Set<string>();
    for (const window of windowsOf(db, session.number, query.before)) {
      for (const hit of matchesIn(window, text)) {
        if (lines.has(hit.line)) continue;
        lines.add(hit.line);
        hits.push({ sessionId: formatId(session.id), number: session.number, ...hit });
        if (hits.length === query.limit) return { hits, stoppedAt: null };
      }
      // The first windows may lie behind the place to go on from: without one before it, the next scan would stop here too.
      if (window.firstSeq < window.endSeq && performance.now() > deadlineMs) {
        return { hits, stoppedAt: { number: session.number, seq: window.firstSeq } };
      }
    }
  }
  return { hits, stoppedAt: null };
}

function wantedText(text: string): string {
  const wanted = text.toWellFormed().replace(/[\s\u00a0]+/g, " ").trim();
  if (wanted.length <= SESSION_LIMITS.searchChars) return wanted;
  throw new KmError(
    "usage",
    `Cannot search: the text has ${wanted.length} characters, at most ${SESSION_LIMITS.searchChars} are looked for`,
    { hint: "search for less of it" },
  );
}

function* sessionsOf(
  db: Database,
  { sessionId, before }: OutputQuery,
): Generator<{ readonly number: number; readonly id: Uint8Array }> {
  const only = sessionId === undefined ? null : sessionNumber(db, sessionId);
  yield* db.all<{ number: number; id: Uint8Array }>(
    `SELECT number, id FROM sessions WHERE (?1 IS NULL OR number = ?1) AND (?2 IS NULL OR number <= ?2) ORDER BY number DESC`,
    only,
    before?.number ?? null,
  );
}

/** Bytes of one frame, with their place. */
interface Piece {
  readonly seq: number;
  readonly timeUs: number;
  readonly bytes: Uint8Array;
}

/** A part of a session's output that begins outside of an escape sequence, with what follows it. */
interface Window {
  readonly pieces: readonly Piece[];
  /** Where it begins, in the bytes of the pieces. */
  readonly start: number;
  /** Where what is looked at with the window before it begins: a match there is not of this one. */
  readonly end: number;
  readonly firstSeq: number;
  readonly endSeq: number;
}

/**
 * The output of a session in windows, newest first. What of a window lies before its first safe place is looked at with the window before it.
 */
function* windowsOf(db: Database, session: number, before: OutputPlace | undefined): Generator<Window> {
  const endSeq = before?.number === session ? before.seq : Infinity;
  let ahead: Piece[] = [];
  let unsafeBytes = 0;
  const chunks = piecesBackwards(db, session, endSeq + LOOK_AHEAD_BYTES);
  for (;;) {
    const own = takeWindow(chunks);
    const isFirst = own.isFirst;
    const pieces = [...own.pieces, ...ahead];
    const end = sizeOf(own.pieces) + unsafeBytes;
    if (end === 0) return;
    const found = isFirst ? 0 : startOfText(joined(pieces).subarray(0, end));
    const isSafe = found >= 0 && found < end;
    const start = isSafe ? found : end >= MAX_UNSAFE_BYTES ? 0 : -1;
    if (start >= 0) yield { pieces, start, end, firstSeq: seqAt(pieces, start), endSeq };
    if (isFirst) return;
    unsafeBytes = start < 0 ? end : start;
    ahead = firstBytes(pieces, unsafeBytes + LOOK_AHEAD_BYTES);
  }
}

function* matchesIn(
  window: Window,
  wanted: string,
): Generator<Pick<SessionHit, "seq" | "timeUs" | "line" | "matchStart" | "matchEnd">> {
  const { pieces, start, end, endSeq } = window;
  const { text, offsetOf } = outputText(joined(pieces).subarray(start));
  const places = findMatches(text, wanted, { at: "anywhere", limit: Infinity });
  const starts = places.length === 0 ? [] : startsOf(pieces);
  for (const [from, to] of places.reverse()) {
    const offset = start + offsetOf(from);
    if (offset >= end) continue;
    const index = indexAt(starts, offset);
    const { seq: firstSeq, timeUs } = pieces[index] as Piece; // as: `indexAt` gives a place in the list
    const seq = firstSeq + offset - (starts[index] ?? 0);
    if (seq < endSeq) yield { seq, timeUs, ...shownLine(text, from, to) };
  }
}

/** The line of a match, or the part of it around the match, printable and without secrets. */
function shownLine(
  text: string,
  from: number,
  to: number,
): Pick<SessionHit, "line" | "matchStart" | "matchEnd"> {
  const lineStart = text.lastIndexOf("\n", from - 1) + 1;
  const next = text.indexOf("\n", to);
  const lineEnd = next < 0 ? text.length : next;
  const start = lineEnd - lineStart <= LINE_CHARS ? lineStart : Math.max(lineStart, from - CHARS_BEFORE);
  const end = Math.min(lineEnd, Math.max(to, start + LINE_CHARS));
  const secrets = secretsAround(text, start, end);
  // Who looks for a part of a secret finds where it is, and not what follows.
  const cut = secrets.filter((secret) => secret.start < to && secret.end > from);
  const matchFrom = Math.min(from, ...cut.map((secret) => secret.start));
  const matchTo = Math.max(to, ...cut.map((secret) => secret.end));
  const part = (from: number, to: number) => maskedPart(text, secrets, from, to);
  const before = (start > lineStart ? "…" : "") + shown(part(start, matchFrom).trimStart());
  const match = shown(part(matchFrom, matchTo));
  const after = shown(part(matchTo, end).trimEnd()) + (end < lineEnd ? "…" : "");
  return {
    line: before + match + after,
    matchStart: before.length,
    matchEnd: before.length + match.length,
  };
}

/** Secrets that reach into what is shown may begin before it and end behind it. */
function secretsAround(text: string, start: number, end: number): Secret[] {
  const from = Math.max(0, start - SECRET_CHARS);
  return findSecrets(text.slice(from, end + SECRET_CHARS)).map((secret) => ({
    ...secret,
    start: from + secret.start,
    end: from + secret.end,
  }));
}

/** From `from` to before `to`; a secret that one of them cuts through is masked as a whole. */
function maskedPart(text: string, secrets: readonly Secret[], from: number, to: number): string {
  let [at, masked] = [from, ""];
  for (const { start, end, mask } of secrets) {
    if (end <= at || start >= to) continue;
    masked += text.slice(at, Math.max(at, start)) + mask;
    at = end;
  }
  return masked + text.slice(at, Math.max(at, to));
}

/** A cut may have gone through a character of two units. */
function shown(text: string): string {
  return printable(text.toWellFormed());
}

function takeWindow(
  chunks: Iterator<Piece[]>,
): { readonly pieces: Piece[]; readonly isFirst: boolean } {
  const taken: Piece[][] = [];
  let isFirst = false;
  for (let size = 0; size < WINDOW_BYTES && taken.length < WINDOW_CHUNKS;) {
    const { value, done } = chunks.next();
    if (done) {
      isFirst = true;
      break;
    }
    taken.push(value);
    size += sizeOf(value);
  }
  return { pieces: taken.reverse().flat(), isFirst };
}

/** The output of each chunk of a session that begins before `endSeq`, newest chunk first. */
function* piecesBackwards(db: Database, session: number, endSeq: number): Generator<Piece[]> {
  for (let number = Number.MAX_SAFE_INTEGER;;) {
    const row = db.get<OutputRow>(
      `SELECT ${OUTPUT_COLUMNS} FROM session_output WHERE session = ? AND number < ? AND first_seq < ? AND end_seq > first_seq
       ORDER BY number DESC LIMIT 1`,
      session,
      number,
      Math.min(endSeq, Number.MAX_SAFE_INTEGER),
    );
    if (!row) return;
    ({ number } = row);
    const pieces: Piece[] = [];
    let seq = row.first_seq;
    for (const frame of readChunk(row).frames) {
      if (frame.kind !== "output") continue;
      pieces.push({ seq, timeUs: frame.timeUs, bytes: frame.bytes });
      seq += frame.bytes.length;
    }
    yield pieces;
  }
}

function sizeOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, piece) => sum + piece.bytes.length, 0);
}

function joined(pieces: readonly Piece[]): Uint8Array {
  const [only] = pieces;
  if (only !== undefined && pieces.length === 1) return only.bytes;
  const bytes = new Uint8Array(sizeOf(pieces));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece.bytes, at);
    at += piece.bytes.length;
  }
  return bytes;
}

function firstBytes(pieces: readonly Piece[], size: number): Piece[] {
  const first: Piece[] = [];
  for (const piece of pieces) {
    if (size <= 0) break;
    first.push({ ...piece, bytes: piece.bytes.subarray(0, size) });
    size -= piece.bytes.length;
  }
  return first;
}

/** Where each piece begins in the bytes of all. */
function startsOf(pieces: readonly Piece[]): number[] {
  let offset = 0;
  return pieces.map(({ bytes }) => (offset += bytes.length) - bytes.length);
}

/** The last of `starts`, which rise, that is not behind `offset`. */
function indexAt(starts: readonly number[], offset: number): number {
  let low = 0;
  for (let high = starts.length; high - low > 1;) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? Infinity) <= offset) low = middle;
    else high = middle;
  }
  return low;
}

function seqAt(pieces: readonly Piece[], offset: number): number {
  const starts = startsOf(pieces);
  const index = indexAt(starts, offset);
  return (pieces[index]?.seq ?? 0) + offset - (starts[index] ?? 0);
}
