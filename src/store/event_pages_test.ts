import assert from "node:assert/strict";
import type { Event } from "../core/event.ts";
import type { EventFilter } from "../core/filter.ts";
import { type EventPage, pageEvents, type PagePosition } from "./event_pages.ts";
import { pruneStep } from "./retention.ts";
import { indexPending } from "./search.ts";
import { makeCall, makeEvent, MINUTE_US, NOON_US, TempStore } from "./testing.ts";

/** Follows the pages to their end. */
function follow(
  store: TempStore,
  filter: EventFilter,
  options: { readonly limit: number; readonly cutAtOnce?: boolean; readonly between?: () => void },
): { readonly events: Event[]; readonly pages: EventPage[] } {
  const pages: EventPage[] = [];
  let from: PagePosition | undefined;
  for (;;) {
    const deadlineMs = options.cutAtOnce ? 0 : Infinity;
    const page = pageEvents(store.db, filter, { limit: options.limit, from, deadlineMs });
    pages.push(page);
    if (page.next === null) break;
    from = page.next;
    options.between?.();
  }
  return { events: pages.flatMap(({ entries }) => entries.map(({ event }) => event)), pages };
}

function ids(events: readonly { readonly id: string }[]): string[] {
  return events.map(({ id }) => id);
}

Deno.test("pageEvents() gives every event once, and a page that takes the last one says so", () => {
  using store = new TempStore();
  for (let i = 0; i < 10; i++) store.append(makeCall(NOON_US + i * MINUTE_US).batch);
  for (const limit of [1, 3, 10, 20, 21]) {
    const { events, pages } = follow(store, {}, { limit });
    assert.deepEqual(ids(events), ids(events).toSorted().reverse());
    assert.equal(events.length, 20);
    assert.equal(pages.length, Math.ceil(20 / limit));
  }
});

Deno.test("pageEvents() stays in place while events are recorded, indexed and removed", () => {
  using store = new TempStore();
  for (let i = 0; i < 600; i++) store.append(makeCall(NOON_US + i * MINUTE_US).batch);
  const before = pageEvents(store.db, {}, { limit: 5000 }).entries.map(({ event }) => event);
  let more = 0;
  const { events } = follow(store, { search: "call" }, {
    limit: 100,
    between: () => {
      store.append(makeCall(NOON_US + (1000 + more++) * MINUTE_US).batch);
      indexPending(store.db, { maxEvents: 100 });
    },
  });
  assert.deepEqual(ids(events), ids(before));
  let removed = false;
  const rest = follow(store, {}, {
    limit: 100,
    between: () => {
      if (removed) return;
      removed = true;
      const olderThanUs = NOON_US + 10 * MINUTE_US;
      while (!pruneStep(store.db, { olderThanUs, maxEvents: 1000 }).done);
    },
  });
  assert.equal(new Set(ids(rest.events)).size, rest.events.length);
  assert.equal(rest.events.length, before.length + 2 * more - 20);
});

for (const indexed of [false, true]) {
  Deno.test(`pageEvents() finds the same when time cuts every page, ${indexed ? "indexed" : "not indexed"}`, () => {
    using store = new TempStore();
    for (let i = 0; i < 300; i++) {
      const text = i % 100 === 7 ? "a needle" : i % 100 === 8 ? "pinneedles" : `hay ${i}`;
      store.append({ events: [makeEvent("log", NOON_US + i * 60 * MINUTE_US, { format: "text", text })] });
    }
    if (indexed) { while (indexPending(store.db, { maxEvents: 1000 }) > 0); }
    for (const search of ["needle", "need", "needles", "eedle", "nowhere"]) {
      const whole = follow(store, { search }, { limit: 50 });
      const cut = follow(store, { search }, { limit: 50, cutAtOnce: true });
      assert.deepEqual(ids(cut.events), ids(whole.events), search);
      assert.equal(whole.pages[0]?.complete, true);
      assert.equal(cut.pages[0]?.complete, false);
    }
  });
}

Deno.test("pageEvents() says where a stream goes on: after everything that the page could have", () => {
  using store = new TempStore();
  assert.equal(pageEvents(store.db, {}, { limit: 1 }).headSeq, 0);
  store.append(makeCall(NOON_US).batch);
  assert.equal(pageEvents(store.db, { server: "nobody" }, { limit: 1 }).headSeq, 2);
  assert.equal(pageEvents(store.db, {}, { limit: 0 }).entries.length, 0);
});

Deno.test("pageEvents() finds in few blocks of one tool what many blocks of others hold", () => {
  using store = new TempStore();
  const rare = makeEvent("response", NOON_US, { tool: "rare", text: '{"say":"a fox"}' });
  store.append({ events: [rare] });
  for (let i = 1; i < 120; i++) {
    const events = Array.from(
      { length: 20 },
      (_, j) => makeEvent("response", NOON_US + i * 60 * MINUTE_US + j, { text: '{"say":"fox"}' }),
    );
    store.append({ events });
  }
  while (indexPending(store.db, { maxEvents: 5000 }) > 0);
  for (const search of ["fox", "f"]) {
    const { entries, next } = pageEvents(store.db, { search, tool: "rare" }, { limit: 5 });
    assert.deepEqual(ids(entries.map(({ event }) => event)), [rare.id]);
    assert.equal(next, null);
  }
});
