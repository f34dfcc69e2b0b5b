import { deepEqual, equal, ok } from "node:assert/strict";
import { verifies } from "../../../tests/verifies.ts";
import { indexPending } from "../../store/search.ts";
import { makeEvent, NOON_US, TempStore } from "../../store/testing.ts";
import { SearchSchema } from "../schemas.ts";
import { TestApi } from "../testing_api.ts";

function say(store: TempStore, ...texts: readonly string[]): void {
  store.append({
    events: texts.map((text, i) =>
      makeEvent("response", NOON_US + i * 1000, { text: JSON.stringify({ text }) })
    ),
  });
}

function serve(store: TempStore) {
  const api = new TestApi({ store, scopes: ["read"] });
  return {
    get: (query: string) => api.get(`/api/search?${query}`),
    async search(query: string) {
      const response = await api.get(`/api/search?${query}`);
      equal(response.status, 200);
      return SearchSchema.parse(await response.json());
    },
  };
}

Deno.test("GET /api/search finds words that begin so, newest first, and shows where", async () => {
  verifies("api-search");
  using store = new TempStore();
  say(store, "a fox", "nothing", 'the "Foxes" 🦊 of firefox, fox');
  const { hits, nextCursor, complete } = await serve(store).search("q=fox");
  equal(hits.length, 2);
  equal(nextCursor, null);
  equal(complete, true);
  const [{ text = "", ranges = [] } = {}] = hits[0]?.highlights ?? [];
  deepEqual(ranges.map(([start, end]) => text.slice(start, end)), ["Fox", "fox"]);
  ok(text.includes('the "Foxes" 🦊'));
  equal(hits[0]?.score, null);
});

Deno.test("GET /api/search goes on at its cursor, whatever is recorded meanwhile", async () => {
  verifies("api-search");
  using store = new TempStore();
  say(store, ...Array.from({ length: 30 }, (_, i) => `fox ${i}`));
  const { search } = serve(store);
  const found: string[] = [];
  for (let cursor: string | null = ""; cursor !== null;) {
    const page = await search(`q=fox&limit=7${cursor && `&cursor=${cursor}`}`);
    found.push(...page.hits.map(({ event }) => event.id));
    cursor = page.nextCursor;
    say(store, "fox, later");
    indexPending(store.db, { maxEvents: 1000 });
  }
  equal(found.length, 30);
  equal(new Set(found).size, 30);
});

Deno.test("GET /api/search looks for the text anywhere only when no word begins so", async () => {
  verifies("api-search");
  using store = new TempStore();
  say(store, "firefox one", "firefox two", "a bird");
  const { search } = serve(store);
  const first = await search("q=refox&limit=1");
  deepEqual(first.hits[0]?.highlights[0]?.ranges, [[11, 16]]);
  const second = await search(`q=refox&limit=1&cursor=${first.nextCursor}`);
  equal(second.hits.length, 1);
  ok(second.hits[0]?.event.id !== first.hits[0]?.event.id);
  say(store, "a refoxed one");
  equal((await search("q=refox")).hits.length, 1);
});

Deno.test("GET /api/search?ranked=true gives first what is most about it", async () => {
  verifies("api-search");
  using store = new TempStore();
  const long = "words about everything else ".repeat(40);
  say(store, `fox ${long}`, "fox fox fox", `${long} fox fox`, "one fox here", "no hit");
  const { hits, nextCursor, complete } = await serve(store).search("q=fox&ranked=true&limit=3");
  deepEqual(hits.map(({ event }) => JSON.stringify(event.payload).slice(0, 30)), [
    '{"text":"fox fox fox"}',
    '{"text":"one fox here"}',
    JSON.stringify({ text: `${long} fox fox` }).slice(0, 30),
  ]);
  const scores = hits.map(({ score }) => score ?? 0);
  deepEqual(scores.toSorted((a, b) => b - a), scores);
  equal(nextCursor, null);
  equal(complete, true);
});

Deno.test("GET /api/search keeps to the filters", async () => {
  verifies("api-search");
  using store = new TempStore();
  say(store, "fox");
  store.append({
    events: [makeEvent("log", NOON_US + 1e9, { text: "fox", format: "text", tool: null, method: null })],
  });
  const { search } = serve(store);
  equal((await search("q=fox&kind=log")).hits[0]?.event.kind, "log");
  equal((await search("q=fox&kind=log")).hits.length, 1);
  equal((await search("q=fox&until=2026-11-21T12:01Z")).hits.length, 1);
  equal((await search("q=fox&server=nobody&ranked=true")).hits.length, 0);
});

Deno.test.each([
  ["", "q"],
  ["q=", "q"],
  ["q=%20", "q"],
  [`q=${"x".repeat(1001)}`, "q"],
  ["q=x&ranked=yes", "ranked"],
  ["q=x&ranked=true&cursor=5", "cursor"],
  ["q=x&cursor=5z", "cursor"],
  ["q=x&since=soon", "since"],
])("GET /api/search?%s is a 400 that names the field", async (query, field) => {
  verifies("api-errors");
  using store = new TempStore();
  const answer = await serve(store).get(query);
  equal(answer.status, 400);
  equal((await answer.json()).error.field, field);
});

Deno.test.each([
  "\\",
  'a "b',
  "(",
  "[a",
  "a-b-é",
  "*",
  "%",
  "NEAR(",
  "x AND",
  "\u0000",
  "🦊",
  "ﬀ",
  "İ",
  "中文",
])(
  "GET /api/search finds %s as typed",
  async (text) => {
    verifies("api-search");
    using store = new TempStore();
    say(store, "another", `before ${text} after`);
    const { hits } = await serve(store).search(`q=${encodeURIComponent(text)}`);
    equal(hits.length, 1);
    const [{ text: shown = "", ranges = [] } = {}] = hits[0]?.highlights ?? [];
    equal(shown.slice(...ranges[0] ?? [0, 0]), text);
  },
);
