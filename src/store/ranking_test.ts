import assert from "node:assert/strict";
import { rankEvents } from "./ranking.ts";
import { makeEvent, NOON_US, TempStore } from "./testing.ts";

const GENEROUS = { limit: 10, maxCandidates: 1000, maxBytes: Infinity, deadlineMs: Infinity };

function storeOf(...texts: readonly string[]): TempStore {
  const store = new TempStore();
  const events = texts.map((text, i) => makeEvent("log", NOON_US + i, { format: "text", text }));
  store.append({ events });
  return store;
}

Deno.test("rankEvents() puts the text first that has more of the search for its length", () => {
  using store = storeOf("fox", `fox ${"hay ".repeat(200)}`, "fox and fox and a fox");
  const { entries, complete } = rankEvents(store.db, { search: "fox" }, GENEROUS);
  assert.deepEqual(entries.map(({ text }) => text.slice(0, 8)), ["fox and ", "fox", "fox hay "]);
  assert.equal(complete, true);
});

Deno.test("rankEvents() counts the words of a search beside the whole of it", () => {
  using store = storeOf("rate limit, other words", "rate limit, rate it, limit it");
  const { entries } = rankEvents(store.db, { search: "rate limit" }, GENEROUS);
  assert.deepEqual(entries.map(({ text }) => text), [
    "rate limit, rate it, limit it",
    "rate limit, other words",
  ]);
});

Deno.test("rankEvents() says when it could not compare everything", () => {
  using store = storeOf("fox 1", "fox 2", "fox 3");
  const few = rankEvents(store.db, { search: "fox" }, { ...GENEROUS, maxCandidates: 2 });
  assert.deepEqual(few.entries.map(({ text }) => text), ["fox 3", "fox 2"]);
  assert.equal(few.complete, false);
  assert.equal(rankEvents(store.db, { search: "fox" }, { ...GENEROUS, maxCandidates: 3 }).complete, true);
  assert.equal(rankEvents(store.db, { search: "fox" }, { ...GENEROUS, deadlineMs: 0 }).complete, false);
});

Deno.test("rankEvents() looks for the text anywhere when no word begins so", () => {
  using store = storeOf("firefox", "a bird");
  const { entries, at } = rankEvents(store.db, { search: "fox" }, GENEROUS);
  assert.deepEqual(entries.map(({ text }) => text), ["firefox"]);
  assert.equal(at, "anywhere");
});
