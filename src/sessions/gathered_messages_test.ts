import assert from "node:assert/strict";
import { GatheredMessages } from "./gathered_messages.ts";
import type { GatheredMessage, OutputCopy } from "./thread_messages.ts";

function copy(seq: number, bytes = 1): OutputCopy {
  return { number: 1, seq, bytes: new Uint8Array(bytes), timeUs: 0 };
}
const KEY = { kind: "typed", number: 1, submits: false, clears: false } as const;

Deno.test("GatheredMessages sends keys and output together, in the order in which they came", () => {
  const sent: (readonly GatheredMessage[])[] = [];
  const gathered = new GatheredMessages((messages) => sent.push(messages));
  gathered.typed(KEY);
  gathered.output(copy(0));
  gathered.output(copy(1));
  gathered.typed(KEY);
  gathered.output(copy(2));
  assert.deepEqual(sent, []);
  gathered.flush();
  assert.deepEqual(sent, [[
    KEY,
    { kind: "output", copies: [copy(0), copy(1)] },
    KEY,
    { kind: "output", copies: [copy(2)] },
  ]]);
  gathered.flush();
  assert.equal(sent.length, 1);
});

Deno.test("GatheredMessages sends by itself soon, and at once when there is much", async () => {
  const { promise, resolve } = Promise.withResolvers<readonly GatheredMessage[]>();
  const soon = new GatheredMessages(resolve);
  soon.output(copy(0));
  assert.deepEqual(await promise, [{ kind: "output", copies: [copy(0)] }]);

  const sent: (readonly GatheredMessage[])[] = [];
  const much = new GatheredMessages((messages) => sent.push(messages));
  much.output(copy(0, 64 * 1024));
  assert.equal(sent.length, 1);
});
