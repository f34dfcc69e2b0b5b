/** What is stored of sessions: their history, their recordings, what their output says, and who did what. @module */
import { formatTimeUs } from "../../core/clock.ts";
import type { AsciicastPlace } from "../../sessions/asciicast.ts";
import { asciicastPage } from "../../sessions/asciicast.ts";
import type { Database } from "../../store/database.ts";
import { listAudit } from "../../store/session_audit.ts";
import { listCommands } from "../../store/session_commands.ts";
import { type OutputFrame, outputRange, readOutput } from "../../store/session_output.ts";
import { findSession, stateHistory } from "../../store/session_reader.ts";
import { type OutputPlace, scanOutput } from "../../store/session_search.ts";
import { commandBody, stateBody } from "../sessions/session_bodies.ts";

/** Output of one page, in bytes: chunks of it are unpacked whole. */
const PAGE_BYTES = 256 * 1024;
/** How long one search may look, in ms; what it did not come to is left to the next page. */
const SEARCH_MS = 300;

export const HISTORY_KINDS = ["states", "commands", "output"] as const;
export type HistoryKind = typeof HISTORY_KINDS[number];

export interface HistoryArgs {
  readonly id: string;
  /** None: states and commands. */
  readonly kind: HistoryKind | null;
  readonly limit: number;
  readonly cursor: string | null;
}

/** States oldest first, commands newest first, output oldest first. */
export function sessionHistory(db: Database, { id, kind, limit, cursor }: HistoryArgs): string {
  const isAsked = (one: HistoryKind) => kind === one || (kind === null && one !== "output");
  const states = isAsked("states") ? stateHistory(db, id).map(stateBody) : [];
  const commands = isAsked("commands")
    ? listCommands(db, id, { limit, before: cursor ?? undefined }).map(commandBody)
    : [];
  const output = isAsked("output") ? outputPage(db, id, Number(cursor ?? 0)) : { entries: [], nextSeq: null };
  const last = commands.length === limit ? commands.at(-1)?.id ?? null : null;
  const nextCursor = output.nextSeq === null ? last : String(output.nextSeq);
  return JSON.stringify({ states, commands, output: output.entries, range: outputRange(db, id), nextCursor });
}

function outputPage(
  db: Database,
  id: string,
  fromSeq: number,
): { readonly entries: readonly object[]; readonly nextSeq: number | null } {
  const entries: object[] = [];
  let sizeBytes = 0;
  let endSeq = fromSeq;
  for (const chunk of readOutput(db, id, { fromSeq })) {
    const isEmpty = chunk.firstSeq === chunk.endSeq;
    // Told by the page before, which goes on to the next byte.
    if (isEmpty && fromSeq > 0 && chunk.endSeq === fromSeq) continue;
    if (!isEmpty && sizeBytes >= PAGE_BYTES) return { entries, nextSeq: endSeq };
    let seq = chunk.firstSeq;
    for (const frame of chunk.frames) {
      const from = frame.kind === "output" ? Math.max(0, fromSeq - seq) : 0;
      const length = frame.kind === "output" ? frame.bytes.length : 0;
      if (length === 0 || from < length) entries.push(outputEntry(frame, seq, from));
      seq += length;
    }
    sizeBytes += chunk.endSeq - chunk.firstSeq;
    endSeq = chunk.endSeq;
  }
  return { entries, nextSeq: null };
}

function outputEntry(frame: OutputFrame, seq: number, from: number): object {
  const time = formatTimeUs(frame.timeUs);
  switch (frame.kind) {
    case "output":
      return { kind: "output", seq: seq + from, time, base64: frame.bytes.subarray(from).toBase64() };
    case "resize":
      return { kind: "resize", seq, time, size: frame.size };
    case "marker":
      return { kind: "marker", seq, time, text: frame.text };
  }
}

export interface RecordingArgs {
  readonly id: string;
  readonly version: 2 | 3;
  readonly after: AsciicastPlace | null;
}

/** A line with the place of the next page, or null; then the lines of this one. */
export function sessionRecording(db: Database, { id, version, after }: RecordingArgs): string {
  const session = findSession(db, id);
  const chunks = readOutput(db, id, { fromSeq: after?.seq ?? 0 });
  const { text, next } = asciicastPage(session, chunks, { version, after, maxChars: PAGE_BYTES });
  return `${JSON.stringify(next)}\n${text}`;
}

export interface SessionSearchArgs {
  /** Its name tells that this looks through texts. */
  readonly filter: { readonly search: string; readonly sessionId: string | null };
  readonly limit: number;
  readonly before: OutputPlace | null;
}

export function searchSessions(db: Database, { filter, limit, before }: SessionSearchArgs): string {
  const { hits, stoppedAt } = scanOutput(db, {
    text: filter.search,
    sessionId: filter.sessionId ?? undefined,
    limit,
    before: before ?? undefined,
    budgetMs: SEARCH_MS,
  });
  const last = hits.length === limit ? hits.at(-1) ?? null : null;
  const next = stoppedAt ?? last;
  return JSON.stringify({
    hits: hits.map(({ timeUs, ...hit }) => ({ ...hit, time: formatTimeUs(timeUs) })),
    complete: stoppedAt === null,
    nextCursor: next && `${next.number}.${next.seq}`,
  });
}

export interface AuditArgs {
  readonly limit: number;
  readonly before: number | null;
  readonly subject: string | null;
}

export function listAuditEntries(db: Database, { limit, before, subject }: AuditArgs): string {
  const entries = listAudit(db, { limit, before: before ?? undefined, subject: subject ?? undefined });
  return JSON.stringify({
    entries: entries.map(({ timeUs, ...entry }) => ({ ...entry, time: formatTimeUs(timeUs) })),
    nextCursor: entries.length === limit ? String(entries.at(-1)?.number) : null,
  });
}
