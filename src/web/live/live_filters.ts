/** What Live is narrowed to, as it stands in the page's address and as the API is asked. Pure. @module */
import { EVENT_KINDS } from "../../core/event.ts";

export const TEXT_FILTERS = ["server", "method", "tool", "correlation", "search"] as const;
type TextFilter = typeof TEXT_FILTERS[number];

export const DIRECTIONS = ["client_to_server", "server_to_client"] as const;

/** Every field is "" where it narrows nothing. */
export type LiveFilters = Readonly<Record<TextFilter, string>> & {
  readonly kind: typeof EVENT_KINDS[number] | "";
  readonly direction: typeof DIRECTIONS[number] | "";
  /** Failures only. The API does not know it: rows are looked at as they come. */
  readonly outcome: "errors" | "";
};

export const NO_FILTERS: LiveFilters = {
  server: "",
  method: "",
  tool: "",
  correlation: "",
  search: "",
  kind: "",
  direction: "",
  outcome: "",
};

/** Reads an address's query; what it does not know or is no such value is left out. */
export function filtersOf(query: URLSearchParams): LiveFilters {
  const text = (name: string) => query.get(name)?.trim() ?? "";
  return {
    ...NO_FILTERS,
    ...Object.fromEntries(TEXT_FILTERS.map((name) => [name, text(name)])),
    kind: EVENT_KINDS.find((kind) => kind === text("kind")) ?? "",
    direction: DIRECTIONS.find((direction) => direction === text("direction")) ?? "",
    outcome: text("outcome") === "errors" ? "errors" : "",
  };
}

/** The query of Live's address: "" when nothing is narrowed, else with its "?". */
export function addressQuery(filters: LiveFilters): string {
  const text = given(filters).toString();
  return text === "" ? "" : `?${text}`;
}

/** The query of `/api/activity` and `/api/stream`, with more parameters where given. */
export function apiQuery(filters: LiveFilters, more: Readonly<Record<string, string>> = {}): string {
  const query = given(filters);
  query.delete("outcome");
  for (const [name, value] of Object.entries(more)) query.set(name, value);
  return query.size === 0 ? "" : `?${query}`;
}

export function isNarrowed(filters: LiveFilters): boolean {
  return given(filters).size > 0;
}

export function sameFilters(one: LiveFilters, other: LiveFilters): boolean {
  return given(one).toString() === given(other).toString();
}

/** Those that narrow, in a fixed order: one view has one address. */
function given(filters: LiveFilters): URLSearchParams {
  const names = Object.keys(NO_FILTERS) as (keyof LiveFilters)[]; // as: the keys of this very record
  return new URLSearchParams(
    names.filter((name) => filters[name] !== "").map((name) => [name, filters[name]]),
  );
}
