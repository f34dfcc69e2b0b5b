import assert from "node:assert/strict";
import { testUnless, unlessOs } from "../../tests/skip.ts";
import { parseCpu, parsePs, parseResident, usageOf } from "./process_usage.ts";

testUnless(unlessOs("linux", "darwin"), "usageOf() tells memory and time of this very process", async () => {
  const { residentBytes, cpuMs } = await usageOf(Deno.pid);
  assert.ok((residentBytes ?? 0) > 10 * 1024 * 1024);
  assert.ok(cpuMs !== null && cpuMs >= 0);
});

Deno.test("usageOf() tells nothing of a process that is not there", async () => {
  assert.deepEqual(await usageOf(2 ** 22 + 1), { residentBytes: null, cpuMs: null });
});

Deno.test("parseCpu() is not misled by a process's name", () => {
  const fields = ["S", ...Array(10).fill("0"), "12", "30", ...Array(20).fill("0")].join(" ");
  assert.equal(parseCpu(`1 (a) R 1 1) ${fields}`), 420);
  assert.equal(parseCpu("nonsense"), null);
});

Deno.test("parseResident() and parsePs() read what the systems say", () => {
  assert.equal(parseResident("Name:\tx\nVmRSS:\t   1234 kB\n"), 1234 * 1024);
  assert.equal(parseResident("Name:\tx\n"), null);
  assert.deepEqual(parsePs("  2048   0:01.50\n"), { residentBytes: 2048 * 1024, cpuMs: 1500 });
  assert.deepEqual(parsePs("1 1-02:03:04"), { residentBytes: 1024, cpuMs: 93_784_000 });
  assert.deepEqual(parsePs(""), { residentBytes: null, cpuMs: null });
});
