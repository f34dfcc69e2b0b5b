import assert from "node:assert/strict";
import type { BookEntry } from "./session_book.ts";
import { ME, TestSessions } from "./testing_sessions.ts";
import { waitForState } from "./wait_for_state.ts";

const LONG_MS = 60_000;
/** Longest that a test waits for what must be over at once, in ms. */
const PATIENCE_MS = 5000;

/** Rejects when `work` takes long. */
async function soon<T>(work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error("it goes on waiting")), PATIENCE_MS);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

Deno.test("waitForState() waits for nothing when its signal was aborted before", async () => {
  await using test = new TestSessions();
  const { id } = await test.run(["sleep", "60"]);
  const options = { states: [], timeoutMs: LONG_MS, signal: AbortSignal.abort() };
  const waiting = test.sessions.wait(id, options);
  try {
    assert.equal(await soon(waiting), null);
  } finally {
    await test.sessions.end(id, ME); // It ends every wait.
    await waiting;
  }
});

Deno.test("waitForState() says what is so already, whatever its signal says", async () => {
  const facts = { id: "id", state: "idle" };
  const live = { facts, state: "idle", view: () => facts };
  const entry = { live, queue: { isDone: true, length: 0 } } as unknown as BookEntry; // as: what it looks at
  const options = { states: ["idle"], timeoutMs: LONG_MS, signal: AbortSignal.abort() } as const;
  assert.equal(await waitForState(entry, options, () => () => {}), facts);
});

Deno.test("waitForState() ends when its signal is aborted, and when the time is over", async () => {
  await using test = new TestSessions();
  const { id } = await test.run(["sleep", "60"]);
  const abort = new AbortController();
  const waiting = test.sessions.wait(id, { states: [], timeoutMs: LONG_MS, signal: abort.signal });
  abort.abort();
  assert.equal(await soon(waiting), null);
  assert.equal(await soon(test.sessions.wait(id, { states: [], timeoutMs: 10 })), null);
});
