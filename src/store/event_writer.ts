/** Writing batches: events, calls, statistics and payloads in one transaction, all of it or nothing. @module */
import type { Batch, EventRecord } from "../core/event.ts";
import { BlockBuilder } from "./block.ts";
import { formatId, hexToBytes } from "./codes.ts";
import type { Database } from "./database.ts";
import { Dictionary } from "./dictionary.ts";
import { isDuplicate } from "./sqlite_error.ts";
import { findSeq, ID_BYTES, type OriginBatch, WriteTransaction } from "./write_transaction.ts";

/** Ids looked up by one statement. */
const IDS_AT_ONCE = 64;
const FIND_IDS = `SELECT id FROM events WHERE id IN (${Array(IDS_AT_ONCE).fill("?").join(", ")})`;

/** Appends batches to a database. One per thread; many processes may have one each. */
export class EventWriter {
  readonly #db: Database;
  readonly #dictionary: Dictionary;
  readonly #block = new BlockBuilder();

  constructor(db: Database) {
    this.#db = db;
    this.#dictionary = new Dictionary(db);
  }

  /**
   * Writes `batch` in one transaction. The same batch, or any event of it, may be appended again: what is there already stays as it is.
   * @throws {KmError} store_locked, store_full, store_unavailable, store_corrupt: nothing was written, append it again later
   */
  append(batch: Batch): void {
    try {
      this.#db.transaction(() => this.#write(batch, batch.events));
    } catch (error) {
      this.#dictionary.forget();
      if (!(error instanceof Error) || !isDuplicate(error.cause)) throw error;
      this.#appendRest(batch);
    }
  }

  /**
   * Writes what `make` makes of the ids that are stored already, in one transaction: batches of any runs, in the order of their events.
   * `make` is called while nobody else can write, so what it is told stays true; no event that it gives may be there already.
   * @throws {KmError} as `append`, and whatever `make` throws: nothing was written
   */
  appendAll(ids: readonly string[], make: (known: ReadonlySet<string>) => readonly OriginBatch[]): void {
    try {
      this.#db.transaction(() => {
        this.#dictionary.refresh();
        new WriteTransaction(this.#db, this.#dictionary, this.#block).write(make(this.#known(ids)));
      });
    } catch (error) {
      this.#dictionary.forget();
      throw error;
    }
  }

  /** Ids that are stored. Most come in the order of time and after all that is stored: those need no look. */
  #known(ids: readonly string[]): Set<string> {
    const known = new Set<string>();
    const newest = this.#db.get<{ id: Uint8Array | null }>("SELECT max(id) AS id FROM events")?.id;
    if (!newest) return known;
    const newestId = formatId(newest);
    const candidates = ids.filter((id) => id <= newestId);
    for (let at = 0; at < candidates.length; at += IDS_AT_ONCE) {
      const asked = candidates.slice(at, at + IDS_AT_ONCE).map((id) => hexToBytes(id, ID_BYTES));
      while (asked.length < IDS_AT_ONCE) asked.push(asked[0] as Uint8Array);
      for (const { id } of this.#db.all<{ id: Uint8Array }>(FIND_IDS, ...asked)) known.add(formatId(id));
    }
    return known;
  }

  /** The rare case: some events are there already. Only then is it worth looking each of them up. */
  #appendRest(batch: Batch): void {
    try {
      this.#db.transaction(() => this.#write(batch, this.#missing(batch.events)));
    } catch (error) {
      this.#dictionary.forget();
      throw error;
    }
  }

  #missing(events: readonly EventRecord[]): EventRecord[] {
    const once = new Map(events.map((event) => [event.id, event]));
    return [...once.values()].filter((event) => findSeq(this.#db, event.id) === null);
  }

  #write(batch: Batch, events: readonly EventRecord[]): void {
    this.#dictionary.refresh();
    const written = events === batch.events ? batch : { ...batch, events };
    new WriteTransaction(this.#db, this.#dictionary, this.#block).write([{ ...written, origin: null }]);
  }
}
