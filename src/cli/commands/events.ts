/** `km events`: what was recorded, newest last. @module */

import { kmPaths } from "../../config/paths.ts";
import type { Event } from "../../core/event.ts";
import { type EventFilter, eventFilter } from "../../core/filter.ts";
import { printableJson } from "../../core/printable.ts";
import { eventJson } from "../../store/event_json.ts";
import { command as defineCommand } from "../command.ts";
import { eventTable } from "../event_table.ts";
import { EVENT_FLAGS, RANGE_FLAGS, refuseRange, SEARCH_DETAILS, SUBJECT_FLAGS } from "../filter.ts";
import { explainNothing, NOTHING_RECORDED } from "../read_store.ts";
import { DaemonSilent, type Source, withSource } from "../source.ts";
import { stdoutTerminal, write, writeError, writeLines } from "../terminal.ts";

/** How often --follow looks whether a database has appeared, in ms. */
const APPEARS_MS = 150;
/** What --follow shows of an id: its time and its number in that ms, which what comes later does not share. */
const STEADY_ID_LENGTH = 18;

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
    const filter = eventFilter(flags, refuseRange);
    const { limit, follow, json } = flags;
    if (follow) return await new Following(filter, { limit, json }).run();
    return await withSource(
      (source) => showEvents(source, filter, { limit, json }),
      () => {
        if (!json) write(`${NOTHING_RECORDED}\n`);
        return 0;
      },
    );
  },
});

interface Shown {
  readonly limit: number;
  readonly json: boolean;
}

async function showEvents(source: Source, filter: EventFilter, { limit, json }: Shown): Promise<number> {
  const events = (await source.events(filter, limit)).reverse();
  if (json) writeLines(events.map(shownJson));
  else if (limit === 0) return 0; // None were asked for.
  else if (events.length === 0) write(`${explainNothing(await source.serverNames(), "events", filter)}\n`);
  else {
    const shortId = await source.shortIds(events.map(({ id }) => id));
    writeLines(eventTable(events, stdoutTerminal(), { now: new Date(), shortId }));
  }
  return 0;
}

/** `--follow`: the newest events, then new ones as they come. When its source ends, it goes on with another from where it was. */
class Following {
  readonly #filter: EventFilter;
  readonly #shown: Shown;
  readonly #terminal = stdoutTerminal();
  readonly #servers = new Set<string>();
  /** Ids of the first list: what came while it was read is given twice. */
  #seen: ReadonlySet<string> = new Set();
  /** Where to go on; null before the first list. */
  #seq: number | null = null;
  #header: boolean;

  constructor(filter: EventFilter, shown: Shown) {
    this.#filter = filter;
    this.#shown = shown;
    this.#header = !shown.json;
  }

  async run(): Promise<number> {
    if (Deno.stderr.isTerminal()) {
      const { watchForReleases } = await import("../update/update_notice.ts");
      watchForReleases({ isTerminal: true, tell: (line) => writeError(`${line}\n`) });
    }
    for (;;) {
      const code = await withSource((source) => this.#follow(source), () => {
        writeError(`${NOTHING_RECORDED}\n`);
        return WAIT;
      });
      if (code === WAIT) await databaseAppears();
    }
  }

  /** Returns when the source has ended. @throws {DaemonSilent} when it never began */
  async #follow(source: Source): Promise<number> {
    if (this.#seq === null) {
      const { events, seq } = await source.eventsAndSeq(this.#filter, this.#shown.limit);
      await this.#show(source, events.toReversed());
      this.#seen = new Set(events.map(({ id }) => id));
      this.#seq = seq;
    }
    for await (const { events, seq } of source.follow(this.#filter, this.#seq)) {
      await this.#show(source, events.filter(({ id }) => !this.#seen.has(id)));
      this.#seq = seq;
    }
    // A daemon that stops or that cannot keep up: the database itself goes on.
    throw new DaemonSilent("the stream has ended");
  }

  async #show(source: Source, events: readonly Event[]): Promise<void> {
    if (events.length === 0) return;
    if (this.#shown.json) return writeLines(events.map(shownJson));
    const shortId = await source.shortIds(events.map(({ id }) => id), STEADY_ID_LENGTH);
    for (const { server } of events) this.#servers.add(server);
    const options = { now: new Date(), shortId, steady: [...this.#servers], header: this.#header };
    writeLines(eventTable(events, this.#terminal, options));
    this.#header = false;
  }
}

/** As it was recorded, but for what would steer a terminal: that is escaped, and the value is the same. */
function shownJson(event: Event): string {
  return printableJson(eventJson(event));
}

/** Not an exit code: there is no database to follow yet. */
const WAIT = -1;

async function databaseAppears(): Promise<void> {
  const { database } = kmPaths();
  while (!await exists(database)) await new Promise((resolve) => setTimeout(resolve, APPEARS_MS));
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
