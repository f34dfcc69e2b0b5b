/**
 * Cursors: where a list or a stream goes on. Text that callers hand back as it came; inside it is the seq of an event, which stays where it is
 * while others are recorded. Loaded by threads too, so without packages.
 * @module
 */
import type { PagePosition } from "../store/event_pages.ts";
import type { FoundAt } from "../store/search_text.ts";

/** The cursor that stands at the event with this seq. */
export function formatCursor(seq: number): string {
  return String(seq);
}

/** The seq that a cursor stands at; null: it is none of ours. */
export function parseCursor(cursor: string): number | null {
  const seq = /^\d{1,16}$/.test(cursor) ? Number(cursor) : NaN;
  return Number.isSafeInteger(seq) ? seq : null;
}

/** How a search looks for the rest, in the letter that follows the seq. */
const SUFFIXES: readonly { readonly suffix: string; readonly at: FoundAt; readonly found: boolean }[] = [
  { suffix: "", at: "word", found: true },
  { suffix: "w", at: "word", found: false },
  { suffix: "a", at: "anywhere", found: true },
  { suffix: "n", at: "anywhere", found: false },
];

/** The cursor at which the next page begins; null when there is none. */
export function formatPosition(next: PagePosition | null): string | null {
  if (next === null) return null;
  const form = SUFFIXES.find(({ at, found }) => at === next.at && found === next.found);
  return formatCursor(next.beforeSeq) + (form?.suffix ?? "");
}

/** Where a page begins; null: it is no cursor of ours. */
export function parsePosition(cursor: string): PagePosition | null {
  const [, digits = "", suffix] = /^(\d+)(\w?)$/.exec(cursor) ?? [];
  const beforeSeq = parseCursor(digits);
  const form = SUFFIXES.find((form) => form.suffix === suffix);
  return beforeSeq === null || form === undefined ? null : { beforeSeq, at: form.at, found: form.found };
}
