/** Waiting until a session is in a state. @module */
import { hasEnded, type SessionState } from "../core/session.ts";
import { type BookEntry, viewOf } from "./session_book.ts";
import type { SessionListener, SessionView } from "./viewer.ts";

export interface WaitOptions {
  /** An end ends every wait. */
  readonly states: readonly SessionState[];
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** Settles when `entry` is in one of the states, and where that is idle, nothing waits to be typed in; null when it takes too long. */
export async function waitForState(
  entry: BookEntry,
  { states, timeoutMs, signal }: WaitOptions,
  onEvent: (listener: SessionListener) => () => void,
): Promise<SessionView | null> {
  const { live, queue } = entry;
  const isThere = () =>
    hasEnded(live.state) || (states.includes(live.state) && (live.state !== "idle" || queue.isDone));
  if (isThere()) return viewOf(entry);
  const found = Promise.withResolvers<SessionView | null>();
  const timer = setTimeout(() => found.resolve(null), timeoutMs);
  const abort = () => found.resolve(null);
  signal?.addEventListener("abort", abort, { once: true });
  if (signal?.aborted) abort();
  const off = onEvent((id) => {
    if (id === live.facts.id && isThere()) found.resolve(viewOf(entry));
  });
  try {
    return await found.promise;
  } finally {
    off();
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}
