import assert from "node:assert/strict";
import type { EventRecord } from "../core/event.ts";
import { FeedQueue, type QueuedEvent } from "./plugin_feed_queue.ts";

function queued(id: string, client: string | null = "c", bytes = 10): QueuedEvent {
  const event: EventRecord = {
    id,
    timeUs: 1,
    direction: "client_to_server",
    kind: "request",
    method: "ping",
    tool: null,
    rpcId: "1",
    sizeBytes: bytes,
    truncated: false,
    sha256: null,
    format: "json",
    payload: null,
    answersId: null,
    durationUs: null,
  };
  return { event, client, redacted: new Uint8Array(bytes), raw: new Uint8Array(bytes).fill(1) };
}

const WANT = { events: true, redacted: true, raw: true, payloadBytes: 100 };

Deno.test("FeedQueue: frames hold at most 128 events of one client, in order", () => {
  const queue = new FeedQueue();
  for (let id = 0; id < 130; id++) queue.add(queued(String(id)));
  queue.add(queued("130", "other"));
  const sizes: [string | null, number][] = [];
  for (let batch = queue.take(); batch !== null; batch = queue.take()) {
    sizes.push([batch.client, batch.events.length]);
  }
  assert.deepEqual(sizes, [["c", 128], ["c", 2], ["other", 1]]);
});

Deno.test("FeedQueue: raw bytes that nobody was granted never leave it", () => {
  const queue = new FeedQueue();
  queue.add(queued("1"));
  queue.restrict({ ...WANT, raw: false });
  const batch = queue.take();
  assert.deepEqual(batch?.events.map(({ redactedBytes, rawBytes }) => [redactedBytes, rawBytes]), [[10, -1]]);
  assert.deepEqual(batch?.parts.map((part) => part.includes(1)), [false]);
});

Deno.test("FeedQueue: what is wanted bounds what is kept", () => {
  const queue = new FeedQueue();
  queue.add(queued("1", "c", 1000));
  queue.restrict(WANT);
  assert.deepEqual(queue.take()?.events.map(({ redactedBytes, rawBytes }) => [redactedBytes, rawBytes]), [[
    100,
    100,
  ]]);
  queue.add(queued("2"));
  queue.restrict({ ...WANT, events: false });
  assert.equal(queue.take(), null);
});

Deno.test("FeedQueue: it is bounded; what found no room is told once", () => {
  const queue = new FeedQueue();
  let added = 0;
  for (let id = 0; id < 10_000; id++) {
    if (!queue.hasRoom(10)) queue.shed(10);
    else {
      queue.add(queued(String(id)));
      added++;
    }
  }
  assert.equal(added, 4096);
  const first = queue.take();
  assert.deepEqual([first?.shedMessages, first?.shedBytes], [10_000 - 4096, 10 * (10_000 - 4096)]);
  assert.equal(queue.take()?.shedMessages, 0);
});

Deno.test("FeedQueue: the newest are kept while nobody has said what is wanted, and the rest is counted", () => {
  const queue = new FeedQueue();
  for (let id = 0; id < 10_000; id++) {
    queue.makeRoom(10);
    queue.add(queued(String(id)));
  }
  assert.deepEqual(queue.left, { messages: 10_000, bytes: 100_000 });
  const ids: string[] = [];
  let shed = 0;
  for (let batch = queue.take(); batch !== null; batch = queue.take()) {
    ids.push(...batch.events.map(({ id }) => id));
    shed += batch.shedMessages;
  }
  assert.equal(ids.at(-1), "9999");
  assert.ok(ids.length > 4000 && ids.length <= 4096, String(ids.length));
  assert.equal(shed + ids.length, 10_000);
  assert.deepEqual(queue.left, { messages: 0, bytes: 0 });
});

Deno.test("FeedQueue: what was not wanted is not missed", () => {
  const queue = new FeedQueue();
  queue.add(queued("1"));
  queue.shed(10);
  queue.restrict({ ...WANT, events: false });
  assert.deepEqual(queue.left, { messages: 0, bytes: 0 });
});

Deno.test("FeedQueue: one message that is longer than all of it has room when nothing waits", () => {
  const queue = new FeedQueue();
  assert.ok(queue.hasRoom(1e9));
  queue.add(queued("1"));
  assert.ok(!queue.hasRoom(1e9));
});
