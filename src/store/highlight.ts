/** What to show of a text in which something was found: the surroundings of each place, and where in them it is. @module */
import { findMatches, type FoundAt } from "./search_text.ts";

/** A piece of a text with the places that were found in it. */
export interface Highlight {
  readonly text: string;
  /** Start and end of each, in UTF-16 units of `text`. */
  readonly ranges: readonly (readonly [start: number, end: number])[];
}

/** What is shown before and after a place, in UTF-16 units. */
const AROUND = 60;
/** Places shown of one text. */
const MAX_PLACES = 12;
/** Pieces shown of one text. */
const MAX_PIECES = 3;
/** A place longer than this is cut: who searched for it knows it. */
const MAX_PLACE = 400;

/** The first places in `text` where `search` was found, with what stands around them; neighbours share a piece. */
export function highlight(text: string, search: string, at: FoundAt): Highlight[] {
  const pieces: { start: number; end: number; ranges: [number, number][] }[] = [];
  for (const [start, foundEnd] of findMatches(text, search, { at, limit: MAX_PLACES })) {
    const end = Math.min(foundEnd, start + MAX_PLACE);
    const last = pieces.at(-1);
    if (last && start - AROUND <= last.end) {
      last.end = wholeCharacter(text, Math.min(text.length, end + AROUND));
      last.ranges.push([start, end]);
    } else if (pieces.length < MAX_PIECES) {
      pieces.push({
        start: wholeCharacter(text, Math.max(0, start - AROUND)),
        end: wholeCharacter(text, Math.min(text.length, end + AROUND)),
        ranges: [[start, end]],
      });
    } else break;
  }
  return pieces.map(({ start, end, ranges }) => ({
    text: text.slice(start, end),
    ranges: ranges.map(([from, to]) => [from - start, to - start] as const),
  }));
}

/** `at`, or one before it when a character's two halves lie on either side. */
function wholeCharacter(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  return at > 0 && unit >= 0xdc00 && unit <= 0xdfff ? at - 1 : at;
}
