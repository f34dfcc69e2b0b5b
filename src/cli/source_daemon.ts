/** What was recorded, asked of the daemon that runs for this home. Loads packages: only when there is a daemon. @module */
import { formatCursor, parseCursor } from "../api/cursor.ts";
import { readToken } from "../auth/secret_token.ts";
import type { Client } from "../client/client.ts";
import { formatTimeUs } from "../core/clock.ts";
import { type ErrorCode, EXIT_CODES, KmError } from "../core/error.ts";
import type { Call, Event } from "../core/event.ts";
import type { CallFilter, EventFilter } from "../core/filter.ts";
import { MAX_IDS, MAX_PAGE_ENTRIES } from "../core/limits.ts";
import type { DaemonRecord } from "../daemon/daemon_file.ts";
import type { EventDetail } from "../store/events.ts";
import type { ReportQuery, StatsReport } from "../store/stats_report.ts";
import { detailOf, entryOf, eventOf, eventsOfLines } from "./event_lines.ts";
import { loadClient } from "./packages.ts";
import { knowsToken } from "./proven_daemon.ts";
import { DaemonSilent, type Followed, type Source } from "./source.ts";

/** How long a daemon may take to say that it is there, in ms: on one machine it takes 2. */
const CONNECT_MS = 400;
/** How long one answer may take, in ms: a search looks for up to 1.5 s. */
const ANSWER_MS = 10_000;
/** How long a search may take in all, in ms, as where the database is read directly. */
const SEARCH_MS = 1500;
const NDJSON = { headers: { Accept: "application/x-ndjson" } };

/** The daemon, when it answers at once and is that of this home. @throws {DaemonSilent} */
export async function connectDaemon({ urls: [url = ""] }: DaemonRecord, tokenPath: string): Promise<Source> {
  const token = tokenAt(tokenPath);
  if (token === null || !await heard(knowsToken(url, { token, patienceMs: CONNECT_MS }))) {
    throw new DaemonSilent("what answers is not the daemon of this home");
  }
  const { createClient, readServerSentEvents } = await loadClient();
  return new DaemonSource(createClient({ baseUrl: url, token }), readServerSentEvents);
}

/** Null where there is none that can be trusted. */
function tokenAt(path: string): string | null {
  try {
    return readToken(path);
  } catch {
    return null;
  }
}

type ReadServerSentEvents = typeof import("../client/client.ts").readServerSentEvents;

class DaemonSource implements Source {
  readonly #client: Client;
  readonly #readServerSentEvents: ReadServerSentEvents;

  constructor(client: Client, readServerSentEvents: ReadServerSentEvents) {
    this.#client = client;
    this.#readServerSentEvents = readServerSentEvents;
  }

