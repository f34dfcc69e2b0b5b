/** Events as CSV. @see RFC 4180 @module */

import type { Event } from "../../core/event.ts";

const COLUMNS: readonly (keyof Event)[] = [
  "id",
  "time",
  "correlationId",
  "server",
  "direction",
  "kind",
  "method",
  "tool",
  "rpcId",
  "sizeBytes",
  "truncated",
  "durationMs",
  "payload",
];

/** Yields the lines of a CSV file: a header, then one line per event. */
export function* csvLines(events: Iterable<Event>): Generator<string> {
  yield COLUMNS.join(",") + "\r\n";
  for (const event of events) {
    yield COLUMNS.map((column) => csvCell(event[column])).join(",") + "\r\n";
  }
}

function csvCell(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  const text = harmless(typeof value === "string" ? value : JSON.stringify(value));
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A spreadsheet runs a cell that begins so as a formula; a quote before it makes it text. @see OWASP, CSV injection */
function harmless(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}
