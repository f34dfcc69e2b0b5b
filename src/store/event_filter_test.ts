import assert from "node:assert/strict";
import { eraseLeftovers } from "./erase.ts";
import { iterateEvents, listEvents } from "./events.ts";
import { pruneStep } from "./retention.ts";
import { indexPending } from "./search.ts";
import { makeEvent, makeRun, MINUTE_US, NOON_US, TempStore } from "./testing.ts";

Deno.test("listEvents() finds what was recorded after it first asked by the same filter", () => {
  using store = new TempStore();
  const count = () => listEvents(store.db, { tool: "echo" }, 99).length;
  assert.equal(count(), 0);
  for (let i = 1; i <= 3; i++) {
    store.append({
      run: makeRun({ correlationId: `run-${i}` }),
      events: [makeEvent("request", NOON_US + i), makeEvent("log", NOON_US + i, { tool: null })],
    });
    assert.equal(count(), i);
  }
});

Deno.test("listEvents() is not misled by numbers of shapes that were given away again", () => {
  using store = new TempStore();
  const count = (tool: string) => listEvents(store.db, { tool }, 99).length;
  store.append({ events: [makeEvent("request", NOON_US, { tool: "one" })] });
  assert.deepEqual([count("one"), count("two")], [1, 0]);
  while (!pruneStep(store.db, { olderThanUs: NOON_US + MINUTE_US, maxEvents: 100 }).done);
  eraseLeftovers(store.db);
  store.append({
    run: makeRun({ correlationId: "later" }),
    events: [makeEvent("request", NOON_US, { tool: "two" })],
  });
  assert.deepEqual([count("one"), count("two")], [0, 1]);
});

for (const indexed of [false, true]) {
  Deno.test(`a filter that thousands of shapes pass is right on both sides of a long stretch, ${indexed ? "indexed" : "not indexed"}`, () => {
    using store = new TempStore();
    const wanted: string[] = [];
    for (let i = 0; i < 1100; i++) {
      const event = makeEvent("request", NOON_US + i, { text: "{}" });
      wanted.push(event.id);
      store.append({ run: makeRun({ correlationId: `run-${i}` }), events: [event] });
    }
    const others = Array.from(
      { length: 6000 },
      (_, i) => makeEvent("log", NOON_US + MINUTE_US + i, { method: null, tool: null, text: "{}" }),
    );
    store.append({ events: others });
    const last = makeEvent("request", NOON_US + 2 * MINUTE_US, { text: "{}" });
    wanted.push(last.id);
    store.append({ run: makeRun({ correlationId: "last" }), events: [last] });
    if (indexed) { while (indexPending(store.db, { maxEvents: 5000 }) > 0); }
    const filter = { method: "tools/call" };
    assert.deepEqual(listEvents(store.db, filter, 9999).map(({ id }) => id).reverse(), wanted);
    assert.deepEqual([...iterateEvents(store.db, filter)].map(({ id }) => id), wanted);
  });
}
