/** Ids as short as `km show` understands them. @module */
import { formatId, hexToBytes } from "./codes.ts";
import type { Database } from "./database.ts";

const ID_BYTES = 16;

/**
 * Returns what makes an id short: its beginning that no other id of the database has, of at least `least` characters (13 hold the
 * time of a UUIDv7). The ids before and after it in the index decide.
 */
export function idShortener(db: Database, least = 13): (id: string) => string {
  return (id) => {
    const bytes = hexToBytes(id.replaceAll("-", ""), ID_BYTES);
    const neighbours = [
      db.get<{ id: Uint8Array }>("SELECT id FROM events WHERE id < ? ORDER BY id DESC LIMIT 1", bytes),
      db.get<{ id: Uint8Array }>("SELECT id FROM events WHERE id > ? ORDER BY id LIMIT 1", bytes),
    ];
    const needed = neighbours.map((row) => row === undefined ? 0 : sharedLength(id, formatId(row.id)) + 1);
    return id.slice(0, Math.max(least, ...needed));
  };
}

function sharedLength(a: string, b: string): number {
  let same = 0;
  while (same < a.length && a[same] === b[same]) same++;
  return same;
}
