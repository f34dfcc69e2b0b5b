/** Waiting for a state of a session. @module */
import type { SessionBody } from "../../client/session_socket.ts";
import { KmError } from "../../core/error.ts";
import { hasEnded, type SessionState } from "../../core/session.ts";
import { formatDuration } from "../../core/quantity.ts";
import { answerOf } from "./api_answer.ts";
import { howEnded } from "./attach_flags.ts";
import type { DaemonClient } from "./daemon_client.ts";
import { withSuggestion } from "./find_one.ts";

/** One question to the daemon waits so long; then it is asked again. In s. */
const MAX_ASKED_S = 600;

/**
 * Returns the session when it is in one of `states`.
 * @throws {KmError} busy after `timeoutMs`; session_ended when its program ended, which was not waited for
 */
export async function waitFor(
  daemon: DaemonClient,
  ref: string,
  { states, timeoutMs }: { readonly states: readonly SessionState[]; readonly timeoutMs: number },
): Promise<SessionBody> {
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    const leftS = Math.max(0, deadlineMs - performance.now()) / 1000;
    const session = await ask(daemon, ref, states, Math.min(Math.ceil(leftS), MAX_ASKED_S));
    if (session !== null) return checked(session, states);
    if (performance.now() < deadlineMs) continue;
    throw new KmError(
      "busy",
      `Session ${ref} was not ${states.join(" or ")} within ${formatDuration(timeoutMs)}`,
      {
        hint: `"km sessions screen ${ref}" prints what it shows; --timeout waits longer`,
      },
    );
  }
}

/** Null: not yet. */
async function ask(
  daemon: DaemonClient,
  ref: string,
  states: readonly SessionState[],
  timeoutS: number,
): Promise<SessionBody | null> {
  const query = { state: states.join(","), timeout: String(timeoutS) };
  try {
    return await withSuggestion(
      daemon,
      ref,
      () => answerOf<SessionBody>(daemon.client.api.sessions[":id"].wait.$get({ param: { id: ref }, query })),
    );
  } catch (error) {
    if (error instanceof KmError && error.code === "busy") return null;
    throw error;
  }
}

function checked(session: SessionBody, states: readonly SessionState[]): SessionBody {
  if (!hasEnded(session.state) || states.includes(session.state)) return session;
  throw new KmError("session_ended", `Session ${session.number} ended: ${howEnded(session)}`, {
    hint: `"km sessions logs ${session.number}" prints what it wrote`,
  });
}
