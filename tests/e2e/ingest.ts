/** Events to send to a daemon, and the sending, for end-to-end tests. @module */
import { formatTimeUs, systemClock } from "../../src/core/clock.ts";
import { IdMaker } from "../../src/core/id.ts";
import type { RunningDaemon } from "./daemon.ts";

/** An event as it is sent. */
export interface SentEvent {
  readonly id: string;
  readonly [name: string]: unknown;
}

const ids = new IdMaker();

/** New events of one run: small notifications, unless `changes` say otherwise. */
export function makeEvents(count: number, changes: Record<string, unknown> = {}): SentEvent[] {
  return Array.from({ length: count }, () => {
    const timeUs = systemClock.nowUs();
    return {
      id: ids.next(timeUs),
      time: formatTimeUs(timeUs),
      correlationId: "run-1",
      server: "files",
      kind: "notification",
      payload: { jsonrpc: "2.0", method: "notifications/progress" },
      ...changes,
    };
  });
}

/** What was answered. */
export interface SentAnswer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: {
    readonly accepted: number;
    readonly duplicate: number;
    readonly rejected: readonly unknown[];
    readonly error?: { readonly code: string; readonly message: string; readonly hint: string | null };
  };
}

/** Sends a JSON batch with the daemon's token. */
export function sendEvents(daemon: RunningDaemon, events: readonly unknown[]): Promise<SentAnswer> {
  return sendBody(daemon, JSON.stringify({ events }), { "Content-Type": "application/json" });
}

/** Sends a body to where batches go. */
export async function sendBody(
  daemon: RunningDaemon,
  body: BodyInit,
  headers: Readonly<Record<string, string>>,
): Promise<SentAnswer> {
  const response = await fetch(`${daemon.url}/api/events/batch`, {
    method: "POST",
    headers: { Authorization: `Bearer ${daemon.token}`, ...headers },
    body,
  });
  return {
    status: response.status,
    retryAfter: response.headers.get("Retry-After"),
    body: await response.json(),
  };
}
