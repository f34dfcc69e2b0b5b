/** Where, in the bytes of a body, the parts of an event stand that are kept exactly as they came. @module */
import { type Span, valueEnd } from "../../mcp/json_span.ts";

/** Members whose text matters: a parsed value would lose large integers, the order of keys and `1.0`. */
export interface EventSpans {
  readonly payload: Span | null;
  readonly rpcId: Span | null;
  /** Behind the event. */
  readonly end: number;
}

const QUOTE = 34;
const COMMA = 44;
const CLOSE = 0x7d;
const BACKSLASH = 92;
const decoder = new TextDecoder();
const PAYLOAD = new TextEncoder().encode("payload");
const RPC_ID = new TextEncoder().encode("rpcId");

/** Spans of the event whose `{` stands at `at`, in JSON that is known to be valid. Of equal keys the last counts, as in JSON.parse. */
export function readEventSpans(json: Uint8Array, at: number): EventSpans {
  let payload: Span | null = null;
  let rpcId: Span | null = null;
  let next = skipSpace(json, at + 1);
  while (next < json.length && json[next] === QUOTE) {
    const keyEnd = valueEnd(json, next);
    const isPayload = isKey(json, next, keyEnd, PAYLOAD);
    const isRpcId = !isPayload && isKey(json, next, keyEnd, RPC_ID);
    const start = skipSpace(json, skipSpace(json, keyEnd) + 1);
    const end = valueEnd(json, start);
    if (isPayload) payload = { start, end };
    else if (isRpcId) rpcId = { start, end };
    next = skipSpace(json, end);
    if (json[next] === COMMA) next = skipSpace(json, next + 1);
  }
  return { payload, rpcId, end: json[next] === CLOSE ? next + 1 : next };
}

/** First byte at or after `at` that is no white space. */
export function skipSpace(json: Uint8Array, at: number): number {
  for (;; at++) {
    const byte = json[at];
    if (byte !== 32 && byte !== 10 && byte !== 13 && byte !== 9) return at;
  }
}

function isKey(json: Uint8Array, start: number, end: number, key: Uint8Array): boolean {
  const length = end - start - 2;
  let isEqual = length === key.length;
  for (let i = 0; i < length; i++) {
    const byte = json[start + 1 + i];
    if (byte === BACKSLASH) {
      return JSON.parse(decoder.decode(json.subarray(start, end))) === decoder.decode(key);
    }
    if (isEqual && byte !== key[i]) isEqual = false;
    if (!isEqual && length < key.length) break;
  }
  return isEqual;
}
