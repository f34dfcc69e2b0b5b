import assert from "node:assert/strict";
import type { EventRecord } from "../core/event.ts";
import { EVENT_KINDS } from "../core/event.ts";
import type { EventFilter } from "../core/filter.ts";
import { eventMatcher, firstSeq, readTail } from "./event_tail.ts";
import { eventsAfter, lastSeq, placedEvents } from "./events.ts";
import { pruneStep } from "./retention.ts";
import { indexPending } from "./search.ts";
import { makeEvent, makeRun, MINUTE_US, NOON_US, randomFrom, TempStore } from "./testing.ts";

const EVENTS = 600;
const TEXTS = [
  '{"result":"a fox, foxes and a firefox"}',
  '{"result":"rate limit reached\\nwait \\u0066ox"}',
  '{"note":"東京の天気"}',
  '{"text":"Ünïcode RATE LIMIT"}',
  "plain text with a fox in it",
  '{"cut":"the rate lim',
];
const SEARCHES = [
  "fox",
  "rate limit",
  "天気",
  "ünï",
  "Result",
  "wait fox",
  "firefox",
  "nothing",
  " fox ",
  "x",
];

Deno.test("eventMatcher() decides as a list with the same filter does, also for searches", () => {
  using store = new TempStore();
  const random = randomFrom(7);
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)] as T;
  for (let i = 0; i < EVENTS; i += 20) {
    const run = makeRun({ correlationId: `run-${i % 3}`, server: pick(["files", "github"]) });
    const events = Array.from({ length: 20 }, (_, k): EventRecord => {
      const timeUs = NOON_US + (i + k) * MINUTE_US;
      const text = pick(TEXTS);
      const tool = pick(["echo", "read", null]);
      const method = pick(["tools/call", "tools/list", null]);
      const format = text.startsWith("{") ? "json" : "text";
      const event = makeEvent(pick(EVENT_KINDS), timeUs, { text, tool, method, format });
      if (random() < 0.1) return { ...event, payload: null };
      if (random() < 0.1) return { ...event, format: "bytes", payload: new Uint8Array([255, 1, 2]) };
      return { ...event, truncated: random() < 0.2, sha256: null };
    });
    store.append({ run, events });
    if (i === EVENTS / 2) indexPending(store.db, { maxEvents: 5000 });
  }
  const all = [...readTail(store.db, { first: 1, last: lastSeq(store.db) })];
  assert.equal(all.length, EVENTS);
  let found = 0;
  for (let round = 0; round < 300; round++) {
    const maybe = <T>(list: readonly T[]) => random() < 0.25 ? pick(list) : undefined;
    const filter: EventFilter = {
      server: maybe(["files", "github", "gone"]),
      method: maybe(["tools/call", "tools/list"]),
      tool: maybe(["echo", "read"]),
      kind: maybe(EVENT_KINDS),
      direction: maybe(["client_to_server", "server_to_client"] as const),
      correlationId: maybe(["run-0", "run-1"]),
      sinceUs: maybe([NOON_US + 100 * MINUTE_US]),
      untilUs: maybe([NOON_US + 400 * MINUTE_US]),
      search: round % 2 === 0 ? pick(SEARCHES) : undefined,
    };
    const expected = eventsAfter(store.db, 0, filter, Infinity).events.map(({ id }) => id);
    const matched = all.filter(eventMatcher(filter)).map(({ event }) => event.id);
    assert.deepEqual(matched, expected, JSON.stringify(filter));
    found += matched.length;
  }
  assert.ok(found > 1000, "the filters find something");
});

Deno.test("placedEvents() gives the events of a range with their places", () => {
  using store = new TempStore();
  store.append({ events: Array.from({ length: 9 }, (_, i) => makeEvent("log", NOON_US + i)) });
  const placed = [...placedEvents(store.db, {}, { first: 3, last: 5 })];
  assert.deepEqual(placed.map(({ seq }) => seq), [3, 4, 5]);
});

Deno.test("firstSeq() is the oldest that is kept, and after the last when none is", () => {
  using store = new TempStore();
  assert.equal(firstSeq(store.db), 1);
  store.append({ events: [makeEvent("log", NOON_US), makeEvent("log", NOON_US + 1)] });
  assert.equal(firstSeq(store.db), 1);
  while (!pruneStep(store.db, { olderThanUs: NOON_US * 2, maxEvents: 100 }).done);
  assert.equal(firstSeq(store.db), 3);
});
