/**
 * Messages to try a plugin with: lines of `km events --json`, recorded or written by hand. Only `kind` has to be there; what is left out is
 * filled in, always the same.
 * @module
 */
import { KmError } from "../../core/error.ts";
import {
  type Direction,
  DIRECTIONS,
  EVENT_KINDS,
  type EventKind,
  type PayloadFormat,
} from "../../core/event.ts";
import type { OfferedMessage } from "../host/scope.ts";

/** The first message of a fixture that names no times; each next one is a second later. */
const FIRST_TIME_US = Date.UTC(2026, 0, 1) * 1000;
/** JSON-RPC messages: a payload that is text was cut. */
const JSON_KINDS: readonly EventKind[] = ["request", "response", "error", "notification"];
const encoder = new TextEncoder();

/** Reads a fixture. `name` is for messages. @throws {KmError} usage, with the line that is wrong */
export function readFixture(text: string, name: string): OfferedMessage[] {
  const messages: OfferedMessage[] = [];
  const open = new Map<string, string>();
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "" || line.startsWith("//")) continue;
    messages.push(paired(parseLine(line, `${name}:${at + 1}`, messages.length), open));
  }
  if (messages.length > 0) return messages;
  throw new KmError("usage", `There is no message in "${name}"`, {
    hint: `km events --json --limit 100 > ${name} records some`,
  });
}

/** Messages of objects as `km events --json` prints them, oldest first. */
export function offeredMessages(events: readonly object[], from: string): OfferedMessage[] {
  const open = new Map<string, string>();
  return events.map((event, at) => paired(offered({ ...event }, `${from} ${at + 1}`, at), open));
}

function parseLine(line: string, place: string, at: number): OfferedMessage {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw wrong(place, `is no JSON: ${(error as Error).message}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong(place, "is no object");
  return offered(value as Record<string, unknown>, place, at);
}

function offered(value: Record<string, unknown>, place: string, at: number): OfferedMessage {
  const kind = oneOf(value["kind"], EVENT_KINDS, `${place}: "kind"`);
  const direction: Direction | null = value["direction"] === undefined || value["direction"] === null
    ? null
    : oneOf(value["direction"], DIRECTIONS, `${place}: "direction"`);
  const truncated = value["truncated"] === true;
  const payload = payloadOf(value["payload"] ?? null, kind);
  const durationMs = numberOf(value["durationMs"], place, "durationMs");
  return {
    event: {
      id: textOf(value["id"], place, "id") ?? `00000000-0000-7000-8000-${String(at + 1).padStart(12, "0")}`,
      timeUs: timeOf(value["time"], place) ?? FIRST_TIME_US + at * 1_000_000,
      direction,
      kind,
      method: textOf(value["method"], place, "method"),
      tool: textOf(value["tool"], place, "tool"),
      rpcId: value["rpcId"] === undefined || value["rpcId"] === null ? null : JSON.stringify(value["rpcId"]),
      sizeBytes: numberOf(value["sizeBytes"], place, "sizeBytes") ?? payload.bytes?.length ?? 0,
      truncated,
      format: payload.format,
      answersId: textOf(value["answersId"], place, "answersId"),
      durationUs: durationMs === null ? null : Math.round(durationMs * 1000),
    },
    correlationId: textOf(value["correlationId"], place, "correlationId") ?? "fixture",
    server: textOf(value["server"], place, "server") ?? "fixture",
    client: textOf(value["client"], place, "client"),
    redacted: payload.bytes,
    raw: payload.bytes,
  };
}

/** A response names the request that it answers, as in the recorder. */
function paired(message: OfferedMessage, open: Map<string, string>): OfferedMessage {
  const { event, correlationId } = message;
  if (event.rpcId === null) return message;
  const key = `${correlationId} ${event.rpcId}`;
  if (event.kind === "request") open.set(key, event.id);
  const answers = open.get(key);
  if (event.kind !== "response" && event.kind !== "error" || answers === undefined) return message;
  return { ...message, event: { ...event, answersId: event.answersId ?? answers } };
}

function payloadOf(
  payload: unknown,
  kind: EventKind,
): { readonly bytes: Uint8Array | null; readonly format: PayloadFormat } {
  if (payload === null) return { bytes: null, format: "json" };
  if (typeof payload === "string") {
    return { bytes: encoder.encode(payload), format: JSON_KINDS.includes(kind) ? "json" : "text" };
  }
  const { base64, ...rest } = payload as Record<string, unknown>;
  if (typeof base64 === "string" && Object.keys(rest).length === 0) {
    return { bytes: Uint8Array.fromBase64(base64), format: "bytes" };
  }
  return { bytes: encoder.encode(JSON.stringify(payload)), format: "json" };
}

function oneOf<T extends string>(value: unknown, all: readonly T[], what: string): T {
  const found = all.find((one) => one === value);
  if (found !== undefined) return found;
  throw new KmError("usage", `${what} must be one of ${all.join(", ")}`);
}

function textOf(value: unknown, place: string, name: string): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === "string") return value;
  throw wrong(place, `has a "${name}" that is no text`);
}

function numberOf(value: unknown, place: string, name: string): number | null {
  if (value === undefined || value === null) return null;
  if (typeof value === "number" && value >= 0) return value;
  throw wrong(place, `has a "${name}" that is no number from 0 up`);
}

function timeOf(value: unknown, place: string): number | null {
  const text = textOf(value, place, "time");
  if (text === null) return null;
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw wrong(place, 'has a "time" that is none');
  // Date knows ms; what follows them is µs.
  return ms * 1000 + Number(/\.\d{3}(\d{3})Z$/.exec(text)?.[1] ?? 0);
}

function wrong(place: string, state: string): KmError {
  return new KmError("usage", `${place} ${state}`, { hint: "a line is what km events --json prints" });
}
