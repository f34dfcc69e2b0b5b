/** What a person should look at: facts from the store, judged by the rules. @module */
import type { Facts, ToolCalls } from "../../risk/facts.ts";
import type { Finding } from "../../risk/finding.ts";
import { findAll, isFailing } from "../../risk/rules.ts";
import type { Database } from "../../store/database.ts";
import { lastCallId, readGaps, readHungCalls, readToolCalls } from "../../store/risk_facts.ts";
import type { TimeRange } from "../../store/stats.ts";
import { listedTools, unusedTools } from "../../store/tools.ts";

export interface FindingsArgs {
  readonly nowUs: number;
}

const DAY_US = 86_400 * 1e6;
const WEEK_US = 7 * DAY_US;
/** Tools that fail of which an example is looked up; each takes a walk through the latest failures. */
const MAX_EXAMPLES = 10;

export function getFindings(db: Database, args: FindingsArgs): string {
  return JSON.stringify({ findings: readFindings(db, args) });
}

export function readFindings(db: Database, { nowUs }: FindingsArgs): Finding[] {
  return findAll(readFacts(db, nowUs));
}

function readFacts(db: Database, nowUs: number): Facts {
  const day = { sinceUs: nowUs - DAY_US, untilUs: nowUs };
  return {
    nowUs,
    day: withExamples(db, day, readCalls(db, day)),
    weekBefore: readCalls(db, { sinceUs: day.sinceUs - WEEK_US, untilUs: day.sinceUs }),
    hung: readHungCalls(db, day),
    gaps: readGaps(db, day),
    changed: listedTools(db).flatMap(({ server, tool, changedUs }) =>
      changedUs === null ? [] : [{ server, tool, changedUs }]
    ),
    unused: unusedTools(db, { sinceUs: nowUs - WEEK_US }),
  };
}

/** Calls of tools in the range. */
export function readCalls(db: Database, range: TimeRange): ToolCalls[] {
  return readToolCalls(db, range).map((row) => ({
    server: row.server ?? "",
    tool: row.key,
    calls: row.calls,
    errors: row.errors,
    p95Ms: row.p95Ms,
    lastTime: row.lastUsed ?? "",
    failedId: null,
  }));
}

function withExamples(db: Database, range: TimeRange, tools: readonly ToolCalls[]): ToolCalls[] {
  const failing = new Set(tools.filter(isFailing).slice(0, MAX_EXAMPLES));
  return tools.map((tool) => {
    if (!failing.has(tool)) return tool;
    const { server, tool: name } = tool;
    const failedId = lastCallId(db, {
      ...range,
      server,
      tool: name,
      outcomes: ["error", "tool_error", "hung"],
    });
    return { ...tool, failedId };
  });
}
