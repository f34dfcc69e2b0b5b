import { equal, match, ok } from "node:assert/strict";
import { IdMaker } from "./id.ts";

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const TIME_US = Date.UTC(2026, 10, 21) * 1000;

Deno.test("IdMaker makes a UUIDv7 that begins with the ms", () => {
  const id = new IdMaker().next(TIME_US + 1999);
  match(id, UUID_V7);
  equal(parseInt(id.slice(0, 13).replace("-", ""), 16), TIME_US / 1000 + 1);
});

Deno.test("IdMaker makes increasing ids when the clock stands still or goes back", () => {
  const maker = new IdMaker();
  let last = "";
  for (let i = 0; i < 10_000; i++) {
    const id = maker.next(TIME_US - i);
    match(id, UUID_V7);
    ok(id > last, `${id} after ${last}`);
    last = id;
  }
});

Deno.test("IdMaker makes ids of one ms that differ within their first 18 characters", () => {
  const maker = new IdMaker();
  const ids = Array.from({ length: 1000 }, () => maker.next(TIME_US).slice(0, 18));
  equal(new Set(ids).size, 1000);
});
