/** What a person should look at. @module */
import type { Finding } from "../../risk/finding.ts";
import type { Database } from "../../store/database.ts";

export interface FindingsArgs {
  readonly nowUs: number;
}

export function getFindings(db: Database, args: FindingsArgs): string {
  return JSON.stringify({ findings: readFindings(db, args) });
}

export function readFindings(_db: Database, _args: FindingsArgs): Finding[] {
  return [];
}
