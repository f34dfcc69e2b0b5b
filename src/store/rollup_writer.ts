/**
 * Statistics kept while writing: calls and messages by minute, hour and day. A batch is summed up in memory first, then each
 * distinct bucket is read, added to and written once, in the transaction of its events.
 * @module
 */
import type { Database } from "./database.ts";
import { type Dictionary, type SeriesKey, seriesName } from "./dictionary.ts";
import {
  decodeHistogram,
  encodeHistogram,
  type Histogram,
  mergeHistogram,
  recordDuration,
} from "./histogram.ts";

export const MINUTE_S = 60;
/** Of this width there are versions, and no buckets: readers make those from minutes. */
export const QUARTER_S = 900;
export const HOUR_S = 3600;
export const DAY_S = 86_400;
/** Widths of the buckets, in seconds. */
const SPANS = [MINUTE_S, HOUR_S, DAY_S] as const;
/** Buckets of these widths share a version, by the width of each, in seconds: readers keep them together. */
export const VERSION_S = { [MINUTE_S]: QUARTER_S, [HOUR_S]: HOUR_S, [DAY_S]: DAY_S } as const;

/** One call that is counted, or with `count: -1` taken away again. */
export interface CountedCall {
  readonly series: SeriesKey;
  readonly timeUs: number;
  readonly count: 1 | -1;
  readonly durationUs: number | null;
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly tokens: number;
}

interface CallSum {
  readonly series: SeriesKey;
  readonly span: number;
  readonly startS: number;
  calls: number;
  requestBytes: number;
  responseBytes: number;
  tokens: number;
  lastUs: number;
  readonly latency: Histogram;
}

interface TrafficSum {
  readonly span: number;
  readonly startS: number;
  events: number;
  bytes: number;
  firstSeq: number;
  lastSeq: number;
}

/** Sums up one batch and writes it. Made anew for each transaction. */
export class RollupWriter {
  readonly #calls = new Map<string, CallSum>();
  readonly #traffic = new Map<number, TrafficSum>();

  addCall(call: CountedCall): void {
    const startS = floorTo(call.timeUs, MINUTE_S);
    const key = `${startS} ${seriesName(call.series)}`;
    let sum = this.#calls.get(key);
    if (!sum) this.#calls.set(key, sum = emptySum(call.series, MINUTE_S, startS));
    sum.calls += call.count;
    sum.requestBytes += call.count * call.requestBytes;
    sum.responseBytes += call.count * call.responseBytes;
    sum.tokens += call.count * call.tokens;
    if (call.timeUs > sum.lastUs) sum.lastUs = call.timeUs;
    if (call.durationUs !== null) recordDuration(sum.latency, call.durationUs, call.count);
  }

