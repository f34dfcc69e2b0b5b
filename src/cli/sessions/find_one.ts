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

/** Each of `refs`, once. @throws {KmError} as `findOne`; not_found names all that are not there */
export async function findEach(daemon: DaemonClient, refs: readonly string[]): Promise<SessionBody[]> {
  return await eachOnce("session", refs, (ref) => findOne(daemon, ref));
}

/** What `find` gives for each of `refs`, once: two of them may mean the same. @throws {KmError} not_found names all that are not there */
export async function eachOnce<T extends { readonly id: string }>(
  what: string,
  refs: readonly string[],
  find: (ref: string) => Promise<T>,
): Promise<T[]> {
  const found = new Map<string, T>();
  const missing = new Map<string, KmError>();
  for (const ref of new Set(refs)) {
    try {
      const one = await find(ref);
      found.set(one.id, one);
    } catch (error) {
      if (!(error instanceof KmError) || error.code !== "not_found") throw error;
      missing.set(ref, error);
    }
  }
  const [first, ...more] = missing.values();
  if (first === undefined) return [...found.values()];
  if (more.length === 0) throw first;
  const names = [...missing.keys()].map((ref) => `"${ref}"`).join(", ");
  throw new KmError("not_found", `Cannot find ${what}s ${names}: there are none`, {
    hint: [...new Set([...missing.values()].map(({ hint }) => hint))].join("; "),
  });
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
