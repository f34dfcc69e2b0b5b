/**
 * What a stream's client gets, as text: server-sent events, or the frames of a WebSocket. Loaded by threads too, so without packages.
 *
 * A cursor is the seq of the last event that is behind it. An SSE block with an id and no data moves `Last-Event-ID` without an event, so
 * that a client whose filter finds nothing still resumes from where the store is and not from where it once was.
 * @module
 */
import { eventJson } from "../../store/event_json.ts";
import type { PlacedEvent } from "../../store/event_tail.ts";
import { formatCursor } from "../cursor.ts";

export type StreamFormat = "sse" | "ws";

/** Why a client must load again what it shows: some events were not sent, and nobody will send them later. */
export type ResyncReason =
  /** It did not read, or not as fast as events came. */
  | "slow"
  /** More came in than the daemon can pass on. */
  | "behind"
  /** Its cursor lies before what the retention removed. */
  | "expired"
  /** Its cursor is none of this store. */
  | "unknown_cursor"
  /** The store was emptied, or another file is in its place. */
  | "replaced";

export interface Resync {
  readonly reason: ResyncReason;
  /** Events of its filter that were left out; null when nobody knows. */
  readonly missed: number | null;
}

export type EndReason =
  /** The daemon stops, or the stream cannot go on: connect again later. */
  | "going_away"
  /** Its key was revoked, its JWT is over, its session was signed out: connect again with others. */
  | "credentials";

/** How long a browser waits before it connects again, in ms. */
const RETRY_MS = 1000;
/** A WebSocket sends a frame whole, so a larger event (characters) comes without its payload, which `GET /api/events/:id` gives. */
const MAX_WS_EVENT = 512 * 1024;

export function eventFrame(format: StreamFormat, { seq, event }: PlacedEvent): string {
  const cursor = formatCursor(seq);
  const json = eventJson(event);
  if (format === "sse") return `id: ${cursor}\nevent: event\ndata: ${json}\n\n`;
  if (json.length <= MAX_WS_EVENT) return `{"type":"event","cursor":"${cursor}","event":${json}}`;
  const small = JSON.stringify({ ...event, payload: null });
  return `{"type":"event","cursor":"${cursor}","payloadOmitted":true,"event":${small}}`;
}

/** The first thing a client gets; nothing for a WebSocket. */
export function openFrame(format: StreamFormat): string | null {
  return format === "sse" ? `retry: ${RETRY_MS}\n\n` : null;
}

/** Tells that the stream lives, and how far it has come. */
export function heartbeatFrame(format: StreamFormat, seq: number): string {
  const cursor = formatCursor(seq);
  return format === "sse"
    ? `: heartbeat ${cursor}\nid: ${cursor}\n\n`
    : JSON.stringify({ type: "heartbeat", cursor });
}

/** `seq`: from where the stream goes on. */
export function resyncFrame(format: StreamFormat, { reason, missed }: Resync, seq: number): string {
  const cursor = formatCursor(seq);
  return format === "sse"
    ? `id: ${cursor}\nevent: resync\ndata: ${JSON.stringify({ reason, missed, cursor })}\n\n`
    : JSON.stringify({ type: "resync", reason, missed, cursor });
}

/** The stream ends. Nothing for a WebSocket, whose close code says it. */
export function endFrame(format: StreamFormat, reason: EndReason): string | null {
  if (format === "ws") return null;
  return `event: end\ndata: ${reason === "credentials" ? JSON.stringify({ reason }) : "{}"}\n\n`;
}
