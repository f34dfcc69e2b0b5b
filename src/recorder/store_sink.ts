/** The recorder's end of the store: opens it when it can, writes batches, does the store's chores in idle moments. @module */
import type { Retention } from "../config/config.ts";
import type { Batch } from "../core/event.ts";
import { KmError } from "../core/error.ts";
import { type Database, openDatabase } from "../store/database.ts";
import { fileIdentity } from "../store/database_file.ts";
import { eraseLeftovers, wipeFreePages } from "../store/erase.ts";
import { EventWriter } from "../store/event_writer.ts";
import { lastSeq } from "../store/last_seq.ts";
import { endLostRuns } from "../store/lost_runs.ts";
import { type PruneOptions, type PruneResult, pruneStep, usedBytes } from "../store/retention.ts";
import { indexPending } from "../store/search.ts";
import type { OriginBatch } from "../store/write_transaction.ts";
import { outcomeAtEnd } from "./call_book.ts";

/** What the recorder needs of a store. */
export interface RecordSink {
  /** Writes a batch whole or not at all. @throws {KmError} when the store cannot take it now; the same batch may be tried again. */
  append(batch: Batch): void;
  /** Does one small slice of the store's chores; false when nothing is left to do. */
  tidy(): boolean;
  close(): void;
}

/** How the database is opened. */
export interface SinkOptions {
  readonly busyTimeoutMs: number;
  readonly cacheKib: number;
  /** False: a home that was removed is not made again. */
  readonly makesFolder?: boolean;
}

const RECORDER_OPTIONS: SinkOptions = {
  // SQLite waits this long for another writer; short, because meanwhile this thread hears nothing. The recorder tries again by itself.
  busyTimeoutMs: 100,
  // A writer that appends needs few pages at a time, and km's memory is somebody else's: SQLite's own default.
  cacheKib: 2 * 1024,
};
/** Slices of the chores, each well under the 50 ms that a waiting batch may lose. */
const INDEX_SLICE_EVENTS = 200;
const PRUNE_SLICE_EVENTS = 500;
const PRUNE_EVERY_US = 10 * 60 * 1_000_000;
/** Whoever was killed is missed rarely; each look asks the system about every run that has not ended. */
const END_LOST_EVERY_US = 60 * 1_000_000;
/** The database may be larger than it should by this share before it is pruned out of turn. */
const SIZE_TOLERANCE = 0.1;
/** While nobody can tell how long events are to be kept. */
const KEEP_ALL: Retention = { days: 0, maxBytes: null };
const DAY_US = 24 * 3600 * 1_000_000;

interface OpenStore {
  readonly database: Database;
  readonly writer: EventWriter;
  /** Which file it is. */
  readonly file: string | null;
}

/** Opens the database at `path` with the first batch, and again after an error. */
export class StoreSink implements RecordSink {
  readonly #path: string;
  #readRetention: () => Retention;
  /** As it was read last. */
  #retention: Retention;
  readonly #nowUs: () => number;
  readonly #options: SinkOptions;
  #store: OpenStore | null = null;
  #prunedUs = 0;
  #endedLostUs = 0;

  /** `retention`: a function is asked anew before anything is removed; null keeps everything. */
  constructor(
    path: string,
    retention: Retention | null | (() => Retention | null),
    nowUs: () => number,
    options: SinkOptions = RECORDER_OPTIONS,
  ) {
    this.#options = options;
    this.#path = path;
    this.#readRetention = () => (typeof retention === "function" ? retention() : retention) ?? KEEP_ALL;
    this.#retention = this.#readRetention();
    this.#nowUs = nowUs;
  }

  /** Keeps by `wanted` from now on, null: everything; what is too old or too much goes with the next chores. */
  retain(wanted: Retention | null): void {
    const retention = wanted ?? KEEP_ALL;
    const { days, maxBytes } = this.#retention;
    if (retention.days !== days || retention.maxBytes !== maxBytes) this.#prunedUs = 0;
    this.#readRetention = () => retention;
    this.#retention = retention;
  }

