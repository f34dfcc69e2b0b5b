/**
 * Which requests belong to one operation although each has an id of its own.
 *
 * MCP 2026-07-28: a server that needs input answers `resultType: "input_required"`, and the client asks again with a new id (SEP-2322).
 * The retry is linked by byte-equal `requestState`, else by method, name and the full set of `inputResponses` keys, and only when exactly
 * one candidate remains: never guessed. Tasks (2025-11-25, and the extension of 2026): polls are linked by task id.
 * @module
 */
import type { Direction } from "../core/event.ts";
import { isObject, type JsonObject, stringOf } from "./json_rpc.ts";

/** Unfinished operations remembered; the oldest is forgotten. A client has a handful. */
const MAX_PENDING = 1000;

/** What the linker needs to know of a request. */
export interface LinkedRequest {
  readonly direction: Direction;
  readonly method: string;
  readonly subject: string | null;
  /** Id of the operation: the event id of its first request. */
  readonly operationId: string;
}

interface WaitingForInput extends LinkedRequest {
  readonly requestState: string | null;
  readonly inputKeys: string;
}

export class OperationLinker {
  readonly #waiting = new Set<WaitingForInput>();
  readonly #tasks = new Map<string, string>();

  /** Operation that this new request continues; null when it begins one or when that cannot be told. */
  continues(request: Omit<LinkedRequest, "operationId">, params: JsonObject): string | null {
    const taskId = stringOf(params.taskId);
    if (taskId !== null) return this.#tasks.get(taskKey(request.direction, taskId)) ?? null;
    const requestState = stringOf(params.requestState);
    const inputKeys = isObject(params.inputResponses) ? keySet(params.inputResponses) : null;
    if (requestState === null && inputKeys === null) return null;
    const candidate = this.#candidate(request, requestState, inputKeys);
    if (candidate === null) return null;
    this.#waiting.delete(candidate);
    return candidate.operationId;
  }

  /** Remembers what the answer to `request` leaves unfinished. */
  answered(request: LinkedRequest, result: JsonObject): void {
    if (result.resultType === "input_required") {
      this.#waiting.add({
        ...request,
        requestState: stringOf(result.requestState),
        inputKeys: isObject(result.inputRequests) ? keySet(result.inputRequests) : "[]",
      });
      dropOldest(this.#waiting, MAX_PENDING);
    }
    const taskId = createdTask(result);
    if (taskId === null) return;
    this.#tasks.set(taskKey(request.direction, taskId), request.operationId);
    dropOldest(this.#tasks, MAX_PENDING);
  }

  #candidate(
    request: Omit<LinkedRequest, "operationId">,
    requestState: string | null,
    inputKeys: string | null,
  ): WaitingForInput | null {
    const same = [...this.#waiting].filter((waiting) =>
      waiting.direction === request.direction && waiting.method === request.method &&
      waiting.subject === request.subject
    );
    const byState = requestState === null
      ? []
      : same.filter((waiting) => waiting.requestState === requestState);
    if (byState.length === 1) return byState[0] ?? null;
    // A state that nobody gave out, or that a server gives to everyone: the keys decide.
    const rest = requestState === null ? same.filter((waiting) => waiting.requestState === null) : byState;
    const byKeys = inputKeys === null ? [] : rest.filter((waiting) => waiting.inputKeys === inputKeys);
    return byKeys.length === 1 ? byKeys[0] ?? null : null;
  }
}

/** Task id of a result that creates a task: `task.taskId` (2025-11-25) or `resultType: "task"` with `taskId` (extension). */
function createdTask(result: JsonObject): string | null {
  if (isObject(result.task)) return stringOf(result.task.taskId);
  return result.resultType === "task" ? stringOf(result.taskId) : null;
}

function keySet(object: JsonObject): string {
  return JSON.stringify(Object.keys(object).sort());
}

function taskKey(direction: Direction, taskId: string): string {
  return `${direction} ${taskId}`;
}

function dropOldest(collection: Set<unknown> | Map<string, unknown>, limit: number): void {
  if (collection.size <= limit) return;
  for (const oldest of collection.keys()) {
    (collection as { delete(key: unknown): boolean }).delete(oldest); // as: Set and Map share delete(key)
    return;
  }
}