  addEvent(seq: number, timeUs: number, sizeBytes: number): void {
    const startS = floorTo(timeUs, MINUTE_S);
    const sum = this.#traffic.get(startS);
    if (!sum) {
      this.#traffic.set(startS, {
        span: MINUTE_S,
        startS,
        events: 1,
        bytes: sizeBytes,
        firstSeq: seq,
        lastSeq: seq,
      });
      return;
    }
    sum.events++;
    sum.bytes += sizeBytes;
    sum.lastSeq = seq;
  }

  /** Writes the sums. */
  flush(db: Database, dictionary: Dictionary, server: string): void {
    for (const span of SPANS) {
      const calls = [...widenCalls(this.#calls.values(), span)];
      for (const sum of calls) writeCalls(db, dictionary, sum);
      const versionS = VERSION_S[span];
      for (const startS of new Set(calls.map((sum) => floorTo(sum.startS * 1e6, versionS)))) {
        touch(db, versionS, startS);
      }
      for (const sum of widenTraffic(this.#traffic.values(), span)) writeTraffic(db, server, sum);
    }
    writeLastCalls(db, this.#calls.values());
  }
}

/** Start of the bucket of `spanS` seconds that holds `timeUs`, in seconds since the Unix epoch (UTC). */
export function floorTo(timeUs: number, spanS: number): number {
  return Math.floor(timeUs / (spanS * 1e6)) * spanS;
}

function emptySum(series: SeriesKey, span: number, startS: number): CallSum {
  return {
    series,
    span,
    startS,
    calls: 0,
    requestBytes: 0,
    responseBytes: 0,
    tokens: 0,
    lastUs: 0,
    latency: new Map(),
  };
}

function widenCalls(minutes: Iterable<CallSum>, span: number): Iterable<CallSum> {
  if (span === MINUTE_S) return minutes;
  const sums = new Map<string, CallSum>();
  for (const minute of minutes) {
    const startS = Math.floor(minute.startS / span) * span;
    const key = `${startS} ${seriesName(minute.series)}`;
    let sum = sums.get(key);
    if (!sum) sums.set(key, sum = emptySum(minute.series, span, startS));
    sum.calls += minute.calls;
    sum.requestBytes += minute.requestBytes;
    sum.responseBytes += minute.responseBytes;
    sum.tokens += minute.tokens;
    sum.lastUs = Math.max(sum.lastUs, minute.lastUs);
    mergeHistogram(sum.latency, minute.latency);
  }
  return sums.values();
}

function widenTraffic(minutes: Iterable<TrafficSum>, span: number): Iterable<TrafficSum> {
  if (span === MINUTE_S) return minutes;
  const sums = new Map<number, TrafficSum>();
  for (const minute of minutes) {
    const startS = Math.floor(minute.startS / span) * span;
    const sum = sums.get(startS);
    if (!sum) {
      sums.set(startS, { ...minute, span, startS });
      continue;
    }
    sum.events += minute.events;
    sum.bytes += minute.bytes;
    sum.firstSeq = Math.min(sum.firstSeq, minute.firstSeq);
    sum.lastSeq = Math.max(sum.lastSeq, minute.lastSeq);
  }
  return sums.values();
}

function writeCalls(db: Database, dictionary: Dictionary, sum: CallSum): void {
  const series = dictionary.series(sum.series);
  const stored = db.get<{ latency: Uint8Array }>(
    "SELECT latency FROM rollups WHERE span = ? AND start = ? AND series = ?",
    sum.span,
    sum.startS,
    series,
  );
  // The bucket that a call is taken from may have been removed by age.
  if (!stored && sum.calls <= 0) return;
  const latency = stored ? decodeHistogram(stored.latency) : new Map<number, number>();
  mergeHistogram(latency, sum.latency);
  db.run(
    `INSERT INTO rollups VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET calls = calls + excluded.calls,
       request_bytes = ${bounded("request_bytes + excluded.request_bytes")},
       response_bytes = ${bounded("response_bytes + excluded.response_bytes")},
       tokens = ${bounded("tokens + excluded.tokens")},
       last_us = max(last_us, excluded.last_us), latency = excluded.latency`,
    sum.span,
    sum.startS,
    series,
    sum.calls,
    Math.min(sum.requestBytes, Number.MAX_SAFE_INTEGER),
    Math.min(sum.responseBytes, Number.MAX_SAFE_INTEGER),
    Math.min(sum.tokens, Number.MAX_SAFE_INTEGER),
    sum.lastUs,
    encodeHistogram(latency),
  );
}

/** A sum of what others said stays an integer: SQLite would make it a REAL, which the column refuses. */
function bounded(sum: string): string {
  return `min(${sum}, ${Number.MAX_SAFE_INTEGER})`;
}

/** Tells readers who keep the calls of this quarter of an hour, hour or day that they changed. */
function touch(db: Database, span: number, startS: number): void {
  db.run(
    "INSERT INTO rollup_versions VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET version = version + 1",
    span,
    startS,
  );
}

function writeTraffic(db: Database, server: string, sum: TrafficSum): void {
  db.run(
    `INSERT INTO traffic VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET events = events + excluded.events, bytes = ${
      bounded("bytes + excluded.bytes")
    },
       first_seq = min(first_seq, excluded.first_seq), last_seq = max(last_seq, excluded.last_seq)`,
    sum.span,
    sum.startS,
    server,
    sum.events,
    Math.min(sum.bytes, Number.MAX_SAFE_INTEGER),
    sum.firstSeq,
    sum.lastSeq,
  );
}

/** Remembers when a listed tool was last called. */
function writeLastCalls(db: Database, sums: Iterable<CallSum>): void {
  for (const { series, calls, lastUs } of sums) {
    if (series.method !== "tools/call" || series.tool === null || calls <= 0) continue;
    db.run(
      "UPDATE tools SET last_called_us = max(coalesce(last_called_us, 0), ?) WHERE server = ? AND tool = ?",
      lastUs,
      series.server,
      series.tool,
    );
  }
}
