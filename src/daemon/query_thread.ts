/**
 * The threads that answer questions: one for lists and figures, which take milliseconds, one for what looks through texts, so that a slow search
 * delays other searches and nothing else.
 * @module
 */
import type { Reader } from "../api/deps.ts";
import type { QueryArgs, QueryName } from "../api/queries.ts";
import { type LaneOptions, QueryLane } from "./query_lane.ts";

export class QueryThread implements Reader, Disposable {
  readonly #lists: QueryLane;
  readonly #searches: QueryLane;

  constructor(database: string, options: Omit<LaneOptions, "database" | "name"> = {}) {
    this.#lists = new QueryLane({ ...options, database, name: "km queries" });
    this.#lists.start();
    this.#searches = new QueryLane({ ...options, database, name: "km searches" });
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
