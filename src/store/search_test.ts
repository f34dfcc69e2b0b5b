import type { EventFilter } from "../core/filter.ts";
import assert from "node:assert/strict";
import { verifies } from "../../tests/verifies.ts";
import { iterateEvents, listEvents } from "./events.ts";
import { indexPending } from "./search.ts";
import { cutLongWords } from "./search_text.ts";
import { makeEvent, NOON_US, TempStore } from "./testing.ts";

const LONG = "Zm9v".repeat(100);
const TEXTS = [
  '{"text":"The Connection was REFUSED by peer"}',
  '{"text":"first line\\nsecond line\\ttabbed \\"quoted\\" caf\\u00e9 C:\\\\temp\\\\new"}',
  '{"text":"naïve Straße Ελληνικά Привет 東京都 hello 👋 world"}',
  '{"method":"tools/call","params":{"name":"read_file","path":"/home/dev/a-b.ts:42"}}',
  `{"data":"${LONG} tail"}`,
  '{"text":"e\u0301te\u0301 combining marks"}',
  '{"text":"100% of $5 (five) [x] {y} a*b c^d NEAR OR NOT AND"}',
  '{"text":"日本語のテキスト from サーバー, สวัสดีครับ, 국립도서관, quickBrownfoxjumps"}',
];

/** Searches, and which of TEXTS they find. */
const SEARCHES: readonly (readonly [search: string, found: readonly number[]])[] = [
  ["connection", [0]],
  ["connection was refused", [0]],
  ["CONNECTION WAS ref", [0]],
  ["onnection", [0]],
  ["NNECTION was", [0]],
  ["refused connection", []],
  ["line\nsecond", [1]],
  ["second line\ttab", [1]],
  ['"quoted"', [1]],
  ["café", [1]],
  ["C:\\temp\\new", [1]],
  ["nsecond", []],
  ["naïve straße", [2]],
  ["ελληνικά", [2]],
  ["ПРИВЕТ", [2]],
  ["東京", [2]],
  ["京都", [2]],
  ["本語", [7]],
  ["のテキ", [7]],
  ["ーバー", [7]],
  ["xyz本語", []],
  ["ดีครับ", [7]],
  ["도서관", [7]],
  ["日本語のテキスト from", [7]],
  ["スト from", [7]],
  ["Brownfox", [7]],
  ["👋 world", [2]],
  ["👋", [2]],
  ["file", [3]],
  ["read_file", [3]],
  ["/home/dev/a-b.ts:42", [3]],
  ["tools/call", [3]],
  [LONG, [4]],
  [`${LONG} tail`, [4]],
  [LONG.slice(0, 80), [4]],
  ["e\u0301te\u0301 combining", [5]],
  ["combining marks", [5]],
  ["NEAR OR NOT AND", [6]],
  ["OR", [6]],
  ["a*b", [6]],
  ["(five) [x] {y}", [6]],
  ["100% of $5", [6]],
  ["c^d", [6]],
  ["*", [6]],
  ['"', [0, 1, 2, 3, 4, 5, 6, 7]],
  ['" OR "1', []],
  ["'; DROP TABLE search; --", []],
  ["\0", []],
  ["text:refused", []],
  ["  connection  ", [0]],
  ["", [0, 1, 2, 3, 4, 5, 6, 7]],
  ["   ", [0, 1, 2, 3, 4, 5, 6, 7]],
  ["\ud800", []],
];

function search(store: TempStore, text: string): string[] {
  return listEvents(store.db, { search: text }, 100).map((event) => event.id).reverse();
}

for (const indexed of [false, true]) {
  Deno.test(`listEvents() finds the same by text ${indexed ? "in the index" : "before it is indexed"}, whatever is typed`, () => {
    verifies("store-search");
    using store = new TempStore();
    const events = TEXTS.map((text, i) => makeEvent("response", NOON_US + i, { text }));
    store.append({ events });
    // A block is indexed when it is half full.
    const filler = Array.from(
      { length: 40 },
      (_, i) => makeEvent("log", NOON_US + 100 + i, { text: "~ ".repeat(900), format: "text" }),
    );
    if (indexed) store.append({ events: filler });
    while (indexPending(store.db, { maxEvents: 1000 }) > 0);
    assert.equal(store.db.get("SELECT count(*) > 0 AS n FROM search")?.n, indexed ? 1 : 0);
    for (const [text, found] of SEARCHES) {
      const ids = search(store, text).filter((id) => events.some((event) => event.id === id));
      assert.deepEqual(ids, found.map((i) => events[i]?.id), JSON.stringify(text).slice(0, 60));
    }
  });
}

