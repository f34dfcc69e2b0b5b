/** Sessions and tasks for the tests of this room and of those above. Not part of the program. @module */
import { IdMaker } from "../core/id.ts";
import { DEFAULT_SIZE, type Session } from "../core/session.ts";
import { NO_METRICS, type Task } from "../core/task.ts";
import type { Database } from "./database.ts";
import type { OutputFrame } from "./session_output.ts";
import { insertSession } from "./session_writer.ts";
import { NOON_US } from "./testing.ts";

const ids = new IdMaker();

export function newId(timeUs: number = NOON_US): string {
  return ids.next(timeUs);
}

export function makeSession(changes: Partial<Session> = {}): Session {
  const id = changes.id ?? newId(changes.createdUs);
  return {
    id,
    number: 0,
    name: `claude-${id.slice(9)}`,
    provider: "claude",
    command: ["claude", "--model", "a b"],
    cwd: "/home/user/work",
    fullAccess: false,
    state: "starting",
    stateReason: "started",
    stateSource: "spawn",
    stateSinceUs: NOON_US,
    createdUs: NOON_US,
    endedUs: null,
    exitCode: null,
    exitSignal: null,
    size: DEFAULT_SIZE,
    title: "",
    pid: 4242,
    resumeId: null,
    resumedFrom: null,
    createdBy: "user",
    seq: 0,
    seen: false,
    ...changes,
  };
}

/** Stores a new session and returns it as stored. */
export function addSession(db: Database, changes: Partial<Session> = {}): Session {
  const session = makeSession(changes);
  return insertSession(db, session);
}

export function makeTask(changes: Partial<Task> = {}): Task {
  return {
    id: newId(),
    number: 0,
    key: null,
    provider: "claude",
    prompt: "say hello",
    cwd: "/home/user/work",
    fullAccess: false,
    model: null,
    args: [],
    timeoutMs: null,
    keepsSession: false,
    state: "queued",
    reason: "waits for its turn",
    createdUs: NOON_US,
    startedUs: null,
    endedUs: null,
    attempts: 0,
    createdBy: "user",
    sessionId: null,
    conversationId: null,
    result: null,
    exitCode: null,
    metrics: NO_METRICS,
    ...changes,
  };
}

export function outputFrame(content: string | Uint8Array, timeUs: number = NOON_US): OutputFrame {
  return {
    kind: "output",
    timeUs,
    bytes: typeof content === "string" ? new TextEncoder().encode(content) : content,
  };
}
