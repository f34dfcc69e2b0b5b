/** What the rules about risk (`src/risk`) look at: plain figures, and how they are read. @module */
import { type Event, FAILED_OUTCOMES, type Outcome } from "../core/event.ts";
import { listCalls } from "./calls.ts";
import type { Database } from "./database.ts";
import { payloadJson } from "./event_json.ts";
import { listEvents } from "./events.ts";
import { latestPluginFindings, type StoredFinding } from "./plugin_emits_reader.ts";
import { readStats, type TimeRange } from "./stats.ts";
import { listedTools, type UnusedTool, unusedTools } from "./tools.ts";

/** Calls of one tool in a stretch of time. */
export interface ToolCalls {
  readonly server: string;
  readonly tool: string;
  readonly calls: number;
  readonly errors: number;
  readonly p95Ms: number | null;
  /** ISO 8601. */
  readonly lastTime: string;
  /** A call that failed, to look at. */
  readonly failedId: string | null;
}

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

export interface Facts {
  readonly nowUs: number;
  /** The last 24 hours. */
  readonly day: readonly ToolCalls[];
  /** The seven days before those. */
  readonly weekBefore: readonly ToolCalls[];
  /** Calls without an answer in the last 24 hours. */
  readonly hung: readonly HungCalls[];
  /** What was not recorded in the last 24 hours. */
  readonly gaps: readonly RecordGap[];
  /** Tools whose definition was ever seen to change. */
  readonly changed: readonly { readonly server: string; readonly tool: string; readonly changedUs: number }[];
  /** Tools listed in the last 7 days and not called in them. */
  readonly unused: readonly UnusedTool[];
  /** What plugins found in the last 7 days; of each the gravest and latest. */
  readonly fromPlugins: readonly StoredFinding[];
}

const DAY_US = 86_400 * 1e6;
const WEEK_US = 7 * DAY_US;
/** Tools that fail of which an example is looked up; each takes a walk through the latest failures. */
const MAX_EXAMPLES = 10;
/** Gaps that are looked at; a machine that has more has told enough. */
const MAX_GAPS = 500;
/** Findings of one plugin: a list that it fills alone would hide everybody else's. */
const MAX_PLUGIN_FINDINGS = 20;

/** All that the rules look at. Of tools that are failing, as `isFailing` sees it, an example is looked up. */
export function readFacts(
  db: Database,
  nowUs: number,
  isFailing: (tool: ToolCalls) => boolean,
): Facts {
  const day = { sinceUs: nowUs - DAY_US, untilUs: nowUs };
  return {
    nowUs,
    day: withExamples(db, day, isFailing),
    weekBefore: readToolCalls(db, { sinceUs: day.sinceUs - WEEK_US, untilUs: day.sinceUs }),
    hung: readHungCalls(db, day),
    gaps: readGaps(db, day),
    changed: listedTools(db).flatMap(({ server, tool, changedUs }) =>
      changedUs === null ? [] : [{ server, tool, changedUs }]
    ),
    unused: unusedTools(db, { sinceUs: nowUs - WEEK_US }),
    fromPlugins: latestPluginFindings(db, { sinceUs: nowUs - WEEK_US, perPlugin: MAX_PLUGIN_FINDINGS }),
  };
}

/** Calls of tools in the range, by tool. */
export function readToolCalls(db: Database, range: TimeRange): ToolCalls[] {
  const rows = readStats(db, { ...range, by: "tool", method: "tools/call", series: false });
  return rows.map((row) => ({
    server: row.server ?? "",
    tool: row.key,
    calls: row.calls,
    errors: row.errors,
    p95Ms: row.p95Ms,
    lastTime: row.lastUsed ?? "",
    failedId: null,
  }));
}

function withExamples(
  db: Database,
  range: TimeRange,
  isFailing: (tool: ToolCalls) => boolean,
): ToolCalls[] {
  const tools = readToolCalls(db, range);
  const failing = new Set(tools.filter(isFailing).slice(0, MAX_EXAMPLES));
  return tools.map((tool) => {
    if (!failing.has(tool)) return tool;
    const query = { ...range, server: tool.server, tool: tool.tool };
    return { ...tool, failedId: lastCallId(db, { ...query, outcomes: FAILED_OUTCOMES }) };
  });
}

/** Calls without an answer in the range, by server. */
function readHungCalls(db: Database, range: TimeRange): HungCalls[] {
  return readStats(db, { ...range, by: "server", outcome: "hung", series: false }).map((row) => ({
    server: row.key,
    calls: row.calls,
    lastTime: row.lastUsed ?? "",
    eventId: lastCallId(db, { ...range, server: row.key, outcomes: ["hung"] }),
  }));
}

/** Id of the newest call that ended as one of `outcomes`; null when there is none (any more). */
function lastCallId(
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

/** What was not recorded in the range, by server. */
function readGaps(db: Database, range: TimeRange): RecordGap[] {
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
