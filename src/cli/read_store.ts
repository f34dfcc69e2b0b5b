/** Opens the database for a command that reads it. @module */

import { kmPaths } from "../config/paths.ts";
import { type Database, openDatabase } from "../store/database.ts";
import { KmError } from "../core/error.ts";
import type { EventFilter } from "../core/filter.ts";
import { suggest } from "../core/suggest.ts";
import { printable } from "../core/printable.ts";

/** What every empty answer suggests. */
export const NOTHING_RECORDED =
  "nothing recorded yet: put `km monitor --` in front of a server's command in your client's configuration, or try `km demo`";

/** Runs `read` with the open database; without one, prints what to do next and returns the exit code 0. */
export async function withStore(
  read: (db: Database) => Promise<number> | number,
  whenEmpty: () => number,
): Promise<number> {
  let db: Database;
  try {
    db = openDatabase(kmPaths().database, { mode: "read" });
  } catch (error) {
    if (error instanceof KmError && error.code === "not_found") return whenEmpty();
    throw error;
  }
  try {
    return await read(db);
  } finally {
    db[Symbol.dispose]();
  }
}

/** Says why a list is empty, and what to try. `servers` are the names of all that were recorded. */
export function explainNothing(servers: readonly string[], what: string, filter: EventFilter): string {
  if (servers.length === 0) return NOTHING_RECORDED;
  const { server } = filter;
  if (server !== undefined && !servers.includes(server)) {
    const near = suggest(server, servers);
    const known = near === undefined ? `known servers: ${servers.join(", ")}` : `did you mean "${near}"?`;
    return printable(`no ${what} of a server "${server}"; ${known}`);
  }
  return Object.values(filter).every((value) => value === undefined)
    ? `no ${what} recorded yet`
    : `no ${what} match; leave out a flag to see more`;
}
