import assert from "node:assert/strict";
import { verifies } from "../../../tests/verifies.ts";
import { Refusals } from "./refusals.ts";

const TIME = "2026-11-21T00:00:00Z";

Deno.test("Refusals: no kind crowds out another, and the first of each kind stay", () => {
  verifies("plugin-refusals-shown");
  const refusals = new Refusals();
  const tryIt = (permission: string, value: string) => refusals.add({ permission, value, count: 1 }, TIME);
  tryIt("read", "/etc/passwd");
  for (let i = 0; i < 1000; i++) tryIt("env", `JUNK${i}`);
  for (let i = 0; i < 1000; i++) tryIt("read", `/junk/${i}`);
  for (let i = 0; i < 1000; i++) tryIt(`made-up-${i}`, "x");
  tryIt("net", "evil.example.com:443");
  tryIt("read", "/etc/shadow");
  const tried = refusals.entries.map(({ permission, value }) => `${permission} ${value}`);
  assert.deepEqual(tried.slice(0, 3), ["read /etc/passwd", "net evil.example.com:443", "env JUNK0"]);
  for (const each of ["read /etc/passwd", "read /etc/shadow", "env JUNK0", "env JUNK999"]) {
    assert.ok(tried.includes(each), each);
  }
  assert.ok(tried.length < 200);
  assert.deepEqual(refusals.othersByKind, { read: 952, env: 950, other: 950 });
  assert.equal(refusals.others, 952 + 950 + 950);
});

Deno.test("Refusals: the same access is one, counted over all processes of its plugin", () => {
  const refusals = new Refusals();
  const add = (count: number) => refusals.add({ permission: "env", value: "HOME", count }, TIME);
  assert.deepEqual([add(1), add(10)], [true, false]);
  refusals.turn();
  assert.equal(add(1), false);
  assert.deepEqual(refusals.entries.map(({ count }) => count), [11]);
});