Deno.test("a part of a word is searched only when no word begins so, newest first and with all else of the filter", () => {
  verifies("store-search");
  using store = new TempStore();
  const texts = ["quickBrownfox", "Brownian fox", "myBrownfoxjumps"];
  const events = texts.map((text, i) =>
    makeEvent(i === 2 ? "log" : "response", NOON_US + i, { text: `"${text}"` })
  );
  store.append({ events });
  const ids = (indexes: number[]) => indexes.map((i) => events[i]?.id);
  const list = (filter: EventFilter, limit = 9) => listEvents(store.db, filter, limit).map(({ id }) => id);
  assert.deepEqual(list({ search: "brown" }), ids([1]));
  assert.deepEqual(list({ search: "ownFOX" }), ids([2, 0]));
  assert.deepEqual(list({ search: "ownFOX" }, 1), ids([2]));
  assert.deepEqual(list({ search: "ownFOX", kind: "response" }), ids([0]));
  assert.deepEqual(list({ search: "ownFOX", untilUs: NOON_US }), []);
  assert.deepEqual([...iterateEvents(store.db, { search: "ownFOX" })].map(({ id }) => id), ids([0, 2]));
});

Deno.test("listEvents() finds text of large payloads, newest first, each time it was sent", () => {
  verifies("store-search");
  using store = new TempStore();
  const text = JSON.stringify({ text: "needle " + "hay ".repeat(2000) });
  const events = Array.from(
    { length: 700 },
    (_, i) => makeEvent("response", NOON_US + i, { text: i % 100 === 5 ? text : '{"hay":1}' }),
  );
  for (const event of events) store.append({ events: [event] });
  while (indexPending(store.db, { maxEvents: 1000 }) > 0);
  assert.deepEqual(search(store, "needle"), events.filter((_, i) => i % 100 === 5).map((event) => event.id));
  assert.deepEqual(listEvents(store.db, { search: "needle" }, 2).map((event) => event.id), [
    events[605]?.id,
    events[505]?.id,
  ]);
});

Deno.test("indexPending() merges the blocks of slow traffic, in steps, and says when nothing is left", () => {
  verifies("store-search", "store-compression");
  using store = new TempStore();
  for (let i = 0; i < 2100; i++) store.append({ events: [makeEvent("request", NOON_US + i)] });
  const blocks = () => Number(store.db.get("SELECT count(*) AS n FROM blocks")?.n);
  assert.equal(blocks(), 2100);
  let left = indexPending(store.db, { maxEvents: 1000 });
  assert.ok(left > 0 && left < 2100, String(left));
  while (left > 0) {
    const next = indexPending(store.db, { maxEvents: 1000 });
    assert.ok(next < left);
    left = next;
  }
  assert.ok(blocks() < 600, String(blocks()));
  assert.equal(listEvents(store.db, { search: "tools/call" }, 5000).length, 2100);
});

Deno.test("append() never touches the search index", () => {
  verifies("store-search");
  using store = new TempStore();
  store.db.exec("DROP TABLE search");
  store.append({ events: Array.from({ length: 2000 }, (_, i) => makeEvent("request", NOON_US + i)) });
  assert.equal(listEvents(store.db, {}, 5000).length, 2000);
});

Deno.test("cutLongWords() shortens long words only, wherever they are", () => {
  const long = "a1".repeat(50);
  const cut = long.slice(0, 64);
  assert.equal(cutLongWords(`${long} b ${long}-${long}`), `${cut} b ${cut}-${cut}`);
  assert.equal(cutLongWords("short words, é"), "short words, é");
  assert.equal(cutLongWords(cut), cut);
});
