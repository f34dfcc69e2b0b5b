/**
 * The threads that answer questions: one for lists and figures, which take milliseconds, one for what looks through texts, so that a slow search
 * delays other searches and nothing else. Each starts with its first question: a daemon that only takes and streams events is 12 MB smaller.
 * @module
 */
import type { Reader } from "../api/deps.ts";
import type { QueryArgs, QueryName } from "../api/queries.ts";
import { type LaneOptions, QueryLane } from "./query_lane.ts";

/** Stats and lists of a large store touch many pages again and again, in KiB; a search goes through most of what it reads once. */
const LISTS_CACHE_KIB = 32 * 1024;
/** A search takes up to 70 ms, so that the last one waits 5 s. */
const SEARCHES_WAITING = 64;

export class QueryThread implements Reader, Disposable {
  readonly #lists: QueryLane;
  readonly #searches: QueryLane;

  constructor(database: string, options: Omit<LaneOptions, "database" | "name"> = {}) {
    this.#lists = new QueryLane({ cacheKib: LISTS_CACHE_KIB, ...options, database, name: "km queries" });
    this.#searches = new QueryLane({
      maxWaiting: SEARCHES_WAITING,
      ...options,
      database,
      name: "km searches",
    });
  }

  query<Name extends QueryName>(
    name: Name,
    args: QueryArgs<Name>,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<Uint8Array<ArrayBuffer>> {
    const lane = looksThroughTexts(args) ? this.#searches : this.#lists;
    return lane.ask(name, args, signal);
  }

  [Symbol.dispose](): void {
    this.#lists[Symbol.dispose]();
    this.#searches[Symbol.dispose]();
  }
}

/** True of every question with a filter that searches. */
function looksThroughTexts(args: unknown): boolean {
  if (typeof args !== "object" || args === null || !("filter" in args)) return false;
  const { filter } = args;
  return typeof filter === "object" && filter !== null && "search" in filter && filter.search !== undefined;
}
