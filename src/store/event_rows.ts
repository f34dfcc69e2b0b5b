/** Rows of the store, as the Events and Calls that readers see. @module */
import { formatTimeUs } from "../core/clock.ts";
import type { Call, Direction, Event } from "../core/event.ts";
import { directionOf, formatId, formatOf, isTruncated, KIND_REQUEST, kindOf, outcomeOf } from "./codes.ts";
import type { Database } from "./database.ts";
import { withSource } from "./event_json.ts";
import { PayloadReader } from "./payload_store.ts";
import { searchableText } from "./search_text.ts";

/** An event's row with its shape and run. */
export interface EventRow {
  readonly seq: number;
  readonly id: Uint8Array;
  readonly time_us: number;
  readonly shape: number;
  readonly flags: number;
  readonly size: number;
  readonly rpc_id: string | null;
  readonly counterpart: number | null;
  readonly duration_us: number | null;
  readonly outcome: number | null;
  readonly response_bytes: number | null;
  readonly tokens: number | null;
  readonly payload: number | null;
  readonly id_at: number | null;
  readonly operation: Uint8Array | null;
  readonly sha256: Uint8Array | null;
  readonly direction: number | null;
  readonly kind: number;
  readonly method: string | null;
  readonly tool: string | null;
  readonly correlation: string;
  readonly server: string;
  readonly client: string | null;
}

const SELECT_EVENT = `
  SELECT e.*, s.direction, s.kind, s.method, s.tool, r.correlation, r.server, r.client
  FROM events e JOIN shapes s ON s.id = e.shape JOIN runs r ON r.id = s.run WHERE e.seq = ?`;

/** Reads events one by one. Keeps unpacked payloads at hand, so use one reader for one listing. */
export class EventReader {
  readonly #db: Database;
  readonly #payloads: PayloadReader;

  constructor(db: Database) {
    this.#db = db;
    this.#payloads = new PayloadReader(db);
  }

  /** The row at `seq`; undefined when it was removed. */
  row(seq: number): EventRow | undefined {
    return this.#db.get<EventRow>(SELECT_EVENT, seq);
  }

  /** The stored bytes of the message; null when none are. */
  payload(row: EventRow): Uint8Array | null {
    return this.#payloads.read(row);
  }

  /** The text of the message in which a search looks. */
  text(row: EventRow): string {
    const payload = this.payload(row);
    return payload === null ? "" : searchableText(payload, row.flags);
  }

  event(row: EventRow): Event {
    const payload = readPayload(this.payload(row), row.flags);
    const rpcId = rpcIdOf(row.rpc_id);
    const event: Event = {
      id: formatId(row.id),
      time: formatTimeUs(row.time_us),
      correlationId: row.correlation,
      server: row.server,
      direction: directionOf(row.direction),
      kind: kindOf(row.kind),
      method: row.method,
      tool: row.tool,
      rpcId,
      sizeBytes: row.size,
      truncated: isTruncated(row.flags),
      // A request's row holds the duration of its call, which is told with the response.
      durationMs: row.kind === KIND_REQUEST ? null : toMs(row.duration_us),
      payload: payload.value,
    };
    return withSource(event, { payload: payload.json, rpcId: rpcId === null ? null : row.rpc_id });
  }

  /** The call that a request's row holds; null for other rows, and for requests that no call was told of. */
  call(row: EventRow): Call | null {
    if (row.kind !== KIND_REQUEST || row.outcome === null) return null;
    return {
      id: formatId(row.id),
      time: formatTimeUs(row.time_us),
      correlationId: row.correlation,
      server: row.server,
      client: row.client,
      // As: a request always has a direction.
      direction: directionOf(row.direction) as Direction,
      method: row.method ?? "",
      tool: row.tool,
      outcome: outcomeOf(row.outcome),
      durationMs: toMs(row.duration_us),
      requestBytes: row.size,
      responseBytes: row.response_bytes ?? 0,
      tokens: row.tokens ?? 0,
      responseId: this.#idAt(row.counterpart),
      operationId: row.operation === null ? null : formatId(row.operation),
    };
  }

  #idAt(seq: number | null): string | null {
    if (seq === null) return null;
    const row = this.#db.get<{ id: Uint8Array }>("SELECT id FROM events WHERE seq = ?", seq);
    return row ? formatId(row.id) : null;
  }
}

function toMs(us: number | null): number | null {
  return us === null ? null : us / 1000;
}

function rpcIdOf(text: string | null): string | number | null {
  if (text === null) return null;
  const value = parseJson(text);
  return typeof value === "string" || typeof value === "number" ? value : null;
}

/** JSON as its value and its text; text and what was cut as a string, other bytes in base64. */
function readPayload(
  bytes: Uint8Array | null,
  flags: number,
): { readonly value: unknown; readonly json: string | null } {
  if (bytes === null) return { value: null, json: null };
  const format = formatOf(flags);
  if (format === "bytes") return { value: { base64: bytes.toBase64() }, json: null };
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  if (format === "text" || isTruncated(flags)) return { value: text, json: null };
  const value = parseJson(text);
  return value === undefined ? { value: text, json: null } : { value, json: text };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
