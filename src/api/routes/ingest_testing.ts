/** What the tests of ingest share: an API that really stores what is sent, and events to send. Not part of the program. @module */
import assert from "node:assert/strict";
import { formatTimeUs } from "../../core/clock.ts";
import type { Call, Event } from "../../core/event.ts";
import { IdMaker } from "../../core/id.ts";
import { createRedactor } from "../../core/redact.ts";
import { writeGroup } from "../../recorder/ingest/group_writer.ts";
import { Ingester } from "../../recorder/ingest/ingester.ts";
import type { IngestLimits } from "../../recorder/ingest/read_body.ts";
import { StoreSink } from "../../recorder/store_sink.ts";
import { listCalls } from "../../store/calls.ts";
import type { Database } from "../../store/database.ts";
import { listEvents } from "../../store/events.ts";
import { NOON_US } from "../../store/testing.ts";
import { TestApi } from "../testing_api.ts";

export const LIMITS: IngestLimits = {
  maxBodyBytes: 1024 * 1024,
  maxInflatedBytes: 2 * 1024 * 1024,
  maxEvents: 1000,
  maxStoredBytes: 4096,
};
export const JSON_TYPE = { "Content-Type": "application/json" };
export const LINES_TYPE = { "Content-Type": "application/x-ndjson" };

export interface Answer {
  readonly status: number;
  readonly body: {
    readonly accepted: number;
    readonly duplicate: number;
    readonly rejected: { index: number; id: string | null; field: string | null; reason: string }[];
    readonly error?: { readonly code: string; readonly message: string; readonly field?: string };
  };
}

/** An API whose ingest writes into its store, in this thread. */
export class IngestApi implements Disposable {
  readonly #api: TestApi;
  readonly #limits: IngestLimits;
  #sink!: StoreSink;
  #ingester!: Ingester;

  constructor(limits: Partial<IngestLimits> = {}) {
    this.#limits = { ...LIMITS, ...limits };
    this.#api = new TestApi({
      scopes: ["ingest"],
      ingest: {
        limits: this.#limits,
        take: (body) => {
          const [answer] = writeGroup(this.#ingester, [{ ...body, deadlineMs: 0 }], () => 0);
          assert(answer);
          return Promise.resolve(answer);
        },
      },
    });
    this.restart();
  }

  /** What a new daemon remembers: nothing. */
  restart(): void {
    this.#sink?.close();
    const { databasePath } = this.#api.store.folder;
    this.#sink = new StoreSink(databasePath, { days: 0, maxBytes: null }, () => NOON_US);
    this.#ingester = new Ingester({
      sink: this.#sink,
      redactor: createRedactor(),
      limits: this.#limits,
      clock: { nowUs: () => NOON_US },
    });
  }

  async post(path: string, body: string | Uint8Array, headers: Record<string, string>): Promise<Answer> {
    const response = await this.#api.request(path, {
      method: "POST",
      headers,
      body: typeof body === "string" ? body : new Uint8Array(body),
    });
    return { status: response.status, body: await response.json() };
  }

  send(events: readonly unknown[], batch: Record<string, unknown> = {}): Promise<Answer> {
    return this.post("/api/events/batch", JSON.stringify({ events, ...batch }), JSON_TYPE);
  }

  sendLines(lines: readonly string[]): Promise<Answer> {
    return this.post("/api/events/batch", lines.join("\n"), LINES_TYPE);
  }

  read<T>(work: (db: Database) => T): T {
    return work(this.#api.store.db);
  }

  events(): Event[] {
    return this.read((db) => listEvents(db, {}, 100_000)).reverse();
  }

  calls(): Call[] {
    return this.read((db) => listCalls(db, {}, 100_000)).reverse();
  }

  [Symbol.dispose](): void {
    this.#sink.close();
    this.#api[Symbol.dispose]();
  }
}

const ids = new IdMaker();
let clock = NOON_US;

/** When the event that was made last happened. */
export function lastTimeUs(): number {
  return clock;
}

export type SentEvent = Record<string, unknown> & { readonly id: string };

export function event(changes: Record<string, unknown> = {}): SentEvent {
  const timeUs = clock += 1000;
  return {
    id: ids.next(timeUs),
    time: formatTimeUs(timeUs),
    correlationId: "run-1",
    server: "files",
    kind: "notification",
    payload: { jsonrpc: "2.0", method: "notifications/initialized" },
    ...changes,
  };
}

export function request(rpcId: number, changes: Record<string, unknown> = {}): SentEvent {
  const payload = { jsonrpc: "2.0", id: rpcId, method: "tools/call", params: { name: "echo" } };
  return event({ kind: "request", payload, ...changes });
}

export function response(
  rpcId: number,
  result: unknown = { content: [] },
  changes: Record<string, unknown> = {},
): SentEvent {
  return event({ kind: "response", payload: { jsonrpc: "2.0", id: rpcId, result }, ...changes });
}
