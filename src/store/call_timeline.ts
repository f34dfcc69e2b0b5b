/** One call with everything that was said about it: its request, progress, cancellation, answer. @module */
import type { Call, Event } from "../core/event.ts";
import { KmError } from "../core/error.ts";
import { directionOf, formatId, KIND_REQUEST, kindCode } from "./codes.ts";
import type { Database } from "./database.ts";
import { EventReader, type EventRow } from "./event_rows.ts";
import { findSeqByPrefix } from "./events.ts";
import { lastSeq } from "./last_seq.ts";
import { scanSeqs } from "./seq_scan.ts";

/** A call's story, in the order it was recorded. */
export interface CallTimeline {
  readonly call: Call;
  readonly request: Event;
  readonly response: Event | null;
  readonly moments: readonly Moment[];
  /** False when the run has more notifications than are looked at. */
  readonly complete: boolean;
}

/** An event of a timeline. */
export interface Moment {
  /** Since the request, in ms. */
  readonly offsetMs: number;
  readonly event: Event;
}

const PROGRESS = "notifications/progress";
const CANCELLED = "notifications/cancelled";
/** A cancellation may cross the answer on its way and be recorded after it, by this many events. */
const CROSSING = 64;
/** Notifications looked at: at 30 µs each, 60 ms. A call that nobody answered may lie at the beginning of a long run. */
const MAX_NOTIFICATIONS = 2000;

/**
 * The call that the event belongs to whose id begins with `idPrefix`: its request or its answer.
 * @throws {KmError} not_found; ambiguous when several ids begin so
 */
export function readTimeline(db: Database, idPrefix: string): CallTimeline {
  return db.snapshot(() => {
    const reader = new EventReader(db);
    const { request, call } = findCall(reader, findSeqByPrefix(db, idPrefix), idPrefix);
    const response = request.counterpart === null ? null : reader.row(request.counterpart) ?? null;
    const { rows, complete } = relatedRows(db, reader, request, response);
    const events = new Map([request, ...rows, ...(response ? [response] : [])]
      .map((row) => [row, reader.event(row)] as const));
    return {
      call,
      request: events.get(request) as Event, // as: just put there, like the answer below
      response: response && (events.get(response) as Event),
      moments: [...events].toSorted(([a], [b]) => a.seq - b.seq)
        .map(([row, event]) => ({ offsetMs: (row.time_us - request.time_us) / 1000, event })),
      complete,
    };
  });
}

function findCall(
  reader: EventReader,
  seq: number,
  idPrefix: string,
): { readonly request: EventRow; readonly call: Call } {
  const row = reader.row(seq);
  const request = row === undefined || row.kind === KIND_REQUEST
    ? row
    : row.counterpart === null
    ? undefined
    : reader.row(row.counterpart);
  const call = request && reader.call(request);
  if (request && call) return { request, call };
  const found = row ? `"${formatId(row.id)}" belongs to no call` : "it was removed";
  throw new KmError("not_found", `Cannot find call "${idPrefix}": ${found}`, {
    hint: 'list calls with "km calls"',
  });
}

/** Notifications of the same run, from the request to its answer, that name the request or its progress token. */
function relatedRows(
  db: Database,
  reader: EventReader,
  request: EventRow,
  response: EventRow | null,
): { readonly rows: EventRow[]; readonly complete: boolean } {
  const answerSeq = response?.seq ?? Infinity;
  const selection = {
    range: { first: request.seq + 1, last: Math.min(answerSeq + CROSSING, lastSeq(db)) },
    shapes: notificationShapes(db, request.shape),
    sinceUs: -Infinity,
    untilUs: Infinity,
  };
  if (selection.shapes.size === 0) return { rows: [], complete: true };
  const token = progressToken(reader.event(request));
  const rows: EventRow[] = [];
  let looked = 0;
  for (const seq of scanSeqs(db, selection, "oldest")) {
    if (looked++ >= MAX_NOTIFICATIONS) return { rows, complete: false };
    const row = reader.row(seq);
    if (!row) continue;
    const isAsker = directionOf(row.direction) === directionOf(request.direction);
    const belongs = row.method === PROGRESS
      ? !isAsker && seq < answerSeq && token !== null && paramOf(reader.event(row), "progressToken") === token
      : isAsker && paramOf(reader.event(row), "requestId") === request.rpc_id;
    if (belongs) rows.push(row);
  }
  return { rows, complete: true };
}

function notificationShapes(db: Database, requestShape: number): ReadonlySet<number> {
  const rows = db.all<{ id: number }>(
    `SELECT id FROM shapes WHERE run = (SELECT run FROM shapes WHERE id = ?) AND kind = ? AND method IN (?, ?)`,
    requestShape,
    kindCode("notification"),
    PROGRESS,
    CANCELLED,
  );
  return new Set(rows.map((row) => row.id));
}

/** The token that progress of the request will carry, as JSON text, so that `1` and `"1"` differ. */
function progressToken(request: Event): string | null {
  const meta = member(member(request.payload, "params"), "_meta");
  return idText(member(meta, "progressToken"));
}

function paramOf(notification: Event, name: string): string | null {
  return idText(member(member(notification.payload, "params"), name));
}

function member(value: unknown, name: string): unknown {
  // As: an object's members are unknown, and Object.hasOwn keeps inherited ones out.
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

function idText(value: unknown): string | null {
  return typeof value === "string" || typeof value === "number" ? JSON.stringify(value) : null;
}
