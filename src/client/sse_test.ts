import assert from "node:assert/strict";
import { readServerSentEvents, type ServerSentEvent } from "./sse.ts";

/** The events of a text that arrives in pieces of `size` bytes. */
async function read(text: string, size: number): Promise<ServerSentEvent[]> {
  const bytes = new TextEncoder().encode(text);
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
      controller.close();
    },
  });
  return await Array.fromAsync(readServerSentEvents(body));
}

const TEXT =
  ': hello\n\nid: 1\nevent: event\ndata: {"a":"ü漢"}\n\n: beat\nid: 2\n\ndata:two\ndata: lines\n\nid: 3\ndata: never ended';
const EVENTS = [
  { type: "event", lastId: "1", data: '{"a":"ü漢"}' },
  { type: "message", lastId: "2", data: "two\nlines" },
];

for (const size of [1, 2, 7, 1000]) {
  Deno.test(`readServerSentEvents() reads what comes in pieces of ${size} bytes`, async () => {
    assert.deepEqual(await read(TEXT, size), EVENTS);
  });
}

for (const end of ["\r\n", "\r"]) {
  Deno.test(`readServerSentEvents() takes ${JSON.stringify(end)} as a line end`, async () => {
    for (const size of [1, 3, 1000]) {
      assert.deepEqual(await read(TEXT.replaceAll("\n", end), size), EVENTS, `${size}`);
    }
  });
}
