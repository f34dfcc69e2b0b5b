/** `km export`: what was recorded, in formats that other programs read. @module */

import { KmError } from "../../core/error.ts";
import type { Event } from "../../core/event.ts";
import { iterateExchanges } from "../../store/calls.ts";
import type { Database } from "../../store/database.ts";
import { eventJson } from "../../store/event_json.ts";
import { type EventFilter, iterateEvents } from "../../store/events.ts";
import { command as defineCommand } from "../command.ts";
import { csvLines } from "../export/csv.ts";
import { harText } from "../export/har.ts";
import { otlpText } from "../export/otlp.ts";
import { EVENT_FLAGS, eventFilter, RANGE_FLAGS, SUBJECT_FLAGS } from "../filter.ts";
import { plural } from "../quantity.ts";
import { NOTHING_RECORDED, withStore } from "../read_store.ts";
import { write, writeAll, writeError } from "../terminal.ts";
import { VERSION } from "./version.ts";

const encoder = new TextEncoder();

export const command = defineCommand({
  name: "export",
  summary: "Write what was recorded in a format that other programs read",
  details:
    "jsonl and csv hold every event; har and otlp-json one entry for each call. Payloads leave as they were stored: " +
    "redacted, unless km recorded with --redact off. A CSV cell that a spreadsheet would run as a formula gets a ' before it.",
  flags: [
    {
      name: "format",
      short: "f",
      type: "choice",
      choices: ["jsonl", "csv", "har", "otlp-json"],
      default: "jsonl",
      help: "Lines of JSON, a table, a browser's HTTP archive, or OpenTelemetry spans",
    },
    {
      name: "output",
      short: "o",
      type: "string",
      placeholder: "file",
      help: "Write into this file instead of stdout",
    },
    ...RANGE_FLAGS,
    ...SUBJECT_FLAGS,
    ...EVENT_FLAGS,
    { name: "payloads", type: "boolean", help: "otlp-json: add the tools' arguments and results" },
  ],
  examples: [
    ["km export --since today > today.jsonl", "today's events"],
    ["km export --format har --output calls.har", "open in the Network panel of a browser"],
    [
      "km export --format otlp-json | curl -H 'Content-Type: application/json' -d @- http://localhost:4318/v1/traces",
      "send spans to a collector",
    ],
  ],
  async run(flags) {
    const { format, output, payloads } = flags;
    if (
      (format === "har" || format === "otlp-json") &&
      (flags.kind ?? flags.direction ?? flags.search) !== undefined
    ) {
      throw new KmError("usage", `Cannot choose events for "${format}": its entries are calls`, {
        hint: "leave out --kind, --direction and --search",
      });
    }
    const filter = eventFilter(flags);
    return await withStore((db) => {
      const entries = { count: 0 };
      const text = exportText(db, { format, filter, payloads, entries });
      if (output === undefined) writePieces(text, write);
      else writeFile(output, text);
      if (output !== undefined) {
        const noun = format === "jsonl" || format === "csv" ? "event" : "call";
        writeError(`${plural(entries.count, noun)} written to ${output}\n`);
      }
      return 0;
    }, () => {
      writeError(`${NOTHING_RECORDED}\n`);
      return 0;
    });
  },
});

interface Export {
  readonly format: "jsonl" | "csv" | "har" | "otlp-json";
  readonly filter: EventFilter;
  readonly payloads: boolean;
  /** Counts what was written, for the closing line. */
  readonly entries: { count: number };
}

function exportText(db: Database, { format, filter, payloads, entries }: Export): Iterable<string> {
  switch (format) {
    case "jsonl":
      return jsonLines(counted(iterateEvents(db, filter), entries));
    case "csv":
      return csvLines(counted(iterateEvents(db, filter), entries));
    case "har":
      return harText(counted(iterateExchanges(db, filter), entries), VERSION);
    case "otlp-json":
      return otlpText(counted(iterateExchanges(db, filter), entries), { version: VERSION, payloads });
  }
}

function* jsonLines(events: Iterable<Event>): Generator<string> {
  for (const event of events) yield eventJson(event) + "\n";
}

function* counted<T>(items: Iterable<T>, entries: { count: number }): Generator<T> {
  for (const item of items) {
    entries.count++;
    yield item;
  }
}

/** Joins small pieces before they are written: a system call for each would be most of the work. */
function writePieces(pieces: Iterable<string>, writeText: (text: string) => void): void {
  let pending = "";
  for (const piece of pieces) {
    pending += piece;
    if (pending.length < 65_536) continue;
    writeText(pending);
    pending = "";
  }
  if (pending !== "") writeText(pending);
}

/** Only the user may read it: it holds what was recorded. It appears under its name when it is whole. */
function writeFile(path: string, pieces: Iterable<string>): void {
  const partial = `${path}.part`;
  try {
    const file = Deno.openSync(partial, { write: true, create: true, truncate: true, mode: 0o600 });
    try {
      writePieces(pieces, (text) => writeAll(file, encoder.encode(text)));
    } finally {
      file.close();
    }
    Deno.renameSync(partial, path);
  } catch (error) {
    if (error instanceof KmError) throw error;
    throw new KmError("unsupported", `Cannot write "${path}": ${(error as Error).message}`, { cause: error });
  }
}
