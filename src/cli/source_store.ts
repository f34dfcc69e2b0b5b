/** What was recorded, read from the database. @module */
import { kmPaths } from "../config/paths.ts";
import { KmError } from "../core/error.ts";
import type { Call, Event } from "../core/event.ts";
import type { CallFilter, EventFilter } from "../core/filter.ts";
import { listCalls } from "../store/calls.ts";
import { type Database, openDatabase } from "../store/database.ts";
import {
  dataVersion,
  type EventDetail,
  eventsAfter,
  findEvent,
  lastSeq,
  listEvents,
} from "../store/events.ts";
import { indexPending } from "../store/search.ts";
import { idShortener } from "../store/short_id.ts";
import { knownServers } from "../store/summary.ts";
import { readReport, type ReportQuery, type StatsReport } from "../store/stats_report.ts";
import type { Followed, Source } from "./source.ts";

/** How often `follow` looks for something new, in ms: below what a person sees as a delay, and one PRAGMA costs 10 µs. */
const FOLLOW_MS = 150;
/** Most events that `follow` takes from the store at once. */
const FOLLOW_BATCH = 1000;
/** How long a search may wait for its index, in ms. */
const INDEX_MS = 1500;

export class StoreSource implements Source {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  // The methods are async because the daemon's are: a failure is a rejection in both.
  // deno-lint-ignore require-await
  async events(filter: EventFilter, limit: number): Promise<Event[]> {
    if (filter.search !== undefined) indexAll();
    return listEvents(this.#db, filter, limit);
  }

  // deno-lint-ignore require-await
  async eventsAndSeq(filter: EventFilter, limit: number): Promise<Followed> {
    // The end is read before the list: what comes between is given twice rather than never.
    const seq = lastSeq(this.#db);
    return { seq, events: listEvents(this.#db, filter, limit) };
  }

  async *follow(filter: EventFilter, seq: number): AsyncGenerator<Followed> {
    for (let version = -1;;) {
      const current = dataVersion(this.#db);
      if (current === version) {
        await new Promise((resolve) => setTimeout(resolve, FOLLOW_MS));
        continue;
      }
      version = current;
      for (;;) {
        const next = eventsAfter(this.#db, seq, filter, FOLLOW_BATCH);
        if (next.lastSeq === seq) break;
        seq = next.lastSeq;
        yield { events: next.events, seq };
      }
    }
  }

  // deno-lint-ignore require-await
  async calls(filter: CallFilter, limit: number): Promise<Call[]> {
    return listCalls(this.#db, filter, limit);
  }

  // deno-lint-ignore require-await
  async event(idPrefix: string): Promise<EventDetail> {
    return findEvent(this.#db, idPrefix);
  }

  // deno-lint-ignore require-await
  async stats(query: ReportQuery): Promise<StatsReport> {
    return readReport(this.#db, query);
  }

  // deno-lint-ignore require-await
  async shortIds(_ids: readonly string[], least?: number): Promise<(id: string) => string> {
    return idShortener(this.#db, least);
  }

  // deno-lint-ignore require-await
  async serverNames(): Promise<string[]> {
    return knownServers(this.#db).map(({ server }) => server);
  }
}

/** Brings the search index up to date, as far as that goes quickly; what is recorded in this moment may be missing. */
function indexAll(): void {
  const end = performance.now() + INDEX_MS;
  try {
    using db = openDatabase(kmPaths().database, { mode: "write" });
    while (performance.now() < end && indexPending(db, { maxEvents: 2000 }) > 0);
  } catch (error) {
    if (!(error instanceof KmError)) throw error; // a busy or read-only database is searched as it is
  }
}
