/** Today at a glance. @module */
import type { Database } from "../../store/database.ts";
import { type Days, type Odometer, readOdometers } from "../../store/odometer.ts";
import { readFindings } from "./findings.ts";

export interface OverviewArgs extends Days {
  readonly model: string | null;
  /** Price of a million tokens that go into the model, in millionths of a dollar; null when it is not known. */
  readonly microUsdPerMillionTokens: number | null;
}

export function getOverview(db: Database, args: OverviewArgs): string {
  const { today, yesterday, week, all } = readOdometers(db, args);
  const priced = (odometer: Odometer) => ({ ...odometer, costMicroUsd: null });
  return JSON.stringify({
    odometer: { today: priced(today), yesterday: priced(yesterday), week: priced(week), all: priced(all) },
    model: args.model,
    changes: [],
    findings: readFindings(db, args),
  });
}
