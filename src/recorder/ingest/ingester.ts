/** Stores what requests hold: several requests in one transaction, each answered with what became of its events. @module */
import { type Clock, systemClock } from "../../core/clock.ts";
import type { EventRecord } from "../../core/event.ts";
import type { Redactor } from "../../core/redact.ts";
import type { Database } from "../../store/database.ts";
import type { OriginBatch } from "../../store/write_transaction.ts";
import { NameCleaner } from "../name_cleaner.ts";
import type { IngestedRun } from "./ingested_run.ts";
import type { IngestBody, IngestLimits, ReadEvent, ReadRequest, Rejection } from "./read_body.ts";
import { readBody } from "./read_body.ts";
import { RunBook } from "./run_book.ts";

/** What became of a request's events. */
export interface IngestResult {
  readonly accepted: number;
  /** Events that are stored already, or twice in the request. */
  readonly duplicate: number;
  readonly rejected: readonly Rejection[];
}

/** What the ingester needs of a store. */
export interface IngestSink {
  /** Writes what `make` gives in one transaction. @throws {KmError} nothing was written */
  appendAll(
    ids: readonly string[],
    make: (known: ReadonlySet<string>, db: Database) => readonly OriginBatch[],
  ): void;
}

export interface IngesterOptions {
  readonly sink: IngestSink;
  readonly redactor: Redactor | null;
  readonly limits: IngestLimits;
  readonly clock?: Clock;
}

export class Ingester {
  readonly #options: IngesterOptions;
  readonly #runs: RunBook;

  constructor(options: IngesterOptions) {
    this.#options = options;
    const { redactor, limits } = options;
    this.#runs = new RunBook({
      redactor,
      names: new NameCleaner(redactor),
      maxStoredBytes: limits.maxStoredBytes,
    });
  }

  /** Reads and checks a body. @throws {Refusal} when nothing of it can be taken */
  read(body: IngestBody): ReadRequest {
    const { limits, clock = systemClock } = this.#options;
    return readBody(body, limits, clock.nowUs());
  }

  /** Stores the events of all `requests`, or of none. @throws {KmError} when the store cannot take them */
  store(requests: readonly ReadRequest[]): IngestResult[] {
    const ids = requests.flatMap(({ events }) => events.map(({ sent }) => sent.id));
    let results: IngestResult[] = [];
    try {
      if (ids.length === 0) return requests.map(({ rejected }) => ({ accepted: 0, duplicate: 0, rejected }));
      this.#options.sink.appendAll(ids, (known, db) => {
        const writing = new Writing(this.#runs, db, known);
        results = requests.map((request) => writing.add(request));
        return writing.batches();
      });
    } catch (error) {
      this.#runs.clear();
      throw error;
    }
    this.#runs.shrink();
    return results;
  }
}

/** Consecutive events of one run. */
interface Stretch {
  readonly run: IngestedRun;
  readonly origin: string;
  readonly events: EventRecord[];
}

/** One transaction. */
class Writing {
  readonly #runs: RunBook;
  readonly #db: Database;
  /** Ids that are stored, or will be. */
  readonly #taken: Set<string>;
  readonly #stretches: Stretch[] = [];

  constructor(runs: RunBook, db: Database, known: ReadonlySet<string>) {
    this.#runs = runs;
    this.#db = db;
    this.#taken = new Set(known);
  }

  add({ events, rejected, origin }: ReadRequest): IngestResult {
    let accepted = 0;
    for (const event of inOrder(events)) {
      if (this.#taken.has(event.sent.id)) continue;
      this.#taken.add(event.sent.id);
      accepted++;
      this.#take(event, origin);
    }
    return { accepted, duplicate: events.length - accepted, rejected };
  }

  /** The events in their order, then what changed of calls and tools. */
  batches(): OriginBatch[] {
    const origins = new Map<IngestedRun, string>();
    const batches = this.#stretches.map(({ run, origin, events }): OriginBatch => {
      origins.set(run, origin);
      return { run: run.run, origin, events, calls: [], tools: [] };
    });
    for (const [run, origin] of origins) batches.push({ ...run.changes.take(run.run), origin });
    return batches;
  }

  #take(event: ReadEvent, origin: string): void {
    const run = this.#runs.find(event, origin, this.#db);
    const record = run.take(event);
    const last = this.#stretches.at(-1);
    if (last?.run === run) last.events.push(record);
    else this.#stretches.push({ run, origin, events: [record] });
  }
}

/**
 * The events as they happened: an answer is paired with what was asked before it, also when the newest are sent first (as `km events`
 * lists them). Events of one time keep their order, or are turned round with the rest.
 */
function inOrder(events: readonly ReadEvent[]): readonly ReadEvent[] {
  let isOrdered = true;
  for (let i = 1; i < events.length && isOrdered; i++) isOrdered = timeOf(events[i - 1]) <= timeOf(events[i]);
  if (isOrdered) return events;
  const turned = timeOf(events[0]) > timeOf(events.at(-1)) ? events.toReversed() : events;
  return turned.toSorted((a, b) => a.sent.timeUs - b.sent.timeUs);
}

function timeOf(event: ReadEvent | undefined): number {
  return event?.sent.timeUs ?? 0;
}
