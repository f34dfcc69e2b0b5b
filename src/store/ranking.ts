/**
 * Orders what a search found by how much of it is about the search: BM25 over the found events, with the words of the search and the search as
 * a whole as terms. Every found event has all of them, so their rarity would weigh the same for all and is left out; what counts is how often
 * they occur for the length of the text.
 * @module
 */
import type { Event } from "../core/event.ts";
import type { EventFilter } from "../core/filter.ts";
import type { Database } from "./database.ts";
import { findEvents } from "./event_pages.ts";
import { payloadLength } from "./event_json.ts";
import { EventReader } from "./event_rows.ts";
import { findMatches, type FoundAt, searchWords } from "./search_text.ts";

/** The customary values. @see Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond, 2009 */
const K1 = 1.2;
const B = 0.75;
/** Occurrences counted of one term: BM25 gains nothing from more. */
const MAX_OCCURRENCES = 20;
/** Texts are counted up to here, in UTF-16 units. */
const MAX_COUNTED = 64 * 1024;

export interface RankOptions {
  readonly limit: number;
  /** Found events that are compared, newest first. */
  readonly maxCandidates: number;
  readonly maxBytes: number;
  /** Until when it may take, on the clock of `performance.now`. */
  readonly deadlineMs: number;
}

export interface RankedEvent {
  readonly event: Event;
  readonly text: string;
  readonly score: number;
}

export interface Ranking {
  /** Best first. */
  readonly entries: readonly RankedEvent[];
  readonly at: FoundAt;
  /** False when there were more candidates than could be compared. */
  readonly complete: boolean;
}

interface Candidate {
  readonly seq: number;
  readonly length: number;
  readonly counts: readonly number[];
}

/** The best `limit` of the newest events that hold the search. */
export function rankEvents(
  db: Database,
  filter: EventFilter & { readonly search: string },
  options: RankOptions,
): Ranking {
  return db.snapshot(() => {
    const words = collect(db, filter, "word", options);
    if (words.candidates.length > 0 || !words.complete) return best(db, "word", words, options);
    return best(db, "anywhere", collect(db, filter, "anywhere", options), options);
  });
}

interface Collected {
  readonly candidates: readonly Candidate[];
  readonly complete: boolean;
}

function collect(
  db: Database,
  filter: EventFilter & { readonly search: string },
  at: FoundAt,
  { maxCandidates, deadlineMs }: RankOptions,
): Collected {
  const terms = termsOf(filter.search);
  const candidates: Candidate[] = [];
  const found = findEvents(db, filter, { at, beforeSeq: Infinity, deadlineMs });
  for (let step = found.next();; step = found.next()) {
    if (step.done) return { candidates, complete: step.value.complete };
    if (candidates.length >= maxCandidates || performance.now() > deadlineMs) {
      return { candidates, complete: false };
    }
    const { seq } = step.value;
    const text = step.value.text.slice(0, MAX_COUNTED);
    const counts = terms.map((term) => findMatches(text, term, { at, limit: MAX_OCCURRENCES }).length);
    candidates.push({ seq, length: text.length, counts });
  }
}

/** The search itself, and its words when it has several. */
function termsOf(search: string): string[] {
  return [...new Set([search, ...searchWords(search)])];
}

function best(
  db: Database,
  at: FoundAt,
  { candidates, complete }: Collected,
  { limit, maxBytes }: RankOptions,
): Ranking {
  const averageLength = candidates.reduce((sum, { length }) => sum + length, 0) / (candidates.length || 1);
  const ranked = candidates.map((candidate) => ({
    seq: candidate.seq,
    score: scoreOf(candidate, averageLength || 1),
  })).sort((a, b) => b.score - a.score || b.seq - a.seq);
  const wanted = new Map(ranked.slice(0, limit).map(({ seq, score }) => [seq, score] as const));
  return { entries: readEntries(db, wanted, maxBytes), at, complete };
}

function scoreOf({ counts, length }: Candidate, averageLength: number): number {
  const weight = K1 * (1 - B + B * length / averageLength);
  return counts.reduce((sum, count) => sum + count * (K1 + 1) / (count + weight), 0);
}

function readEntries(db: Database, scores: ReadonlyMap<number, number>, maxBytes: number): RankedEvent[] {
  const reader = new EventReader(db);
  const entries: RankedEvent[] = [];
  let bytes = 0;
  for (const [seq, score] of scores) {
    const row = reader.row(seq);
    if (!row) continue;
    const event = reader.event(row);
    if ((bytes += payloadLength(event)) > maxBytes && entries.length > 0) break;
    entries.push({ event, text: reader.text(row), score });
  }
  return entries;
}
