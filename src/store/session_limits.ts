/** How much is kept of sessions and tasks. Text that describes is cut; text that is typed in or run, and names, are refused when too long. @module */
import { KmError } from "../core/error.ts";
import { printableStart } from "../core/printable.ts";
import { hexToBytes } from "./codes.ts";

/** Chars are UTF-16 units. */
export const SESSION_LIMITS = {
  nameChars: 64,
  providerChars: 64,
  /** Of one argument, and of all as JSON. */
  argumentChars: 64 * 1024,
  commandChars: 128 * 1024,
  cwdChars: 4096,
  reasonChars: 200,
  titleChars: 200,
  /** `createdBy`, `by`, `who`, `via`, `action`, signals. */
  wordChars: 100,
  resumeIdChars: 200,
  commandIdChars: 64,
  /** A prompt with a file pasted into it. */
  commandTextChars: 256 * 1024,
  outcomeChars: 200,
  /** Commands of one session that wait to be delivered. */
  queuedCommands: 1000,
  /** Commands of one session that are remembered; the oldest that are over go first. */
  commands: 2000,
  /** Changes of state of one session that are remembered. */
  states: 1000,
  /** Of output, in one row, before compression: what a reader holds at once. */
  chunkBytes: 256 * 1024,
  markerChars: 1000,
  auditEntries: 20_000,
  auditDetailChars: 1000,
  /** Of a search in output. */
  searchChars: 256,
} as const;

export const TASK_LIMITS = {
  keyChars: 200,
  promptChars: 1024 * 1024,
  modelChars: 200,
  reasonChars: 500,
  conversationChars: 200,
  resultChars: 1024 * 1024,
  /** Tasks that are remembered; of those that are over, the oldest go. */
  tasks: 10_000,
  eventChars: 64 * 1024,
  /** Events of one task that are remembered, and their texts together in bytes of UTF-8; the oldest go first. */
  events: 5000,
  eventsBytes: 16 * 1024 * 1024,
} as const;

const ID_BYTES = 16;

/** The 16 bytes of a session's or task's id. @throws {KmError} not_found when it is none: then nothing can have it */
export function sessionIdBytes(id: string, what: "session" | "task" = "session"): Uint8Array {
  if (!isId(id)) throw new KmError("not_found", `Cannot find ${what} "${printableStart(id, 64)}": not an id`);
  return hexToBytes(id, ID_BYTES);
}

export function isId(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}

/** One printable line of at most `maxChars`. */
export function cutLine(text: string, maxChars: number): string {
  const line = printableStart(text, maxChars);
  return line.length <= maxChars ? line : `${line.slice(0, maxChars - 1).toWellFormed()}…`;
}

/** The beginning of a text, as it is. */
export function cutText(text: string, maxChars: number): string {
  return text.length <= maxChars ? text.toWellFormed() : `${text.slice(0, maxChars - 1).toWellFormed()}…`;
}

/** The text as it is. @throws {KmError} usage when it is longer than `maxChars`: cut, it would say something else */
export function wholeText(text: string, what: string, maxChars: number): string {
  if (text.length > maxChars) {
    throw new KmError(
      "usage",
      `Cannot keep the ${what}: it has ${text.length} characters, at most ${maxChars} are kept`,
      { hint: "send less at once" },
    );
  }
  return text.toWellFormed();
}
