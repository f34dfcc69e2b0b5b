/**
 * Cursors: where a list or a stream goes on. Text that callers hand back as it came; inside it is the seq of an event, which stays where it is
 * while others are recorded.
 * @module
 */
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
