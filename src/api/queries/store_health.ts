/** The store's state, for `GET /ready`. @module */
import type { Database } from "../../store/database.ts";
import { readStoreHealth } from "../../store/store_state.ts";

export function storeHealth(db: Database, _args: Record<string, never>): string {
  return JSON.stringify(readStoreHealth(db.path));
}
