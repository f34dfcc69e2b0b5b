/** What `km sessions kill` does. @module */
import type { SIGNALS } from "../../api/sessions/signal_names.ts";
import type { SessionBody } from "../../client/session_socket.ts";
import { KmError } from "../../core/error.ts";
import { hasEnded } from "../../core/session.ts";
import { printable } from "../../core/printable.ts";
import { writeError, writeLines } from "../terminal.ts";
import { answerOf } from "./api_answer.ts";
import { howEnded } from "./attach_flags.ts";
import { connectSessions, type DaemonClient } from "./daemon_client.ts";
import { findEach } from "./find_one.ts";
import { waitFor } from "./wait_for.ts";

type SessionSignal = typeof SIGNALS[number];

export interface KillFlags {
  readonly signal: string | undefined;
  readonly force: boolean;
  readonly all: boolean;
  readonly remove: boolean;
}

/** SIGKILL takes no time; a machine that is very busy may. */
const KILLED_MS = 10_000;

/** Ends them, each for itself; returns the exit code. @throws {KmError} */
export async function killSessions(refs: readonly string[], flags: KillFlags): Promise<number> {
  if (refs.length === 0 && !flags.all) {
    throw new KmError("usage", '"km sessions kill" needs a session, or --all', {
      hint: 'see "km sessions list"',
    });
  }
  const daemon = await connectSessions();
  const sessions = flags.all ? await living(daemon) : await findEach(daemon, refs);
  if (sessions.length === 0) writeError("no sessions run\n");
  await Promise.all(sessions.map((session) => killOne(daemon, session, flags)));
  return 0;
}

async function living({ client }: DaemonClient): Promise<SessionBody[]> {
  const query = { state: "live" as const, limit: "1000" };
  return (await answerOf<{ sessions: SessionBody[] }>(client.api.sessions.$get({ query }))).sessions;
}

async function killOne(daemon: DaemonClient, session: SessionBody, flags: KillFlags): Promise<void> {
  const { number, name, id, state } = session;
  const called = `${number} (${printable(name)})`;
  if (flags.signal !== undefined) {
    await signal(daemon, id, `SIG${flags.signal}` as SessionSignal); // as: the flag's choices are those
    return writeLines([`sent SIG${flags.signal} to session ${called}`]);
  }
  if (hasEnded(state) && !flags.remove) {
    throw new KmError("session_ended", `Cannot end session ${number}: its program has ended`, {
      hint: "--remove removes what it left",
    });
  }
  const ended = hasEnded(state) ? session : await end(daemon, id, flags.force);
  if (!flags.remove) return writeLines([`session ${called} ended: ${howEnded(ended)}`]);
  await answerOf(daemon.client.api.sessions[":id"].$delete({ param: { id }, query: { remove: "true" } }));
  writeLines([`session ${called} ended and removed`]);
}

async function end(daemon: DaemonClient, id: string, force: boolean): Promise<SessionBody> {
  if (!force) {
    return await answerOf<SessionBody>(
      daemon.client.api.sessions[":id"].$delete({ param: { id }, query: {} }),
    );
  }
  await signal(daemon, id, "SIGKILL");
  return await waitFor(daemon, id, { states: ["exited", "lost"], timeoutMs: KILLED_MS });
}

async function signal({ client }: DaemonClient, id: string, name: SessionSignal): Promise<void> {
  await answerOf(client.api.sessions[":id"].signal.$post({ param: { id }, json: { signal: name } }));
}
