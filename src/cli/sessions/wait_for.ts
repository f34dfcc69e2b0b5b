/** Waiting for a state of a session. @module */
import type { SessionBody } from "../../client/session_socket.ts";
import { KmError } from "../../core/error.ts";
import { hasEnded, type SessionState } from "../../core/session.ts";
import { durationWords } from "../../core/duration.ts";
import { askWait, CROWDED_MS, MAX_ASKED_S, type Pause, pause } from "./ask_wait.ts";
import { howEnded } from "./attach_flags.ts";
import type { DaemonClient } from "./daemon_client.ts";
import { findOne, withSuggestion } from "./find_one.ts";

/**
 * Returns the session when it is in one of `states`.
 * @throws {KmError} busy after `timeoutMs`; session_ended when its program ended, which was not waited for
 */
export async function waitFor(
  daemon: DaemonClient,
  ref: string,
  { states, timeoutMs }: { readonly states: readonly SessionState[]; readonly timeoutMs: number },
  rest: Pause = pause,
): Promise<SessionBody> {
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    const leftMs = Math.max(0, deadlineMs - performance.now());
    const timeoutS = Math.min(Math.ceil(leftMs / 1000), MAX_ASKED_S);
    const answer = await withSuggestion(daemon, ref, () => askWait(daemon, ref, { states, timeoutS }));
    if (answer !== null && !(answer instanceof KmError)) return checked(answer, states);
    const isLate = performance.now() >= deadlineMs;
    if (isLate) throw answer ?? await tooLate(daemon, ref, { states, timeoutMs });
    if (answer) await rest(Math.min(CROWDED_MS, leftMs));
  }
}

/** With what it is instead: also idle, when something holds its commands. */
async function tooLate(
  daemon: DaemonClient,
  ref: string,
  { states, timeoutMs }: { readonly states: readonly SessionState[]; readonly timeoutMs: number },
): Promise<KmError> {
  const session = await findOne(daemon, ref).catch(() => null);
  const late = durationWords(timeoutMs);
  const wanted = states.join(" or ");
  let said = `Session ${ref} was not ${wanted} within ${late}`;
  if (session !== null) {
    const now = `is ${session.state} (${session.stateReason})`;
    said = states.includes(session.state) && session.queuedCommands > 0
      ? `Session ${ref} ${now}, but what waits for it was not typed in within ${late}`
      : `${said}: it ${now}`;
  }
  return new KmError(
    "busy",
    said,
    { hint: `"km sessions screen ${ref}" prints what it shows; --timeout waits longer` },
  );
}

function checked(session: SessionBody, states: readonly SessionState[]): SessionBody {
  if (!hasEnded(session.state) || states.includes(session.state)) return session;
  throw new KmError("session_ended", `Session ${session.number} ended: ${howEnded(session)}`, {
    hint: `"km sessions logs ${session.number}" prints what it wrote`,
  });
}
