/** What `km sessions attach` does. @module */
import { KmError } from "../../core/error.ts";
import { hasEnded } from "../../core/session.ts";
import { tellAttached, tellEnd } from "./attach_flags.ts";
import { type AttachOptions, attachSession } from "./attach_session.ts";
import { connectSessions } from "./daemon_client.ts";
import { requireTerminal } from "./local_terminal.ts";
import { findOne } from "./find_one.ts";
import { isWithin } from "./within_session.ts";

/** Shows a session; returns the exit code. @throws {KmError} */
export async function attachOne(ref: string, options: AttachOptions): Promise<number> {
  const daemon = await connectSessions();
  const session = await findOne(daemon, ref);
  const { number, state, isResumable } = session;
  // First what is wrong with the session: it would be wrong in a terminal, too.
  if (hasEnded(state)) {
    throw new KmError("session_ended", `Cannot attach to session ${number}: its program has ended`, {
      hint: isResumable
        ? `"km sessions resume ${number}" goes on with it; "km sessions logs ${number}" prints what it wrote`
        : `"km sessions logs ${number}" prints what it wrote`,
    });
  }
  requireTerminal(
    `"km sessions screen ${ref}" prints what it shows, "km sessions logs ${ref} --follow" what it writes`,
  );
  if (isWithin(session.pid)) {
    throw new KmError("usage", `Cannot show session ${number} within itself`, {
      hint: "this terminal is that session already",
    });
  }
  tellAttached(session, options.detachKeys);
  return tellEnd(await attachSession(daemon, session, options), session);
}
