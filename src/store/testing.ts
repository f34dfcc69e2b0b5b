/** What the tests of this room share: a store in a temporary folder, and traffic to put into it. Not part of the program. @module */
import { join } from "node:path";
import type { Batch, CallChange, EventKind, EventRecord, Outcome, Run, ToolListing } from "../core/event.ts";
import { IdMaker } from "../core/id.ts";
import { type Database, openDatabase } from "./database.ts";
import { EventWriter } from "./event_writer.ts";

/** 2026-11-21T12:00:00Z, in µs. */
export const NOON_US = 1_795_262_400_000_000;
export const MINUTE_US = 60 * 1e6;
export const DAY_US = 86_400 * 1e6;

/** A new folder for one test; it is gone afterwards. */
export class TempFolder implements Disposable {
  readonly path = Deno.makeTempDirSync({ prefix: "km-store-" });
  readonly databasePath = join(this.path, "km.db");

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

/** A new store with its writer; both are gone afterwards. */
export class TempStore implements Disposable {
  readonly folder = new TempFolder();
  readonly db: Database = openDatabase(this.folder.databasePath, { mode: "write" });
  readonly writer = new EventWriter(this.db);

  append(batch: Partial<Batch>): void {
    this.writer.append({ run: makeRun(), events: [], calls: [], tools: [], ...batch });
  }

  [Symbol.dispose](): void {
    this.db[Symbol.dispose]();
    this.folder[Symbol.dispose]();
  }
}

export function makeRun(changes: Partial<Run> = {}): Run {
  return {
    correlationId: "run-1",
    server: "files",
    command: '["node","files.js"]',
    cwd: null,
    pid: 7,
    startedUs: NOON_US,
    endedUs: null,
    exitCode: null,
    client: "tester",
    clientVersion: null,
    serverTitle: null,
    serverVersion: null,
    protocolVersion: null,
    ...changes,
  };
}

const ids = new IdMaker();

/** An event; its payload is the text given, or a small JSON message. */
export function makeEvent(
  kind: EventKind,
  timeUs: number,
  changes: Partial<EventRecord> & { text?: string } = {},
): EventRecord {
  const { text = `{"jsonrpc":"2.0","method":"tools/call","at":${timeUs}}`, ...rest } = changes;
  const payload = new TextEncoder().encode(text);
  return {
    id: ids.next(timeUs),
    timeUs,
    direction: kind === "request" ? "client_to_server" : "server_to_client",
    kind,
    method: "tools/call",
    tool: "echo",
    rpcId: "1",
    sizeBytes: payload.length,
    truncated: false,
    sha256: null,
    format: "json",
    payload,
    answersId: null,
    durationUs: null,
    ...rest,
  };
}

export function makeChange(
  request: EventRecord,
  outcome: Outcome,
  changes: Partial<CallChange> = {},
): CallChange {
  return {
    id: request.id,
    timeUs: request.timeUs,
    direction: "client_to_server",
    method: request.method ?? "",
    tool: request.tool,
    client: "tester",
    previous: null,
    outcome,
    responseId: null,
    durationUs: outcome === "open" ? null : 1000,
    requestBytes: request.sizeBytes,
    responseBytes: 100,
    tokens: 25,
    operationId: null,
    ...changes,
  };
}

/** A request with its response, ended as `outcome` after `durationUs`. */
export function makeCall(
  timeUs: number,
  outcome: Outcome = "ok",
  changes: Partial<EventRecord> & { text?: string } = {},
  durationUs = 1000,
): {
  readonly request: EventRecord;
  readonly response: EventRecord;
  readonly change: CallChange;
  readonly batch: Partial<Batch>;
} {
  const request = makeEvent("request", timeUs, changes);
  const response = makeEvent("response", timeUs + durationUs, {
    ...changes,
    answersId: request.id,
    durationUs,
  });
  const change = makeChange(request, outcome, {
    responseId: response.id,
    durationUs,
    responseBytes: response.sizeBytes,
  });
  return { request, response, change, batch: { events: [request, response], calls: [change] } };
}

export function makeTool(name: string, timeUs: number): ToolListing {
  return { name, timeUs, definitionBytes: 400, definitionTokens: 100, sha256: "0a".repeat(32) };
}

/** A reproducible `Math.random` (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
