/** Reads what the rules about risk look at (`src/risk/facts.ts`). @module */
import type { Event, Outcome } from "../core/event.ts";
import { listCalls } from "./calls.ts";
import type { Database } from "./database.ts";
import { payloadJson } from "./event_json.ts";
import { listEvents } from "./events.ts";
import { readStats, type StatsRow, type TimeRange } from "./stats.ts";

/** Calls without an answer, of one server. */
export interface HungCalls {
  readonly server: string;
  readonly calls: number;
  /** ISO 8601. */
  readonly lastTime: string;
  /** The last one. */
  readonly eventId: string | null;
}

/** What was not recorded, of one server. */
export interface RecordGap {
  readonly server: string;
  readonly messages: number;
  readonly bytes: number;
  readonly lastTime: string;
  readonly eventId: string;
}

/** Gaps that are looked at; a machine that has more has told enough. */
const MAX_GAPS = 500;

/** Calls without an answer in the range, by server. */
export function readHungCalls(db: Database, range: TimeRange): HungCalls[] {
  return readStats(db, { ...range, by: "server", outcome: "hung", series: false }).map((row) => ({
    server: row.key,
    calls: row.calls,
    lastTime: row.lastUsed ?? "",
    eventId: lastCallId(db, { ...range, server: row.key, outcomes: ["hung"] }),
  }));
}

/** Id of the newest call that ended as one of `outcomes`; null when there is none (any more). */
export function lastCallId(
  db: Database,
  query: TimeRange & {
    readonly server: string;
    readonly tool?: string;
    readonly outcomes: readonly Outcome[];
  },
): string | null {
  const { outcomes, ...filter } = query;
  const calls = outcomes.flatMap((outcome) => listCalls(db, { ...filter, outcome }, 1));
  return calls.sort((a, b) => b.time.localeCompare(a.time))[0]?.id ?? null;
}

/** Calls of tools in the range, by tool. */
export function readToolCalls(db: Database, range: TimeRange): StatsRow[] {
  return readStats(db, { ...range, by: "tool", method: "tools/call", series: false });
}

/** What was not recorded in the range, by server. */
export function readGaps(db: Database, range: TimeRange): RecordGap[] {
  const events = listEvents(db, { ...range, kind: "gap" }, MAX_GAPS);
  return [...Map.groupBy(events, (event) => event.server)].map(([server, gaps]) => ({
    server,
    messages: gaps.reduce((sum, gap) => sum + countMessages(gap), 0),
    bytes: gaps.reduce((sum, gap) => sum + gap.sizeBytes, 0),
    lastTime: gaps[0]?.time ?? "",
    eventId: gaps[0]?.id ?? "",
  }));
}

function countMessages(gap: Event): number {
  const facts: unknown = JSON.parse(payloadJson(gap));
  const messages = typeof facts === "object" && facts !== null && "messages" in facts ? facts.messages : 1;
  return typeof messages === "number" ? messages : 1;
}
