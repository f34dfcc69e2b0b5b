import assert from "node:assert/strict";
import type { CallChange } from "../core/event.ts";
import { CallBook, MAX_OPEN_CALLS, type OpenCall } from "./call_book.ts";

function call(id: number): OpenCall {
  return {
    id: String(id),
    timeUs: id,
    direction: "client_to_server",
    idText: String(id),
    method: "ping",
    subject: null,
    storedMethod: "ping",
    tool: null,
    client: null,
    requestBytes: 1,
    operationId: null,
  };
}

Deno.test("CallBook remembers a bounded number of calls: the oldest counts as hung", () => {
  const changes: CallChange[] = [];
  const book = new CallBook((change) => changes.push(change));
  for (let id = 0; id <= MAX_OPEN_CALLS; id++) book.open(call(id));
  assert.deepEqual(changes.filter((change) => change.outcome === "hung").map((change) => change.id), ["0"]);
  assert.equal(book.peek("client_to_server", "0"), null);
  assert.notEqual(book.peek("client_to_server", "1"), null);
});

Deno.test("CallBook never measures a negative duration, though clocks jump", () => {
  const changes: CallChange[] = [];
  const book = new CallBook((change) => changes.push(change));
  const open = call(1000);
  book.open(open);
  book.answer(open, { id: "r", timeUs: 1, bytes: 1, tokens: 0, outcome: "ok" });
  assert.equal(changes.at(-1)?.durationUs, 0);
});

Deno.test("CallBook forgets very many calls in the order in which they were asked", () => {
  const forgotten: string[] = [];
  const book = new CallBook((change) => {
    if (change.outcome === "hung") forgotten.push(change.id);
  });
  for (let id = 0; id < 300_000; id++) book.open(call(id));
  assert.deepEqual(forgotten, Array.from({ length: 300_000 - MAX_OPEN_CALLS }, (_, id) => String(id)));
});
