/** Messages of a WebSocket of sessions: read with distrust, written alike. @module */
import { SESSION_MESSAGE_TYPES, type SessionMessage } from "../../core/session_wire.ts";
import { KmError } from "../../core/error.ts";
import type { Task } from "../../core/task.ts";
import type { SessionEvent } from "../../sessions/viewer.ts";
import { ApiError } from "../errors.ts";
import { briefTaskBody } from "./task_schemas.ts";
import { commandBody, sessionBody, stateBody } from "./session_bodies.ts";

/** Longest id of a message, and longest name of a session in one, in characters. */
const MAX_MESSAGE_ID = 128, MAX_REF = 200, MAX_TIMESTAMP = 64;
/** Bytes that fit the reason of a close frame. @see RFC 6455 section 5.5 */
const MAX_REASON_BYTES = 123;

/** Null: it is none. */
export function parseMessage(text: string): SessionMessage | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const { type, session_id, data, timestamp, message_id } = value as Record<string, unknown>; // as: an object may be asked for any key
  const isMessage = SESSION_MESSAGE_TYPES.some((known) => known === type) && isText(session_id, MAX_REF) &&
    isText(message_id, MAX_MESSAGE_ID) && isText(timestamp, MAX_TIMESTAMP) &&
    (data === undefined || (typeof data === "object" && data !== null && !Array.isArray(data)));
  return isMessage ? value as SessionMessage : null; // as: checked above
}

function isText(value: unknown, maxChars: number): boolean {
  return value === undefined || (typeof value === "string" && value.length <= maxChars);
}

/** What happens to sessions, and tasks that have changed. */
export type WireEvent = SessionEvent | { readonly event: "task"; readonly task: Task };

/** An event as the wire tells it. */
export function eventData(event: WireEvent): Readonly<Record<string, unknown>> {
  switch (event.event) {
    case "session":
      return { event: "session", session: sessionBody(event.session) };
    case "state":
      return { event: "state", change: stateBody(event.change), session: sessionBody(event.session) };
    case "command":
      return { event: "command", command: commandBody(event.command) };
    case "task":
      return { event: "task", task: briefTaskBody(event.task) };
    default:
      return { ...event };
  }
}

/** What failed, as the wire tells it. */
export function errorData(
  error: unknown,
): { readonly code: string; readonly message: string; readonly hint: string | null } {
  const isKnown = error instanceof ApiError || (error instanceof KmError && error.code !== "internal");
  if (!isKnown) {
    return {
      code: "internal",
      message: "km could not do this",
      hint: 'the cause is in the daemon\'s log: "km logs"',
    };
  }
  return { code: error.code, message: error.message, hint: error.hint ?? null };
}

/** The beginning of a reason that fits a close frame. */
export function closeReason(reason: string): string {
  const bytes = new TextEncoder().encode(reason.toWellFormed());
  if (bytes.length <= MAX_REASON_BYTES) return reason.toWellFormed();
  let end = MAX_REASON_BYTES;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return new TextDecoder().decode(bytes.subarray(0, end));
}
