/** JSON-RPC 2.0 as MCP speaks it: what one message is. Tolerant: what peers accept is read, the rest is `invalid`. @module */
import { findValue, valueEnd } from "./json_span.ts";

/** A JSON object as it was parsed. */
export type JsonObject = { readonly [key: string]: unknown };

/** One message. `idText` is the JSON text of the id, so that `1` and `"1"` differ. */
export type RpcMessage =
  | {
    readonly kind: "request";
    readonly idText: string;
    readonly method: string;
    readonly params: JsonObject;
  }
  | { readonly kind: "notification"; readonly method: string; readonly params: JsonObject }
  | { readonly kind: "response"; readonly idText: string; readonly result: unknown }
  | { readonly kind: "error"; readonly idText: string; readonly error: JsonObject }
  | { readonly kind: "invalid" };

/** An id as it was parsed. `null` is not allowed by MCP, but seen. */
export type RpcId = string | number | null;

export const METHOD_NOT_FOUND = -32601;

const INVALID: RpcMessage = { kind: "invalid" };
const NOTHING: JsonObject = {};
const decoder = new TextDecoder();

/**
 * Tells what a parsed JSON value is. A missing `"jsonrpc":"2.0"` is let pass, since some servers forget it and clients live with
 * that; a request with id `null` counts as a request, since its answer will carry that id. `source` is the value's JSON text, if it is whole.
 */
export function decodeMessage(value: unknown, source: Uint8Array | null): RpcMessage {
  if (!isObject(value)) return INVALID;
  const { id, method } = value;
  if (typeof method === "string") {
    const params = isObject(value.params) ? value.params : NOTHING;
    if (id === undefined) return { kind: "notification", method, params };
    return isId(id) ? { kind: "request", idText: idText(id, source, ["id"]), method, params } : INVALID;
  }
  if (method !== undefined || (id !== undefined && !isId(id))) return INVALID;
  // An error without an id answers nothing (parse error); it is an error all the same.
  if (isObject(value.error)) {
    return { kind: "error", idText: idText(id ?? null, source, ["id"]), error: value.error };
  }
  return value.result !== undefined && id !== undefined
    ? { kind: "response", idText: idText(id, source, ["id"]), result: value.result }
    : INVALID;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value when it is a string, else null. */
export function stringOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** The JSON text of the id at `path`. An integer that a double cannot hold is read from the source, lest two become one. */
export function idText(id: RpcId, source: Uint8Array | null, path: readonly string[]): string {
  if (typeof id !== "number") return JSON.stringify(id);
  if (source === null || Math.abs(id) <= Number.MAX_SAFE_INTEGER) return String(id);
  const at = findValue(source, path);
  return at < 0 ? String(id) : decoder.decode(source.subarray(at, valueEnd(source, at)));
}

export function isId(id: unknown): id is RpcId {
  return typeof id === "number" || typeof id === "string" || id === null;
}
