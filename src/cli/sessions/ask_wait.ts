/** One question of `km sessions wait` and `record` to the daemon: is the session in one of these states, now or soon? @module */
import type { SessionBody } from "../../client/session_socket.ts";
import { KmError } from "../../core/error.ts";
import type { SessionState } from "../../core/session.ts";
import { answerOf } from "./api_answer.ts";
import type { DaemonClient } from "./daemon_client.ts";

/** Longest that one question waits, in s. */
export const MAX_ASKED_S = 600;
/** How long who was told that too many wait does not ask again, in ms. */
export const CROWDED_MS = 5000;

/** Waits; a test has a clock of its own. */
export type Pause = (ms: number, signal?: AbortSignal) => Promise<void>;

/** The session; null: not yet; an error: too many wait, so this was not even looked at. @throws {KmError} all else that is wrong */
export async function askWait(
  { client }: DaemonClient,
  id: string,
  options: {
    readonly states: readonly SessionState[];
    readonly timeoutS: number;
    readonly signal?: AbortSignal;
  },
): Promise<SessionBody | KmError | null> {
  const query = { state: options.states.join(","), timeout: String(options.timeoutS) };
  const init = options.signal ? { signal: options.signal } : {};
  let status = 0;
  try {
    const asked = client.api.sessions[":id"].wait.$get({ param: { id }, query }, { init });
    return await answerOf<SessionBody>(asked.then((response) => {
      status = response.status;
      return response;
    }));
  } catch (error) {
    if (status === 408) return null;
    if (status === 429 && error instanceof KmError) return error;
    throw error;
  }
}

/** Settles after `ms`, or sooner with `signal`. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const onAbort = () => resolve();
  const timer = setTimeout(resolve, ms);
  signal?.addEventListener("abort", onAbort);
  if (signal?.aborted) resolve();
  await promise;
  clearTimeout(timer);
  signal?.removeEventListener("abort", onAbort);
}
