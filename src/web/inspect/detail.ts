/** What the inspector shows, read from the API's text: payloads stay text, because a value that was parsed is no longer what came. Pure. @module */
import type { Call, Direction, EventKind } from "../../core/event.ts";
import { readRow, type Row } from "../message/row.ts";
import { childrenOf, type JsonSpan, memberOf, stringOf, valueAt } from "../message/json_text.ts";

/** One event; `payload` and `rpcId` are JSON text as recorded. */
export interface Message {
  readonly id: string;
  readonly time: string;
  readonly correlationId: string;
  readonly server: string;
  readonly direction: Direction | null;
  readonly kind: EventKind;
  readonly method: string | null;
  readonly tool: string | null;
  readonly rpcId: string | null;
  readonly sizeBytes: number;
  readonly truncated: boolean;
  readonly durationMs: number | null;
  /** "null" where nothing is kept. */
  readonly payload: string;
}

/** A note of a plugin. */
export interface Annotation {
  readonly plugin: string;
  readonly key: string;
  readonly value: string;
}

export interface Detail {
  readonly event: Message;
  /** Of the whole message, when it was truncated. */
  readonly sha256: string | null;
  readonly counterpart: Message | null;
  readonly call: Call | null;
  /** What plugins noted on it. */
  readonly annotations: readonly Annotation[];
}

/** One moment of a call. */
export interface Moment {
  readonly offsetMs: number;
  readonly row: Row;
}

/** Reads the answer of `GET /api/events/:id`. @throws {SyntaxError} when it is none */
export function readDetail(json: string): Detail {
  const root = valueAt(json, 0);
  const event = memberOf(json, root, "event");
  if (!event) throw new SyntaxError("The answer has no event");
  const counterpart = memberOf(json, root, "counterpart");
  return {
    event: readMessage(json, event),
    sha256: parseMember(json, root, "sha256") as string | null, // as: the API's contract
    counterpart: counterpart?.kind === "object" ? readMessage(json, counterpart) : null,
    call: parseMember(json, root, "call") as Call | null, // as: the API's contract
    annotations: (parseMember(json, root, "annotations") ?? []) as readonly Annotation[], // as: the API's contract
  };
}

/** Reads the timeline of `GET /api/calls/:id`. */
export function readTimeline(json: string): readonly Moment[] {
  const timeline = memberOf(json, valueAt(json, 0), "timeline");
  return (timeline ? childrenOf(json, timeline) : []).flatMap((entry) => {
    const offsetMs = Number(parseMember(json, entry, "offsetMs"));
    const event = memberOf(json, entry, "event");
    return event ? [{ offsetMs, row: readRow(json.slice(event.start, event.end)) }] : [];
  });
}

function readMessage(json: string, span: JsonSpan): Message {
  const members: Record<string, unknown> = {};
  let payload = "null";
  let rpcId: string | null = null;
  for (const { key, start, end } of childrenOf(json, span)) {
    const name = stringOf(key ?? "");
    const text = json.slice(start, end);
    if (name === "payload") payload = text;
    else if (name === "rpcId") rpcId = text === "null" ? null : text;
    else members[name] = JSON.parse(text);
  }
  return { ...(members as unknown as Omit<Message, "payload" | "rpcId">), rpcId, payload }; // as: the API's contract
}

function parseMember(json: string, span: JsonSpan, name: string): unknown {
  const found = memberOf(json, span, name);
  return found ? JSON.parse(json.slice(found.start, found.end)) : null;
}
