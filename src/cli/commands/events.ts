/** `km events`: what was recorded, newest last. @module */

import { kmPaths } from "../../config/paths.ts";
import { KmError } from "../../core/error.ts";
import type { Event } from "../../core/event.ts";
import { dataVersion, eventsAfter, lastSeq, listEvents } from "../../store/events.ts";
import type { EventFilter } from "../../store/events.ts";
import { type Database, openDatabase } from "../../store/database.ts";
import { eventJson } from "../../store/event_json.ts";
import { idShortener } from "../../store/short_id.ts";
import { indexPending } from "../../store/search.ts";
import { command as defineCommand } from "../command.ts";
import { eventTable } from "../event_table.ts";
import { EVENT_FLAGS, eventFilter, RANGE_FLAGS, SEARCH_DETAILS, SUBJECT_FLAGS } from "../filter.ts";
import { explainNothing, NOTHING_RECORDED, withStore } from "../read_store.ts";
import { stdoutTerminal, write, writeError, writeLines } from "../terminal.ts";

/** How often --follow looks for something new, in ms: below what a person sees as a delay, and one PRAGMA costs 10 µs. */
const FOLLOW_MS = 150;
/** Most events that --follow takes from the store at once. */
const FOLLOW_BATCH = 1000;
/** What --follow shows of an id: its time and its number in that ms, which what comes later does not share. */
const STEADY_ID_LENGTH = 18;
/** How long a search may wait for its index, in ms. */
const INDEX_MS = 1500;

export const command = defineCommand({
  name: "events",
  summary: "List recorded messages, newest last",
  details:
    "Each line is one message that passed between a client and a server, one line of the server's stderr, or something that " +
    "happened to the server. → is what the client sent, ← what the server sent.\n" + SEARCH_DETAILS,
  flags: [
    { name: "limit", short: "n", type: "number", default: "50", help: "Show the newest n" },
    ...RANGE_FLAGS,
    ...SUBJECT_FLAGS,
    ...EVENT_FLAGS,
    { name: "follow", short: "f", type: "boolean", help: "Go on with new ones as they come, until Ctrl-C" },
    { name: "json", type: "boolean", help: "One JSON object per line" },
  ],
  examples: [
    ["km events --since 10m", "what happened in the last ten minutes"],
    ["km events --tool search --kind error", "failed calls of one tool"],
    ["km events --search 'rate limit' --json | jq .payload", "the payloads that speak of a rate limit"],
    ["km events --follow", "watch"],
  ],
  json: {
    id: "UUIDv7, increasing with time",
    time: "ISO 8601 in UTC with µs",
    correlationId: "the run of the server that it belongs to",
    server: "name of the server",
    direction: "client_to_server, server_to_client, or null",
    kind: "request, response, error, notification, invalid, log, gap or lifecycle",
    method: "method, also of the request that a response answers; or null",
    tool: "tool, prompt or resource URI that it names; or null",
    rpcId: "JSON-RPC id (string or number), or null",
    sizeBytes: "bytes on the wire, without the line end",
    truncated: "true when less than the whole message was stored",
    durationMs: "of the call that it ended, or null",
    payload:
      "the message: JSON; a string where it is text or was cut; {base64} where it is not UTF-8; or null",
  },
  async run(flags) {
    const filter = eventFilter(flags);
    const { limit, follow, json } = flags;
    for (;;) {
      const code = await withStore(
        async (db) =>
          follow ? await followEvents(db, filter, { limit, json }) : showEvents(db, filter, { limit, json }),
        () => {
          if (follow) writeError(`${NOTHING_RECORDED}\n`);
          else if (!json) write(`${NOTHING_RECORDED}\n`);
          return follow ? WAIT : 0;
        },
      );
      if (code !== WAIT) return code;
      await databaseAppears();
    }
  },
});

interface Shown {
  readonly limit: number;
  readonly json: boolean;
}

/** Not an exit code: there is no database to follow yet. */
const WAIT = -1;

function showEvents(db: Database, filter: EventFilter, { limit, json }: Shown): number {
  if (filter.search !== undefined) indexAll();
  const events = listEvents(db, filter, limit).reverse();
  if (json) writeLines(events.map(eventJson));
  else if (events.length === 0) write(`${explainNothing(db, "events", filter)}\n`);
  else writeLines(eventTable(events, stdoutTerminal(), { now: new Date(), shortId: idShortener(db) }));
  return 0;
}

async function followEvents(db: Database, filter: EventFilter, { limit, json }: Shown): Promise<number> {
  const terminal = stdoutTerminal();
  const shortId = idShortener(db, STEADY_ID_LENGTH);
  const servers = new Set<string>();
  let header = !json;
  const show = (events: readonly Event[]) => {
    if (events.length === 0) return;
    for (const { server } of events) servers.add(server);
    if (json) writeLines(events.map(eventJson));
    else {
      writeLines(eventTable(events, terminal, { now: new Date(), shortId, steady: [...servers], header }));
    }
    header = false;
  };
  // The end is read before the list: what comes between is shown twice rather than never, and then left out by its id.
  let seq = lastSeq(db);
  const first = listEvents(db, filter, limit).reverse();
  const seen = new Set(first.map((event) => event.id));
  show(first);
  for (let version = -1;;) {
    const current = dataVersion(db);
    if (current === version) {
      await pause(FOLLOW_MS);
      continue;
    }
    version = current;
    for (;;) {
      const next = eventsAfter(db, seq, filter, FOLLOW_BATCH);
      show(next.events.filter((event) => !seen.has(event.id)));
      if (next.lastSeq === seq) break;
      seq = next.lastSeq;
    }
  }
}

/** Brings the search index up to date, as far as that goes quickly; what is recorded in this moment may be missing. */
function indexAll(): void {
  const end = performance.now() + INDEX_MS;
  try {
    using db = openDatabase(kmPaths().database, { mode: "write" });
    while (performance.now() < end && indexPending(db, { maxEvents: 2000 }) > 0);
  } catch (error) {
    if (!(error instanceof KmError)) throw error; // a busy or read-only database is searched as it is
  }
}

async function databaseAppears(): Promise<void> {
  const { database } = kmPaths();
  while (!await exists(database)) await pause(FOLLOW_MS);
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
