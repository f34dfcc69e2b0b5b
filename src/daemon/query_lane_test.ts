import { equal, rejects } from "node:assert/strict";
import { ApiError } from "../api/errors.ts";
import { KmError } from "../core/error.ts";
import { QueryLane } from "./query_lane.ts";

const worker = new URL("./testing_query_worker.ts", import.meta.url);

function testLane(options: { readonly maxWaiting?: number; readonly timeoutMs?: number } = {}) {
  const lane = new QueryLane({ database: "none", name: "test", worker, ...options });
  return {
    ask: async (what: string, signal?: AbortSignal) =>
      new TextDecoder().decode(await lane.ask("activity", what, signal)),
    [Symbol.dispose]: () => lane[Symbol.dispose](),
  };
}

Deno.test("QueryLane answers in the order of the questions", async () => {
  using lane = testLane();
  const answers = await Promise.all(["a", "b", "c"].map((what) => lane.ask(what)));
  equal(answers.join(), "a 1,b 2,c 3");
});

Deno.test("QueryLane starts its thread again when it died, and asks on", async () => {
  using lane = testLane();
  const [before, crash, after] = await Promise.allSettled(["a", "crash", "b"].map((what) => lane.ask(what)));
  equal(before?.status === "fulfilled" && before.value, "a 1");
  equal(crash?.status, "rejected");
  equal(after?.status === "fulfilled" && after.value, "b 1");
});

Deno.test("QueryLane gives up a question that takes too long", async () => {
  using lane = testLane({ timeoutMs: 20 });
  const isGivenUp = (error: unknown) => error instanceof KmError && error.code === "store_unavailable";
  await rejects(lane.ask("hang"), isGivenUp);
  await rejects(lane.ask("hang"), isGivenUp); // of another thread: the first one is gone
});

Deno.test("QueryLane never asks what nobody waits for any more", async () => {
  using lane = testLane();
  const caller = new AbortController();
  const first = lane.ask("a");
  const dropped = lane.ask("b", caller.signal);
  const last = lane.ask("c");
  caller.abort();
  await rejects(dropped, (error) => error instanceof ApiError && error.status === 499);
  equal(await first, "a 1");
  equal(await last, "c 2");
  await rejects(lane.ask("d", AbortSignal.abort()), ApiError);
});

Deno.test("QueryLane refuses a question when too many wait, and says when to try again", async () => {
  using lane = testLane({ maxWaiting: 2 });
  const asked = ["a", "b", "c"].map((what) => lane.ask(what)); // one is asked, two wait
  await rejects(
    lane.ask("d"),
    (error) => error instanceof ApiError && error.status === 503 && error.headers["Retry-After"] === "1",
  );
  equal((await Promise.all(asked)).join(), "a 1,b 2,c 3");
  equal(await lane.ask("e"), "e 4");
});

Deno.test("QueryLane that is closed fails what waits and what comes", async () => {
  const lane = testLane();
  const waiting = [lane.ask("hang"), lane.ask("a")];
  lane[Symbol.dispose]();
  for (const question of [...waiting, lane.ask("b")]) await rejects(question, /the daemon is stopping/);
});
