/** Where, in the bytes of a body, the parts of an event stand that are kept exactly as they came. @module */
import { type Span, valueEnd } from "../../mcp/json_span.ts";

/** Members whose text matters: a parsed value would lose large integers, the order of keys and `1.0`. */
export interface EventSpans {
  readonly payload: Span | null;
  readonly rpcId: Span | null;
  /** Behind the event. */
  readonly end: number;
}

/** Null: the element is no object. */
export type ElementSpans = EventSpans | null;

const QUOTE = 34;
const OPEN = 0x7b;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
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

/** Where the elements of `key`'s array begin, and where their payloads and ids stand: one pass over an object that is known to be valid. */
export function readElements(json: Uint8Array, at: number, key: Uint8Array): ElementSpans[] {
  let elements: ElementSpans[] = [];
  let next = skipSpace(json, at + 1);
  while (next < json.length && json[next] === QUOTE) {
    const keyEnd = valueEnd(json, next);
    const isWanted = isKey(json, next, keyEnd, key);
    const start = skipSpace(json, skipSpace(json, keyEnd) + 1);
    let end: number;
    if (isWanted && json[start] === OPEN_ARRAY) {
      elements = [];
      end = readArray(json, start, elements);
    } else end = valueEnd(json, start);
    next = skipSpace(json, end);
    if (json[next] === COMMA) next = skipSpace(json, next + 1);
  }
  return elements;
}

function readArray(json: Uint8Array, start: number, elements: ElementSpans[]): number {
  let at = skipSpace(json, start + 1);
  while (at < json.length && json[at] !== CLOSE_ARRAY) {
    const spans = json[at] === OPEN ? readEventSpans(json, at) : null;
    elements.push(spans);
    at = skipSpace(json, spans === null ? valueEnd(json, at) : spans.end);
    if (json[at] === COMMA) at = skipSpace(json, at + 1);
  }
  return at + 1;
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
