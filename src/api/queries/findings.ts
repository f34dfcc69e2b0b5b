/** What a person should look at: facts from the store, judged by the rules. @module */
import { findAll, isFailing } from "../../risk/rules.ts";
import type { Database } from "../../store/database.ts";
import { readFacts } from "../../store/risk_facts.ts";

export interface FindingsArgs {
  readonly nowUs: number;
}

export function getFindings(db: Database, { nowUs }: FindingsArgs): string {
  return JSON.stringify({ findings: findAll(readFacts(db, nowUs, isFailing)) });
}
