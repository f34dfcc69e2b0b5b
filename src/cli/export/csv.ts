/** Events as CSV. @see RFC 4180 @module */

import type { Event } from "../../core/event.ts";
import { payloadJson, rpcIdJson } from "../../store/event_json.ts";

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
    yield COLUMNS.map((column) => csvCell(cellValue(event, column))).join(",") + "\r\n";
  }
}

/** JSON goes in as it was recorded. */
function cellValue(event: Event, column: keyof Event): string | number | boolean | null {
  if (column === "payload") {
    const { payload } = event;
    return payload === null || typeof payload === "string" ? payload : payloadJson(event);
  }
  return column === "rpcId" && typeof event.rpcId === "number" ? rpcIdJson(event) : event[column];
}

function csvCell(value: string | number | boolean | null): string {
  if (value === null) return "";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  const text = harmless(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A spreadsheet runs a cell that begins so as a formula; a quote before it makes it text. @see OWASP, CSV injection */
function harmless(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}
