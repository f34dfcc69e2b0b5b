/** Events from JSON text that the daemon sent, each with its text kept: what is printed again is what was recorded, byte for byte. @module */
import type { Call, Event } from "../core/event.ts";
import { findValue, valueEnd } from "../mcp/json_span.ts";
import { withSource } from "../store/event_json.ts";
import type { EventDetail } from "../store/events.ts";
import type { StoredAnnotation } from "../store/plugin_emits_reader.ts";

const LINE_END = 10;
const decoder = new TextDecoder();

/** The events of NDJSON. */
export function eventsOfLines(ndjson: Uint8Array): Event[] {
  const events: Event[] = [];
  for (let at = 0; at < ndjson.length;) {
    const found = ndjson.indexOf(LINE_END, at);
    const end = found < 0 ? ndjson.length : found;
    if (end > at) events.push(eventOf(ndjson.subarray(at, end)));
    at = end + 1;
  }
  return events;
}

/** One event. */
export function eventOf(json: Uint8Array): Event {
  const event = entryOf<Event>(decoder.decode(json));
  return withSource(event, {
    payload: rawMember(json, "payload"),
    rpcId: event.rpcId === null ? null : rawMember(json, "rpcId"),
  });
}

/** An event or a call. @throws {TypeError | SyntaxError} when it is neither */
export function entryOf<T extends Event | Call>(json: string): T {
  const entry: unknown = JSON.parse(json);
  const isEntry = typeof entry === "object" && entry !== null && "id" in entry && "time" in entry &&
    typeof entry.id === "string" && typeof entry.time === "string";
  if (!isEntry) throw new TypeError("The daemon's answer has something that is no event or call");
  return entry as T; // as: the daemon is this km or one of its versions
}

/** One event with what belongs to it, as `km show --json` prints it. */
export function detailOf(json: Uint8Array): EventDetail {
  const { sha256, call, annotations = [] } = JSON.parse(decoder.decode(json)) as DetailFacts; // as: above
  const event = member(json, "event");
  const counterpart = member(json, "counterpart");
  if (event === null) throw new TypeError("the daemon's answer has no event");
  return {
    event: eventOf(event),
    sha256,
    counterpart: counterpart === null || decoder.decode(counterpart) === "null" ? null : eventOf(counterpart),
    call,
    annotations,
  };
}

/** A daemon of a km before plugins says nothing of annotations. */
interface DetailFacts {
  readonly sha256: string | null;
  readonly call: Call | null;
  readonly annotations?: readonly StoredAnnotation[];
}

function rawMember(json: Uint8Array, name: string): string | null {
  const bytes = member(json, name);
  return bytes === null ? null : decoder.decode(bytes);
}

function member(json: Uint8Array, name: string): Uint8Array | null {
  const start = findValue(json, [name]);
  return start < 0 ? null : json.subarray(start, valueEnd(json, start));
}
