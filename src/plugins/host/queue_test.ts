import assert from "node:assert/strict";
import { verifies } from "../../../tests/verifies.ts";
import { BATCH_MESSAGES, type Dropped, MAX_BATCH_MESSAGES, MessageQueue } from "./queue.ts";
import type { ScopedMessage } from "./scope.ts";

function message(id: number, bytes = 10): ScopedMessage {
  return {
    event: {
      id: String(id),
      timeUs: id,
      direction: "client_to_server",
      kind: "request",
      method: "ping",
      tool: null,
      rpcId: null,
      sizeBytes: bytes,
      truncated: false,
      format: "json",
      answersId: null,
      durationUs: null,
    },
    correlationId: "run",
    server: "s",
    client: null,
    format: "json",
    data: new Uint8Array(bytes),
    truncated: false,
  };
}

const idsOf = (messages: readonly ScopedMessage[]) => messages.map(({ event }) => Number(event.id));
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);

Deno.test("MessageQueue: a batch is full at 32, and takes along what came meanwhile, in order", () => {
  verifies("plugin-queue");
  const queue = new MessageQueue({ messages: 1000, bytes: 1e6 });
  for (const id of range(0, BATCH_MESSAGES)) {
    assert.equal(queue.hasFullBatch, false);
    queue.add(message(id));
  }
  assert.equal(queue.hasFullBatch, true);
  for (const id of range(BATCH_MESSAGES, 140)) queue.add(message(id));
  assert.deepEqual(idsOf(queue.take().messages), range(0, MAX_BATCH_MESSAGES));
  assert.deepEqual(idsOf(queue.take().messages), range(MAX_BATCH_MESSAGES, 140));
  assert.deepEqual(queue.take().messages, []);
  assert.equal(queue.bytes, 0);
});

Deno.test("MessageQueue: too many messages: the oldest go, counted, and the next batch tells", () => {
  verifies("plugin-queue");
  const told: Dropped[] = [];
  const queue = new MessageQueue({ messages: 10, bytes: 1e6 }, (dropped) => told.push(dropped));
  for (const id of range(0, 15)) queue.add(message(id));
  const { messages, dropped } = queue.take();
  assert.deepEqual(idsOf(messages), range(5, 15));
  assert.deepEqual(dropped, { messages: 5, bytes: 50 });
  assert.equal(told.length, 5);
  queue.add(message(20));
  assert.deepEqual(queue.take().dropped, { messages: 0, bytes: 0 });
});

Deno.test("MessageQueue: too many bytes: the oldest go, and one that is too long for all", () => {
  const queue = new MessageQueue({ messages: 100, bytes: 10_000 });
  queue.add(message(1, 6000));
  queue.add(message(2, 6000));
  assert.deepEqual(idsOf(queue.take().messages), [2]);
  queue.add(message(3, 20_000));
  assert.equal(queue.messages, 0);
  assert.deepEqual(queue.take(), { messages: [], dropped: { messages: 1, bytes: 20_000 } });
});

Deno.test("MessageQueue: a batch of long messages stays below a frame", () => {
  const queue = new MessageQueue({ messages: 100, bytes: 1e9 });
  for (const id of range(0, 4)) queue.add(message(id, 2 * 1024 * 1024));
  assert.deepEqual(idsOf(queue.take().messages), [0]);
});

Deno.test("MessageQueue: a million messages through take no more memory than what waits", () => {
  const queue = new MessageQueue({ messages: 4096, bytes: 1e9 });
  let taken = 0;
  for (let id = 0; id < 1_000_000; id++) {
    queue.add(message(id, 0));
    if (queue.hasFullBatch) taken += queue.take().messages.length;
  }
  assert.equal(taken + queue.messages, 1_000_000);
});
