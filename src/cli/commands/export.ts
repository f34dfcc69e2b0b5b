/** `km export`: what was recorded, in formats that other programs read. @module */

import { KmError } from "../../core/error.ts";
import type { Event } from "../../core/event.ts";
import { type EventFilter, eventFilter } from "../../core/filter.ts";
import { iterateExchanges } from "../../store/calls.ts";
import type { Database } from "../../store/database.ts";
import { eventJson } from "../../store/event_json.ts";
import { iterateEvents } from "../../store/events.ts";
import { command as defineCommand } from "../command.ts";
import { csvLines } from "../export/csv.ts";
import { harText } from "../export/har.ts";
import { otlpText } from "../export/otlp.ts";
import { EVENT_FLAGS, RANGE_FLAGS, refuseRange, SEARCH_DETAILS, SUBJECT_FLAGS } from "../filter.ts";
import { printableJson } from "../../core/printable.ts";
import { plural } from "../../core/quantity.ts";
import { NOTHING_RECORDED, withStore } from "../read_store.ts";
import { cannotWrite, write, writeAll, writeError } from "../terminal.ts";
import { VERSION } from "./version.ts";

const encoder = new TextEncoder();

export const command = defineCommand({
  name: "export",
  summary: "Write what was recorded in a format that other programs read",
  details:
    "jsonl and csv hold every event; har and otlp-json one entry for each call. Payloads leave as they were stored: " +
    "redacted, unless km recorded with --redact off. A CSV cell that a spreadsheet would run as a formula gets a ' before it.\n" +
    SEARCH_DETAILS,
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
    const filter = eventFilter(flags, refuseRange);
    const run = (db: Database | null) => {
      writeExport(db, { format, filter, payloads, output });
      return 0;
    };
    return await withStore(run, () => {
      writeError(`${NOTHING_RECORDED}\n`);
      return run(null); // a whole document with nothing in it: what reads it goes on
    });
  },
});

interface Export {
  readonly format: "jsonl" | "csv" | "har" | "otlp-json";
  readonly filter: EventFilter;
  readonly payloads: boolean;
  readonly output: string | undefined;
}

function writeExport(db: Database | null, { format, filter, payloads, output }: Export): void {
  const entries = { count: 0 };
  const events = () => counted(db ? iterateEvents(db, filter) : [], entries);
  const exchanges = () => counted(db ? iterateExchanges(db, filter) : [], entries);
  const texts: Readonly<Record<Export["format"], () => Iterable<string>>> = {
    jsonl: () => jsonLines(events()),
    csv: () => csvLines(events()),
    har: () => harText(exchanges(), VERSION),
    "otlp-json": () => otlpText(exchanges(), { version: VERSION, payloads }),
  };
  const text = texts[format]();
  // What goes into a file or a program stays as it was recorded.
  const steers = format !== "csv" && Deno.stdout.isTerminal();
  if (output === undefined) return writePieces(text, steers ? (part) => write(printableJson(part)) : write);
  writeFile(output, text);
  const noun = format === "jsonl" || format === "csv" ? "event" : "call";
  writeError(`${plural(entries.count, noun)} written to ${output}\n`);
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

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // It was never made, or its folder cannot be written any more.
  }
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
    removeIfThere(partial);
    throw cannotWrite(`"${path}"`, error);
  }
}