  append(batch: Batch): void {
    this.#write(({ writer }) => writer.append(batch));
  }

  /** Writes what `make` makes of the ids that are stored already, in one transaction. @throws {KmError} nothing was written */
  appendAll(
    ids: readonly string[],
    make: (known: ReadonlySet<string>, db: Database) => readonly OriginBatch[],
  ): void {
    this.#write(({ writer, database }) => writer.appendAll(ids, (known) => make(known, database)));
  }

  /** Seq of the newest event. @throws {KmError} */
  lastSeq(): number {
    return this.#use(({ database }) => lastSeq(database));
  }

  /** Removes a slice of what `options` names. @throws {KmError} */
  prune(options: Omit<PruneOptions, "maxEvents">): PruneResult {
    return this.#use(({ database }) => pruneStep(database, { ...options, maxEvents: PRUNE_SLICE_EVENTS }));
  }

  /** Removes what outlives events; false when removed bytes may still be in the file. @throws {KmError} */
  erase(): boolean {
    return this.#use(({ database }) => {
      eraseLeftovers(database);
      return wipeFreePages(database);
    });
  }

  /** @throws {KmError} store_unavailable when the file went while it was written: what is in it nobody would ever read */
  #write(work: (store: OpenStore) => void): void {
    this.#use((store) => {
      work(store);
      if (fileIdentity(this.#path) === store.file) return;
      throw new KmError("store_unavailable", `Cannot write database "${this.#path}": it was just removed`);
    });
  }

  #use<T>(work: (store: OpenStore) => T): T {
    try {
      return work(this.#open());
    } catch (error) {
      // The file may have been moved, replaced or repaired meanwhile: a fresh handle finds out.
      this.close();
      throw error;
    }
  }

  tidy(): boolean {
    const { database } = this.#open();
    // What goes need not be indexed before, and must go also when indexing never catches up.
    if (this.#prune(database)) return true;
    if (indexPending(database, { maxEvents: INDEX_SLICE_EVENTS }) > 0) return true;
    this.#endLostRuns(database);
    return false;
  }

  close(): void {
    const store = this.#store;
    this.#store = null;
    store?.database[Symbol.dispose]();
  }

  #open(): OpenStore {
    this.#closeLost();
    if (this.#store !== null) return this.#store;
    const database = openDatabase(this.#path, {
      mode: "write",
      ...this.#options,
    });
    this.#store = { database, writer: new EventWriter(database), file: fileIdentity(this.#path) };
    return this.#store;
  }

  /** Closes a database that is no longer at its path. */
  #closeLost(): void {
    if (this.#store !== null && fileIdentity(this.#path) !== this.#store.file) this.close();
  }

  #endLostRuns(database: Database): void {
    const nowUs = this.#nowUs();
    if (nowUs - this.#endedLostUs < END_LOST_EVERY_US) return;
    endLostRuns(database, outcomeAtEnd);
    this.#endedLostUs = nowUs;
  }

  #prune(database: Database): boolean {
    const nowUs = this.#nowUs();
    if (nowUs - this.#prunedUs < PRUNE_EVERY_US && !this.#isTooLarge(database)) return false;
    // A monitor runs for weeks: what somebody decided to keep meanwhile must not go by what held at its start.
    this.#retention = this.#readRetention();
    const { days, maxBytes } = this.#retention;
    const { done } = pruneStep(database, {
      ...(days === 0 ? {} : { olderThanUs: nowUs - days * DAY_US }),
      ...(maxBytes === null ? {} : { maxBytes }),
      maxEvents: PRUNE_SLICE_EVENTS,
    });
    if (done) this.#prunedUs = nowUs;
    return !done;
  }

  #isTooLarge(database: Database): boolean {
    const { maxBytes } = this.#retention;
    return maxBytes !== null && usedBytes(database) > maxBytes * (1 + SIZE_TOLERANCE);
  }
}
