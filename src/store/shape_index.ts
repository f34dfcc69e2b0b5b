/** Which shapes occur in which blocks: finds rare events at a tenth of the cost of an index of all events. @module */
import type { Database } from "./database.ts";
import { indexedSeq } from "./last_seq.ts";

/** A block, by its first seq, and where it ends. */
interface BlockRange {
  readonly first_seq: number;
  readonly last_seq: number;
}

/** Adds the shapes of the block's events. */
export function addShapes(db: Database, { first_seq: first, last_seq: last }: BlockRange): void {
  db.run(
    "INSERT OR IGNORE INTO shape_blocks SELECT DISTINCT shape, ? FROM events WHERE seq BETWEEN ? AND ?",
    first,
    first,
    last,
  );
}

/** Takes the block out of the index. Its events must still be there: they say which shapes it has. */
export function removeShapes(db: Database, block: BlockRange): void {
  db.run(
    `DELETE FROM shape_blocks WHERE block = ?1
       AND shape IN (SELECT DISTINCT shape FROM events WHERE seq BETWEEN ?1 AND ?2)`,
    block.first_seq,
    block.last_seq,
  );
}

/** True when the block is in the index. */
export function isIndexed(db: Database, block: BlockRange): boolean {
  return block.first_seq <= indexedSeq(db);
}
