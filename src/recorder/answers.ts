/** What an answer says about its call: how the call ended, and what it puts into a model's context. @module */
import type { Direction } from "../core/event.ts";
import { isObject, type JsonObject, METHOD_NOT_FOUND } from "../mcp/json_rpc.ts";
import type { Answer } from "./call_book.ts";

/** How a call ended that was answered with `result`; null: the result is not known, or no object. */
export function outcomeOfResult(result: JsonObject | null): Answer["outcome"] {
  return result !== null && result.isError === true ? "tool_error" : "ok";
}

/** A failed `server/discover` on a server of an older era is how clients find out which era it is: no failure. @see MCP 2026-07-28 stdio, Backward Compatibility */
export function outcomeOfError(method: string, error: JsonObject | null): Answer["outcome"] {
  return method === "server/discover" && error?.code === METHOD_NOT_FOUND ? "ok" : "error";
}

/** A member of a message, when it is an object. */
export function objectOf(value: unknown): JsonObject | null {
  return isObject(value) ? value : null;
}

export function opposite(direction: Direction): Direction {
  return direction === "client_to_server" ? "server_to_client" : "client_to_server";
}
