/**
 * Cursors: where a list or a stream goes on. Text that callers hand back as it came; inside it is the seq of an event, which stays where it is
 * while others are recorded.
 * @module
 */
import type { PagePosition } from "../store/event_pages.ts";
import type { FoundAt } from "../store/search_text.ts";
import { ApiError } from "./errors.ts";

/** The cursor that stands at the event with this seq. */
export function formatCursor(seq: number): string {
  return String(seq);
}

/** The seq that a cursor stands at. @throws {ApiError} 400 that names `field` */
export function parseCursor(cursor: string, field = "cursor"): number {
  const seq = /^\d{1,16}$/.test(cursor) ? Number(cursor) : NaN;
  if (!Number.isSafeInteger(seq)) throw invalidCursor(cursor, field);
  return seq;
}

/** The 400 for a cursor that no answer can have given. */
export function invalidCursor(cursor: string, field = "cursor"): ApiError {
  const shown = cursor.length > 40 ? `${cursor.slice(0, 40)}…` : cursor;
  return new ApiError(400, "invalid", `Cannot go on from "${shown}": it is not a cursor`, {
    field,
    hint: "send a cursor as an answer gave it, or none to begin with the newest",
  });
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

/** Where a page begins; undefined for the newest. @throws {ApiError} 400 */
export function parsePosition(cursor: string | undefined): PagePosition | undefined {
  if (cursor === undefined) return undefined;
  const [, seq, suffix] = /^(\d+)(\w?)$/.exec(cursor) ?? [];
  const form = SUFFIXES.find((form) => form.suffix === suffix);
  if (seq === undefined || form === undefined) throw invalidCursor(cursor);
  return { beforeSeq: parseCursor(seq), at: form.at, found: form.found };
}
