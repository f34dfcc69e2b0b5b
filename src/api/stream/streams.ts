/** What a route of the live stream needs: somewhere to send to, and somebody who sends. The daemon has the latter. @module */
import type { EventFilter } from "../../core/filter.ts";
import type { EndReason, StreamFormat } from "./frames.ts";

/** The connection to one client, in the direction to it. */
export interface StreamSink {
  readonly format: StreamFormat;
  /** Bytes that wait for the client to take them. */
  readonly queuedBytes: number;
  /** Queues `data`. Does nothing when the client is gone. */
  send(data: Uint8Array<ArrayBuffer> | string): void;
  /** Calls back once, as soon as nothing is queued any more. */
  whenDrained(callback: () => void): void;
  /** Ends the connection after what is queued. */
  close(reason: EndReason): void;
}

export interface StreamRequest {
  readonly filter: EventFilter;
  /** The cursor to go on from, as the client sent it; null: only what comes from now on. */
  readonly after: string | null;
  /** Whether who asked may still read. Asked with every heartbeat and with `recheck()`; the stream ends when it is false. */
  readonly isAllowed: () => Promise<boolean>;
}

export interface StreamCounters {
  /** Open streams, and how many different filters they have. */
  readonly streams: number;
  readonly filters: number;
  /** Streams that are sent nothing because their client does not read. */
  readonly slow: number;
  /** Bytes that wait in all sinks; what streams share is counted for each. */
  readonly queuedBytes: number;
  /** Resyncs since the start. */
  readonly resyncs: number;
}

export interface Streams {
  /** Sends to `sink` until the returned function is called. @throws {ApiError} 503 when there are too many streams */
  open(request: StreamRequest, sink: StreamSink): () => void;
  /** Asks for all streams whether they are still allowed, because some credentials were just taken away. */
  recheck(): void;
  counters(): StreamCounters;
}
