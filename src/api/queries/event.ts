/** One event with what belongs to it. @module */
import type { Database } from "../../store/database.ts";
import { detailJson, findEvent } from "../../store/events.ts";

export function readEvent(db: Database, { id }: { readonly id: string }): string {
  return db.snapshot(() => detailJson(findEvent(db, id)));
}
