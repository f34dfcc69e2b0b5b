import assert from "node:assert/strict";
import { findEvent } from "./events.ts";
import { idShortener } from "./short_id.ts";
import { makeEvent, NOON_US, TempStore } from "./testing.ts";

const IDS = [
  "01a1fe13-c85a-7000-8000-0123456789ab",
  "01a1fe13-c85b-7000-8000-0123456789ab",
  "01a1fe13-c85b-7001-8000-0123456789ab",
  "01a1fe13-c85b-7001-8000-0123456789ac",
];

Deno.test("idShortener() makes ids that findEvent() takes, and no longer than that needs", () => {
  using store = new TempStore();
  store.append({ events: IDS.map((id) => ({ ...makeEvent("log", NOON_US), id })) });
  const short = IDS.map(idShortener(store.db));
  assert.deepStrictEqual(short, [
    "01a1fe13-c85a",
    "01a1fe13-c85b-7000",
    "01a1fe13-c85b-7001-8000-0123456789ab",
    "01a1fe13-c85b-7001-8000-0123456789ac",
  ]);
  for (const [at, id] of IDS.entries()) assert.equal(findEvent(store.db, short[at] ?? "").event.id, id);
});

Deno.test("idShortener() keeps as many characters as asked", () => {
  using store = new TempStore();
  assert.equal(idShortener(store.db, 18)(IDS[0] ?? ""), "01a1fe13-c85a-7000");
});
