/** What km records from now on, for a plugin that is tried out. @module */
import { kmPaths } from "../../../config/paths.ts";
import type { Event } from "../../../core/event.ts";
import type { EventFilter } from "../../../core/filter.ts";
import { openDatabase } from "../../../store/database.ts";
import { lastSeq } from "../../../store/events.ts";
import { StoreSource } from "../../source_store.ts";

/** How often is looked whether there is a database yet, in ms. */
const APPEARS_MS = 150;

/** Calls `give` with each event that is recorded from now on; never returns. @throws {KmError} when the database cannot be read */
export async function followRecorded(filter: EventFilter, give: (event: Event) => void): Promise<never> {
  const { database } = kmPaths();
  let isNew = false;
  while (!await Deno.stat(database).then(() => true, () => false)) {
    isNew = true;
    await new Promise((resolve) => setTimeout(resolve, APPEARS_MS));
  }
  using db = openDatabase(database, { mode: "read" });
  const start = isNew ? 0 : lastSeq(db);
  for await (const { events } of new StoreSource(db).follow(filter, start)) events.forEach(give);
  throw new TypeError("following a store does not end");
}
