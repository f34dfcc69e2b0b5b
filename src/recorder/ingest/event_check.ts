/**
 * What an event must be that somebody sends: checked by hand, because a schema library takes longer than all other steps together.
 * `api/routes/ingest.ts` says the same as a schema for the documentation; one table of cases tests both.
 * @module
 */
import { type Direction, EVENT_KINDS, type EventKind } from "../../core/event.ts";
import { parseTimeUs } from "../../core/iso_time.ts";

/** Longest names, in UTF-16 units. A tool may be the URI of a resource. */
export const MAX_NAME_LENGTH = 256;
export const MAX_METHOD_LENGTH = 1024;
export const MAX_TOOL_LENGTH = 8192;
export const MAX_RPC_ID_LENGTH = 1024;
/** Longest duration, in ms: what lies between any two times that are taken (1970 to 2200); in µs a safe integer. */
export const MAX_DURATION_MS = 7.3e12;
/** Largest message, in bytes: 1 TiB. Whoever says more would make sums that nobody can read. */
export const MAX_SIZE_BYTES = 1024 ** 4;
export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** An event as it was sent, checked. Null: not said. */
export interface SentEvent {
  /** Lower case. */
  readonly id: string;
  readonly timeUs: number;
  readonly correlationId: string;
  readonly server: string;
  readonly kind: EventKind;
  readonly direction: Direction | null;
  readonly method: string | null;
  readonly tool: string | null;
  readonly rpcId: string | number | null;
  readonly sizeBytes: number | null;
  readonly truncated: boolean;
  readonly durationUs: number | null;
  readonly client: string | null;
  readonly payload: unknown;
}

/** Why something is not taken. */
export interface Flaw {
  /** The member that is wrong; null: it is no object at all. */
  readonly field: string | null;
  readonly reason: string;
}

const KINDS: ReadonlySet<unknown> = new Set(EVENT_KINDS);

/** How far a sender's clock may be ahead of this one's: an event of a day that is far off would outlive every retention. */
export const MAX_AHEAD_US = 24 * 3600 * 1_000_000;

/** What an event is checked against. */
export interface CheckContext {
  /** The batch's, for events that have none of their own. */
  readonly correlationId: string | null;
  readonly nowUs: number;
}

/** Checks one parsed event. */
export function checkEvent(value: unknown, { correlationId, nowUs }: CheckContext): SentEvent | Flaw {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { field: null, reason: "must be an object" };
  }
  const sent = value as Record<string, unknown>; // as: an object; every member is checked below
  const { id, time, server, kind, direction, rpcId, payload } = sent;
  if (typeof id !== "string" || !UUID.test(id)) return flaw("id", id, "must be a UUID");
  const timeUs = typeof time === "string" ? parseTimeUs(time) : null;
  if (timeUs === null) {
    return flaw("time", time, "must be an ISO 8601 time with a zone: 2026-11-21T11:50:36.123456Z");
  }
  if (timeUs > nowUs + MAX_AHEAD_US) {
    return { field: "time", reason: "must not be more than 24 hours ahead of this machine's clock" };
  }
  if (!KINDS.has(kind)) return flaw("kind", kind, `must be one of ${EVENT_KINDS.join(", ")}`);
  if (!isMissing(direction) && direction !== "client_to_server" && direction !== "server_to_client") {
    return { field: "direction", reason: "must be client_to_server or server_to_client" };
  }
  const flawed = nameFlaw("server", server, MAX_NAME_LENGTH, true) ??
    nameFlaw("correlationId", sent.correlationId ?? correlationId, MAX_NAME_LENGTH, true) ??
    nameFlaw("method", sent.method, MAX_METHOD_LENGTH) ?? nameFlaw("tool", sent.tool, MAX_TOOL_LENGTH) ??
    nameFlaw("client", sent.client, MAX_NAME_LENGTH) ?? rpcIdFlaw(rpcId) ?? figureFlaw(sent);
  if (flawed !== null) return flawed;
  return {
    id: id.toLowerCase(),
    timeUs,
    correlationId: (sent.correlationId ?? correlationId) as string, // as: nameFlaw found nothing
    server: server as string, // as: nameFlaw found nothing
    kind: kind as EventKind, // as: one of KINDS
    direction: (direction ?? null) as Direction | null, // as: compared above
    method: (sent.method ?? null) as string | null, // as: nameFlaw found nothing
    tool: (sent.tool ?? null) as string | null, // as: nameFlaw found nothing
    rpcId: (rpcId ?? null) as string | number | null, // as: rpcIdFlaw found nothing
    sizeBytes: (sent.sizeBytes ?? null) as number | null, // as: figureFlaw found nothing
    truncated: sent.truncated === true,
    durationUs: isMissing(sent.durationMs) ? null : Math.round(sent.durationMs as number * 1000), // as: figureFlaw found nothing
    client: (sent.client ?? null) as string | null, // as: nameFlaw found nothing
    payload: payload ?? null,
  };
}

/** True for what `checkEvent` refused. */
export function isFlaw(checked: SentEvent | Flaw): checked is Flaw {
  return "reason" in checked;
}

/** Text that SQLite keeps as it is: it would cut at NUL and replace half of a character. */
export function isStorable(text: string): boolean {
  return !text.includes("\0") && text.isWellFormed();
}

/** Null says as little as nothing: `km events --json` prints it. */
export function isMissing(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

function flaw(field: string, value: unknown, reason: string): Flaw {
  return { field, reason: value === undefined ? "is missing" : reason };
}

function nameFlaw(field: string, value: unknown, maxLength: number, isRequired = false): Flaw | null {
  if (isMissing(value)) return isRequired ? { field, reason: "is missing" } : null;
  if (typeof value !== "string") return { field, reason: "must be a string" };
  if (value.length > maxLength) return { field, reason: `must have at most ${maxLength} characters` };
  if (isRequired && value === "") return { field, reason: "must not be empty" };
  return isStorable(value) ? null : { field, reason: "must not contain NUL or half of a character" };
}

function rpcIdFlaw(value: unknown): Flaw | null {
  if (isMissing(value) || Number.isFinite(value)) return null;
  return typeof value === "string"
    ? nameFlaw("rpcId", value, MAX_RPC_ID_LENGTH)
    : { field: "rpcId", reason: "must be a string or a number" };
}

function figureFlaw({ sizeBytes, truncated, durationMs }: Record<string, unknown>): Flaw | null {
  const isSize = Number.isInteger(sizeBytes) && sizeBytes as number >= 0 &&
    sizeBytes as number <= MAX_SIZE_BYTES; // as: an integer
  if (!isMissing(sizeBytes) && !isSize) {
    return { field: "sizeBytes", reason: `must be a whole number from 0 to ${MAX_SIZE_BYTES}` };
  }
  if (!isMissing(truncated) && typeof truncated !== "boolean") {
    return { field: "truncated", reason: "must be true or false" };
  }
  const isDuration = typeof durationMs === "number" && durationMs >= 0 && durationMs <= MAX_DURATION_MS;
  return isMissing(durationMs) || isDuration
    ? null
    : { field: "durationMs", reason: `must be a number from 0 to ${MAX_DURATION_MS}` };
}
