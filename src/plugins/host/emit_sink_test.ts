import assert from "node:assert/strict";
import { verifies } from "../../../tests/verifies.ts";
import type { PluginEmit } from "../../core/plugin.ts";
import { EmitSink } from "./emit_sink.ts";
import { FakeTimers } from "./fake_timers.ts";

function finding(plugin: string, detail = ""): PluginEmit {
  return {
    id: "id",
    timeUs: 1,
    plugin,
    pluginVersion: "1.0.0",
    server: "s",
    eventId: "e",
    type: "finding",
    key: "k",
    severity: "info",
    title: "t",
    detail,
    tool: null,
  };
}

/** A sink and what was written; `isLocked`: the database takes nothing. */
function open() {
  const timers = new FakeTimers();
  const written: string[] = [];
  const database = { isLocked: false };
  const sink = new EmitSink((emits) => {
    if (database.isLocked) throw new Error("database is locked");
    written.push(...emits.map(({ plugin }) => plugin));
  }, timers);
  return { sink, timers, written, database };
}

Deno.test("EmitSink: one plugin's flood costs no other a result", async () => {
  verifies("abuse-flood");
  const { sink, timers, written, database } = open();
  database.isLocked = true;
  for (let i = 0; i < 50_000; i++) sink.add(finding("flood"));
  assert.equal(sink.add(finding("quiet")), true);
  assert.equal(sink.lost, 45_000);
  await timers.pass(1_000);
  database.isLocked = false;
  await timers.pass(1_000);
  assert.ok(written.slice(0, 200).includes("quiet"));
  assert.equal(written.length, 5_001);
});

Deno.test("EmitSink: what waits of one plugin is bounded in text, too, and room comes back", async () => {
  const { sink, timers, written } = open();
  const detail = "x".repeat(16 * 1024);
  let kept = 0;
  while (sink.add(finding("flood", detail))) kept++;
  assert.ok(kept < 520);
  await timers.pass(1_000);
  assert.equal(written.length, kept);
  assert.equal(sink.add(finding("flood", detail)), true);
  sink.close();
  assert.equal(written.length, kept + 1);
});

Deno.test("EmitSink: what cannot be written at the end is lost and counted", () => {
  const { sink, database } = open();
  database.isLocked = true;
  for (const plugin of ["a", "a", "b"]) sink.add(finding(plugin));
  sink.close();
  assert.equal(sink.lost, 3);
});
