/** Today at a glance. @module */
import { costMicroUsd } from "../../cost/price.ts";
import { type Change, findChanges } from "../../risk/change.ts";
import { findAll, isFailing } from "../../risk/rules.ts";
import type { Database } from "../../store/database.ts";
import { type Days, type Odometer, readOdometers } from "../../store/odometer.ts";
import { readFacts, readToolCalls } from "../../store/risk_facts.ts";
import { firstSeenByServer } from "../../store/servers.ts";
import { readTotals } from "../../store/stats.ts";
import { listedTools } from "../../store/tools.ts";

export interface OverviewArgs extends Days {
  readonly model: string | null;
  /** Price of a million tokens that go into the model, in millionths of a dollar; null when it is not known. */
  readonly microUsdPerMillionTokens: number | null;
}

const DAY_US = 86_400 * 1e6;

export function getOverview(db: Database, args: OverviewArgs): string {
  const { today, yesterday, week, all } = readOdometers(db, args);
  const priced = (odometer: Odometer) => ({
    ...odometer,
    costMicroUsd: costMicroUsd(odometer.tokens, args.microUsdPerMillionTokens),
  });
  return JSON.stringify({
    odometer: { today: priced(today), yesterday: priced(yesterday), week: priced(week), all: priced(all) },
    model: args.model,
    changes: readChanges(db, args.nowUs),
    findings: findAll(readFacts(db, args.nowUs, isFailing)),
  });
}

/** Compared are the last 24 hours with the 24 before, so that it is a fair comparison at any time of the day. */
function readChanges(db: Database, nowUs: number): Change[] {
  const day = { sinceUs: nowUs - DAY_US, untilUs: nowUs };
  const dayBefore = { sinceUs: nowUs - 2 * DAY_US, untilUs: nowUs - DAY_US };
  return findChanges({
    nowUs,
    servers: [...firstSeenByServer(db)].map(([server, firstSeenUs]) => ({ server, firstSeenUs })),
    tools: listedTools(db),
    day: readToolCalls(db, day),
    dayBefore: readToolCalls(db, dayBefore),
    calls: readTotals(db, day).calls,
    callsBefore: readTotals(db, dayBefore).calls,
  });
}
