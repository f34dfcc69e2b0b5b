/** What tables need beside their rows: ids as short as can be, and what servers there are. @module */
import type { Database } from "../../store/database.ts";
import { idShortener } from "../../store/short_id.ts";
import { knownServers } from "../../store/summary.ts";

export interface ShortIdsArgs {
  readonly ids: readonly string[];
  /** Least length of each. */
  readonly least: number;
}

export function shortIds(db: Database, { ids, least }: ShortIdsArgs): string {
  const shorten = idShortener(db, least);
  return JSON.stringify({ ids: db.snapshot(() => ids.map(shorten)) });
}

export function serverNames(db: Database, _args: Record<string, never>): string {
  return JSON.stringify({ servers: knownServers(db).map(({ server }) => server) });
}
