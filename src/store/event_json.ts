/**
 * Events as JSON text, with what was recorded spliced in as it came. Parsed and written again, large integers would be rounded, `1.0` would
 * become `1`, the first of two equal keys would be lost, and deep nesting would overflow the stack.
 * @module
 */
import type { Event } from "../core/event.ts";

/** The JSON texts that an event was read from; null where there was none (or none that is JSON). */
export interface EventSource {
  readonly payload: string | null;
  readonly rpcId: string | null;
}

const NO_SOURCE: EventSource = { payload: null, rpcId: null };
/** Beside the events and not in them: their fields are a contract. */
const sources = new WeakMap<Event, EventSource>();

/** Remembers what `event` was read from; returns it. The texts must be JSON. */
export function withSource(event: Event, source: EventSource): Event {
  sources.set(event, { payload: oneLine(source.payload), rpcId: oneLine(source.rpcId) });
  return event;
}

/** The event as one line of JSON, without a line end: the fields of `Event`, in order. */
export function eventJson(event: Event): string {
  const { payload, rpcId } = sources.get(event) ?? NO_SOURCE;
  const members = Object.entries(event).map(([name, value]) => {
    const source = name === "payload" ? payload : name === "rpcId" ? rpcId : null;
    return `${JSON.stringify(name)}:${source ?? JSON.stringify(value)}`;
  });
  return `{${members.join(",")}}`;
}

/** The JSON text of the payload, on one line; of a string or bytes as `Event.payload` has them. */
export function payloadJson(event: Event): string {
  return sources.get(event)?.payload ?? JSON.stringify(event.payload);
}

/** About how long the payload is as JSON. What a sender said of its size may be something else. */
export function payloadLength(event: Event): number {
  const { payload } = event;
  const text = sources.get(event)?.payload ?? payload;
  if (typeof text === "string") return text.length;
  return payload === null ? 0 : JSON.stringify(payload).length;
}

/** The JSON text of the JSON-RPC id; null when there is none. */
export function rpcIdJson(event: Event): string | null {
  return sources.get(event)?.rpcId ?? (event.rpcId === null ? null : JSON.stringify(event.rpcId));
}

/** In JSON, a line end is white space: in a string it would be escaped. */
function oneLine(json: string | null): string | null {
  return json === null ? null : json.replace(/[\r\n]+/g, " ").trim();
}
