/** One session by what the user calls it. @module */
import type { SessionBody } from "../../client/session_socket.ts";
import { KmError } from "../../core/error.ts";
import { suggest } from "../../core/suggest.ts";
import { answerOf } from "./api_answer.ts";
import type { DaemonClient } from "./daemon_client.ts";

/** @throws {KmError} not_found with what was meant, ambiguous */
export async function findOne(daemon: DaemonClient, ref: string): Promise<SessionBody> {
  return await withSuggestion(
    daemon,
    ref,
    () => answerOf<SessionBody>(daemon.client.api.sessions[":id"].$get({ param: { id: ref } })),
  );
}

/** What `ask` gives; where there is no session `ref`, says which one may be meant. */
export async function withSuggestion<T>(
  { client }: DaemonClient,
  ref: string,
  ask: () => Promise<T>,
): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof KmError) || error.code !== "not_found") throw error;
    const { sessions } = await answerOf<{ sessions: SessionBody[] }>(
      client.api.sessions.$get({ query: { state: "live" } }),
    );
    const names = sessions.map(({ name }) => name);
    const near = suggest(ref, names);
    if (near === undefined && names.length === 0) throw error;
    const hint = near === undefined
      ? `there are: ${sessions.map(({ number, name }) => `${number} (${name})`).join(", ")}`
      : `did you mean "${near}"?`;
    throw new KmError("not_found", error.message, { hint, cause: error });
  }
}
