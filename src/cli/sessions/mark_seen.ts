/** What a person has looked at here counts as seen. @module */
import { kmPaths } from "../../config/paths.ts";
import { hasEnded, type Session } from "../../core/session.ts";
import { findDaemon } from "../../daemon/daemon_file.ts";
import { answerOf } from "./api_answer.ts";
import { connectSessions } from "./daemon_client.ts";

/** Says so of one that has ended, when a person reads this; without a daemon nobody is there to tell. */
export async function markSeen({ id, state, seen }: Session): Promise<void> {
  if (seen || !hasEnded(state) || !Deno.stdout.isTerminal()) return;
  if (findDaemon(kmPaths().daemon) === null) return;
  try {
    const { client } = await connectSessions();
    await answerOf(client.api.sessions[":id"].seen.$post({ param: { id } }));
  } catch {
    // What was asked for is printed; it stays in the list, which is no harm.
  }
}
