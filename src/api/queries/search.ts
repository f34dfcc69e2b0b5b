/** Full-text search with what was found of each event: newest first and page by page, or the best first. @module */
import type { Event } from "../../core/event.ts";
import type { EventFilter } from "../../core/filter.ts";
import type { Database } from "../../store/database.ts";
import { eventJson } from "../../store/event_json.ts";
import { pageEvents, type PagePosition } from "../../store/event_pages.ts";
import { highlight } from "../../store/highlight.ts";
import { rankEvents } from "../../store/ranking.ts";
import type { FoundAt } from "../../store/search_text.ts";
import { formatPosition } from "../cursor.ts";
import { MAX_PAGE_BYTES } from "./page_limits.ts";

/** How long one search may look, in ms; what it did not come to is left to the next page. The bar is 150 ms with everything, on a busy machine too. */
const SEARCH_MS = 70;
/** A ranking has more to do afterwards. */
const RANK_MS = 50;
/** Found events that a ranking compares: counting their words takes 5 to 10 µs each. */
const MAX_CANDIDATES = 2000;

export interface SearchArgs {
  readonly filter: EventFilter & { readonly search: string };
  readonly limit: number;
  readonly ranked: boolean;
  /** Where to go on; only when not ranked. */
  readonly from: PagePosition | undefined;
}

export function search(db: Database, { filter: asked, limit, ranked, from }: SearchArgs): string {
  const filter = { ...asked, search: asked.search.trim() };
  const deadlineMs = performance.now() + (ranked ? RANK_MS : SEARCH_MS);
  const options = { limit, deadlineMs, maxBytes: MAX_PAGE_BYTES };
  if (ranked) {
    const { entries, at, complete } = rankEvents(db, filter, { ...options, maxCandidates: MAX_CANDIDATES });
    const hits = entries.map(({ event, text, score }) =>
      hitJson(event, score, highlight(text, filter.search, at))
    );
    return answer(hits, null, complete);
  }
  const { entries, next, complete, at } = pageEvents(db, filter, { ...options, from });
  const hits = entries.map(({ event, text }) => hitJson(event, null, highlightOf(text, filter.search, at)));
  return answer(hits, formatPosition(next), complete);
}

function highlightOf(text: string | null, search: string, at: FoundAt): ReturnType<typeof highlight> {
  return text === null ? [] : highlight(text, search, at);
}

function hitJson(event: Event, score: number | null, highlights: ReturnType<typeof highlight>): string {
  return `{"event":${eventJson(event)},"score":${JSON.stringify(score)},"highlights":${
    JSON.stringify(highlights)
  }}`;
}

function answer(hits: readonly string[], nextCursor: string | null, complete: boolean): string {
  return `{"hits":[${hits.join(",")}],"nextCursor":${JSON.stringify(nextCursor)},"complete":${complete}}`;
}
