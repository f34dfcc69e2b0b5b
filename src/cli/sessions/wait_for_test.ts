import { deepEqual, equal, rejects } from "node:assert/strict";
import type { DaemonClient } from "./daemon_client.ts";
import { untilEnded } from "./record_session.ts";
import { waitFor } from "./wait_for.ts";

const ENDED = { id: "s-1", number: 1, state: "exited", exit_code: 0 };
const CROWDED = failure("busy", "Too many requests wait for sessions");
const LATE = failure("timeout", "The session was not exited within 600 s");

function failure(code: string, message: string) {
  return { error: { code, message, hint: null } };
}

/** A daemon that gives these answers, the last one again and again; and who asks it, and rests. */
function setUp(...answers: readonly (readonly [status: number, body: object])[]) {
  const rests: number[] = [];
  let asked = 0;
  const $get = (_: unknown, options?: { readonly init?: RequestInit }) => {
    options?.init?.signal?.throwIfAborted();
    const [status, body] = answers[Math.min(asked++, answers.length - 1)] ?? [500, {}];
    if (asked > 20) throw new Error("asked and asked"); // What spins would never end.
    return Promise.resolve(Response.json(body, { status }));
  };
  const daemon = { client: { api: { sessions: { ":id": { wait: { $get } } } } } };
  return {
    daemon: daemon as unknown as DaemonClient, // as: the one question that is asked
    rests,
    rest: (ms: number) => {
      rests.push(ms);
      return Promise.resolve();
    },
    asked: () => asked,
  };
}

Deno.test("waitFor() rests when too many wait, and asks again at once after 408", async () => {
  const at = setUp([429, CROWDED], [408, LATE], [429, CROWDED], [200, ENDED]);
  const session = await waitFor(at.daemon, "1", { states: ["exited"], timeoutMs: 3_600_000 }, at.rest);
  deepEqual([session.state, at.asked(), at.rests], ["exited", 4, [5000, 5000]]);
});

Deno.test("waitFor() says at the end what kept it: the session, or that too many wait", async () => {
  const options = { states: ["idle"], timeoutMs: 0 } as const;
  await rejects(waitFor(setUp([429, CROWDED]).daemon, "1", options), { code: "busy", message: /Too many/ });
  await rejects(waitFor(setUp([408, LATE]).daemon, "1", options), { code: "busy", message: /was not idle/ });
});

Deno.test("untilEnded() takes nothing but the end for the end", async () => {
  const at = setUp([429, CROWDED], [408, LATE], [200, ENDED]);
  await untilEnded(at.daemon, "s-1", new AbortController().signal, at.rest);
  deepEqual([at.asked(), at.rests], [3, [5000]]);
  const gone = setUp([503, failure("store_unavailable", "The store does not answer")]);
  await rejects(untilEnded(gone.daemon, "s-1", new AbortController().signal), { code: "store_unavailable" });
});

Deno.test("untilEnded() settles with its signal, also while it rests", async () => {
  const stop = new AbortController();
  const at = setUp([429, CROWDED]);
  const waiting = untilEnded(at.daemon, "s-1", stop.signal);
  await Promise.resolve();
  stop.abort();
  await waiting;
  equal(at.asked(), 1);
});
