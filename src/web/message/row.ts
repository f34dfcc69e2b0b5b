/**
 * One row of Live: what the table shows of an event, and no more, because a hundred thousand are held.
 *
 * An event arrives as the line of JSON that the API spliced together. Its payload is its last member and may be megabytes long, so that only
 * what stands before it is parsed; of the payload the beginning is kept, as text.
 * @module
 */
import type { Direction, EventKind } from "../../core/event.ts";
import { previewOf } from "./preview.ts";

/** Largest payload that is parsed to know whether a tool failed, in characters. */
const MAX_PARSED_CHARS = 256 * 1024;
const PAYLOAD = ',"payload":';

export interface Row {
  readonly id: string;
  /** ISO 8601, UTC, µs. */
  readonly time: string;
  readonly correlationId: string;
  readonly server: string;
  readonly direction: Direction | null;
  readonly kind: EventKind;
  readonly method: string | null;
  readonly tool: string | null;
  readonly sizeBytes: number;
  readonly truncated: boolean;
  readonly durationMs: number | null;
  /** Beginning of the payload on one line, safe to show. */
  readonly preview: string;
  /** True for a JSON-RPC error, a failed tool, a line that is no JSON-RPC, and what was not recorded. */
  readonly failed: boolean;
}

type Head = Omit<Row, "preview" | "failed">;

/** Reads one event as the API sends it. @throws {SyntaxError} when it is no JSON */
export function readRow(json: string): Row {
  // The quote of ,"payload" cannot stand inside a string: there it would be \".
  const at = json.indexOf(PAYLOAD);
  const head = parseHead(json, at);
  const payload = at < 0 ? "null" : json.slice(at + PAYLOAD.length, json.lastIndexOf("}"));
  return {
    id: head.id,
    time: head.time,
    correlationId: head.correlationId,
    server: head.server,
    direction: head.direction,
    kind: head.kind,
    method: head.method,
    tool: head.tool,
    sizeBytes: head.sizeBytes,
    truncated: head.truncated,
    durationMs: head.durationMs,
    preview: previewOf(payload),
    failed: isFailure(head.kind, payload),
  };
}

function parseHead(json: string, payloadAt: number): Head {
  if (payloadAt >= 0) {
    try {
      return JSON.parse(`${json.slice(0, payloadAt)}}`) as Head; // as: the API's contract
    } catch {
      // An id of JSON-RPC that is an object with a member "payload": rare enough to be slow.
    }
  }
  return JSON.parse(json) as Head; // as: the API's contract
}

function isFailure(kind: EventKind, payload: string): boolean {
  if (kind === "error" || kind === "invalid" || kind === "gap") return true;
  if (kind !== "response" || !/"isError"\s*:\s*true/.test(payload)) return false;
  if (payload.length > MAX_PARSED_CHARS) return true;
  try {
    return JSON.parse(payload)?.result?.isError === true;
  } catch {
    return false;
  }
}