  async events(filter: EventFilter, limit: number): Promise<Event[]> {
    return (await this.#eventPages(filter, limit)).events;
  }

  async eventsAndSeq(filter: EventFilter, limit: number): Promise<Followed> {
    const { events, streamCursor } = await this.#eventPages(filter, limit);
    return { events, seq: seqOf(streamCursor) };
  }

  async *follow(filter: EventFilter, seq: number): AsyncGenerator<Followed> {
    const query = { ...eventQuery(filter), after: formatCursor(seq) };
    const { body } = await answerOf(this.#client.api.stream.$get({ query, header: {} }));
    if (body === null) return;
    try {
      for await (const { type, lastId, data } of this.#readServerSentEvents(body)) {
        // Too slow for the stream: the database has it all.
        if (type === "resync" || type === "end") return;
        if (type === "event") yield { events: [eventOf(new TextEncoder().encode(data))], seq: seqOf(lastId) };
      }
    } catch {
      // The daemon has gone; whoever follows goes on elsewhere.
    }
  }

  async calls(filter: CallFilter, limit: number): Promise<Call[]> {
    const calls: Call[] = [];
    let cursor: string | undefined;
    while (calls.length < limit) {
      const query = { ...callQuery(filter), ...page(limit - calls.length, cursor) };
      const response = await answerOf(this.#client.api.calls.$get({ query }, { ...NDJSON, ...patience() }));
      const lines = (await textOf(response)).split("\n").filter((line) => line !== "");
      calls.push(...understood(() => lines.map((line) => entryOf<Call>(line))));
      cursor = response.headers.get("Km-Next-Cursor") ?? undefined;
      if (cursor === undefined) break;
    }
    return newestFirst(calls);
  }

  async event(idPrefix: string): Promise<EventDetail> {
    const id = idPrefix.trim();
    // What cannot be an id is told by whoever reads the database.
    if (!/^[0-9a-f-]{1,36}$/i.test(id)) throw new DaemonSilent("not an id");
    const answer = await answerOf(this.#client.api.events[":id"].$get({ param: { id } }, patience()));
    const json = await bytesOf(answer);
    return understood(() => detailOf(json));
  }

  async stats({ sinceUs, untilUs, by, server, tool }: ReportQuery): Promise<StatsReport> {
    const range = { since: formatTimeUs(sinceUs), until: formatTimeUs(untilUs) };
    const query = { ...range, by, ...defined({ server, tool }) };
    const response = await answerOf(this.#client.api.stats.$get({ query }, patience()));
    const report = await jsonOf<StatsReport>(response, ["rows", "unusedTools", "definitions"]);
    const { since, until, rows, totals, unusedTools, definitions } = report;
    return { since, until, by, rows, totals, unusedTools, definitions };
  }

  async shortIds(ids: readonly string[], least?: number): Promise<(id: string) => string> {
    const short = new Map<string, string>();
    for (let at = 0; at < ids.length; at += MAX_IDS) {
      const some = ids.slice(at, at + MAX_IDS);
      const query = { ids: some.join(","), ...(least !== undefined && { least: String(least) }) };
      const response = await answerOf(this.#client.api["short-ids"].$get({ query }, patience()));
      const answer = await jsonOf<{ readonly ids: readonly string[] }>(response, ["ids"]);
      some.forEach((id, index) => short.set(id, answer.ids[index] ?? id));
    }
    return (id) => short.get(id) ?? id;
  }

  async serverNames(): Promise<string[]> {
    const response = await answerOf(this.#client.api["server-names"].$get({}, patience()));
    return (await jsonOf<{ readonly servers: string[] }>(response, ["servers"])).servers;
  }

  async #eventPages(filter: EventFilter, limit: number): Promise<{ events: Event[]; streamCursor: string }> {
    const events: Event[] = [];
    const deadlineMs = performance.now() + SEARCH_MS;
    let streamCursor: string | undefined;
    let cursor: string | undefined;
    for (;;) {
      const query = { ...eventQuery(filter), ...page(Math.max(1, limit - events.length), cursor) };
      const response = await answerOf(
        this.#client.api.activity.$get({ query }, { ...NDJSON, ...patience() }),
      );
      const lines = await bytesOf(response);
      events.push(...understood(() => eventsOfLines(lines)));
      streamCursor ??= response.headers.get("Km-Stream-Cursor") ?? "";
      cursor = response.headers.get("Km-Next-Cursor") ?? undefined;
      const late = response.headers.get("Km-Complete") === "false" && performance.now() > deadlineMs;
      if (events.length >= limit || cursor === undefined || late) break;
    }
    return { events: newestFirst(events.slice(0, limit)), streamCursor };
  }
}

/** Pages are in order of recording, and each in itself by time: so the whole is made. Equal times stay as they came. */
function newestFirst<T extends { readonly time: string }>(entries: T[]): T[] {
  return entries.sort((a, b) => a.time < b.time ? 1 : a.time > b.time ? -1 : 0);
}

/** Where the database goes on when the daemon does not. @throws {DaemonSilent} for the cursor of another version of km */
function seqOf(cursor: string): number {
  const seq = parseCursor(cursor);
  if (seq === null) throw new DaemonSilent("not a cursor that this km knows");
  return seq;
}

function page(limit: number, cursor: string | undefined): { limit: string; cursor?: string } {
  return { limit: String(Math.min(limit, MAX_PAGE_ENTRIES)), ...(cursor !== undefined && { cursor }) };
}

function eventQuery(filter: EventFilter) {
  const { kind, direction, search } = filter;
  return { ...callQuery(filter), ...defined({ kind, direction, search }) };
}

function callQuery(filter: CallFilter) {
  const { sinceUs, untilUs, server, method, tool, correlationId, outcome } = filter;
  const since = sinceUs === undefined ? undefined : formatTimeUs(sinceUs);
  const until = untilUs === undefined ? undefined : formatTimeUs(untilUs);
  return defined({ since, until, server, method, tool, correlation: correlationId, outcome });
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function defined<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>; // as: that is what is left
}

function patience(): { readonly init: RequestInit } {
  return { init: { signal: AbortSignal.timeout(ANSWER_MS) } };
}

interface Answer {
  readonly ok: boolean;
  readonly headers: Headers;
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>> | null;
  text(): Promise<string>;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/**
 * A good answer.
 * @throws {KmError} what reading the database would say too: not_found, ambiguous
 * @throws {DaemonSilent} everything else
 */
async function answerOf(request: Promise<Answer>): Promise<Answer> {
  const response = await heard(request);
  if (response.ok) return response;
  const text = await textOf(response);
  const { code, message, hint } = failureOf(text);
  if (code === "not_found" || code === "ambiguous") {
    throw new KmError(code, message, hint === null ? {} : { hint });
  }
  throw new DaemonSilent(message);
}

function failureOf(text: string): { code: ErrorCode | null; message: string; hint: string | null } {
  try {
    const { error } = JSON.parse(text) as { error: { code: string; message: string; hint: string | null } }; // as: the form of every failure
    return { ...error, code: error.code in EXIT_CODES ? error.code as ErrorCode : null };
  } catch {
    return { code: null, message: "no answer of km", hint: null };
  }
}

async function bytesOf(response: Answer): Promise<Uint8Array> {
  return new Uint8Array(await heard(response.arrayBuffer()));
}

async function textOf(response: Answer): Promise<string> {
  return await heard(response.text());
}

/** An object whose members `lists` are lists. @throws {DaemonSilent} when it is something else */
async function jsonOf<T>(response: Answer, lists: readonly (keyof T)[]): Promise<T> {
  const text = await textOf(response);
  return understood(() => {
    const value = JSON.parse(text) as T; // as: its schema, of which the next line checks what would not be survived
    if (lists.every((name) => Array.isArray(value[name]))) return value;
    throw new TypeError(`The daemon's answer has no ${lists.join(", ")}`);
  });
}

/** What `read` makes of an answer. @throws {DaemonSilent} when that is of a shape that this km does not know */
function understood<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new DaemonSilent("an answer that this km does not understand", { cause: error });
  }
}

async function heard<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    throw new DaemonSilent("the daemon does not answer", { cause: error });
  }
}
