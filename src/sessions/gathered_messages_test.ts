import assert from "node:assert/strict";
import { GatheredMessages } from "./gathered_messages.ts";
import type { GatheredMessage, OutputCopy } from "./thread_messages.ts";

function copy(seq: number, text = "x", number = 1): OutputCopy {
  return { number, seq, bytes: new TextEncoder().encode(text), timeUs: seq };
}
function output(seq: number, text: string, number = 1): GatheredMessage {
  return { kind: "output", ...copy(seq, text, number) };
}
const KEY = { kind: "typed", number: 1, submits: false, clears: false } as const;
const ENTER = { kind: "typed", number: 1, submits: true, clears: false } as const;

/** What it sends; `next` settles with the next of it. */
function listen(): { gathered: GatheredMessages; sent: (readonly GatheredMessage[])[]; next: Promise<void> } {
  const sent: (readonly GatheredMessage[])[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const gathered = new GatheredMessages((messages) => {
    sent.push(messages);
    resolve();
  });
  return { gathered, sent, next: promise };
}

Deno.test("GatheredMessages makes one piece of what a session writes, with the time of its first byte", () => {
  const { gathered, sent } = listen();
  gathered.output(copy(0, "a"));
  gathered.output(copy(0, "A", 2));
  gathered.output(copy(1, "b"));
  gathered.output(copy(2, "c"));
  assert.deepEqual(sent, []);
  gathered.flush();
  assert.deepEqual(sent, [[output(0, "abc"), output(0, "A", 2)]]);
  gathered.flush();
  assert.equal(sent.length, 1);
});

Deno.test("GatheredMessages tells once that plain keys are typed", () => {
  const { gathered, sent } = listen();
  for (let seq = 0; seq < 3; seq++) {
    gathered.typed(KEY);
    gathered.output(copy(seq, "x"));
  }
  gathered.flush();
  gathered.typed(KEY);
  gathered.flush();
  assert.deepEqual(sent, [[KEY, output(0, "xxx")], [KEY]]);
});

Deno.test("GatheredMessages keeps the order around a key that means more", () => {
  const { gathered, sent } = listen();
  gathered.typed(KEY);
  gathered.output(copy(0, "a"));
  gathered.typed(ENTER);
  gathered.output(copy(1, "b"));
  gathered.typed(KEY);
  gathered.output(copy(2, "c"));
  gathered.flush();
  assert.deepEqual(sent, [[KEY, output(0, "a"), ENTER, output(1, "b"), KEY, output(2, "c")]]);
});

Deno.test("GatheredMessages sends by itself soon, what may be a question too, and at once when there is much", async () => {
  for (const text of ["plain", "\x1b[c"]) {
    const { gathered, sent, next } = listen();
    gathered.output(copy(0, "plain"));
    gathered.output(copy(5, text));
    await next;
    assert.deepEqual(sent, [[output(0, `plain${text}`)]]);
  }
  const { gathered, sent } = listen();
  gathered.output(copy(0, "x".repeat(64 * 1024)));
  assert.equal(sent.length, 1);
});

Deno.test("GatheredMessages forgets what it was told to forget", async () => {
  const { gathered, sent, next } = listen();
  gathered.output(copy(0, "a"));
  gathered.clear();
  gathered.output(copy(1, "b"));
  await next;
  assert.deepEqual(sent, [[output(1, "b")]]);
});

Deno.test("GatheredMessages tells of text behind a key that is none", () => {
  const { gathered, sent } = listen();
  const MOVE = { ...KEY, isMove: true };
  for (const key of [MOVE, KEY, MOVE]) gathered.typed(key);
  gathered.flush();
  assert.deepEqual(sent, [[MOVE, KEY, MOVE]]);
});
