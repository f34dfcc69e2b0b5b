import assert from "node:assert/strict";
import { formatTimeUs } from "../../core/clock.ts";
import { makeCall, makeChange, makeEvent, makeRun, makeTool } from "../../store/testing.ts";
import { FindingsSchema } from "../schemas_figures.ts";
import { TestApi } from "../testing_api.ts";
import { DAY_US, HOUR_US, thisMinuteUs } from "./figures_testing.ts";

async function findings(api: TestApi) {
  const response = await api.get("/api/findings");
  assert.equal(response.status, 200);
  return FindingsSchema.strict().parse(await response.json()).findings;
}

Deno.test("GET /api/findings finds what is in the store, and points to an event", async () => {
  using api = new TestApi();
  const nowUs = thisMinuteUs();
  const run = makeRun({ server: "s", startedUs: nowUs - DAY_US });
  const failed = Array.from(
    { length: 6 },
    (_, n) => makeCall(nowUs - HOUR_US + n * 1e6, "tool_error", { tool: "bad" }),
  );
  for (const call of failed) api.store.append({ run, ...call.batch });
  const hung = makeEvent("request", nowUs - HOUR_US, { tool: "slow" });
  const gap = makeEvent("gap", nowUs - 2 * HOUR_US, {
    method: null,
    tool: null,
    sizeBytes: 5000,
    text: '{"stream":"stdout","messages":7,"bytes":5000}',
  });
  api.store.append({ run, events: [hung, gap], calls: [makeChange(hung, "hung")] });
  api.store.append({
    run,
    tools: [
      makeTool("bad", nowUs - DAY_US),
      { ...makeTool("bad", nowUs - HOUR_US), sha256: "0b".repeat(32) },
      { ...makeTool("heavy", nowUs - HOUR_US), definitionTokens: 3000 },
    ],
  });
  const found = await findings(api);
  assert.deepEqual(
    found.map(({ kind, severity, tool, eventId, time }) => [kind, severity, tool, eventId, time]),
    [
      ["tool_failing", "critical", "bad", failed[5]?.request.id, formatTimeUs(nowUs - HOUR_US + 5e6)],
      ["calls_hung", "warning", null, hung.id, formatTimeUs(nowUs - HOUR_US)],
      ["tool_changed", "warning", "bad", null, formatTimeUs(nowUs - HOUR_US)],
      ["record_gap", "warning", null, gap.id, formatTimeUs(nowUs - 2 * HOUR_US)],
      ["unused_definitions", "info", null, null, formatTimeUs(nowUs - HOUR_US)],
    ],
  );
  assert.match(found[3]?.detail ?? "", /^7 messages \(5\.0 kB\) passed/);
});

Deno.test("GET /api/findings finds a tool that became slower than in the week before", async () => {
  using api = new TestApi();
  const nowUs = thisMinuteUs();
  for (let n = 0; n < 60; n++) {
    api.store.append(makeCall(nowUs - 2 * DAY_US + n * 1e6, "ok", {}, 100_000).batch);
  }
  for (let n = 0; n < 20; n++) api.store.append(makeCall(nowUs - HOUR_US + n * 1e6, "ok", {}, 300_000).batch);
  assert.deepEqual((await findings(api)).map(({ kind, tool }) => [kind, tool]), [["tool_slower", "echo"]]);
});

Deno.test("GET /api/findings forgets what is a day old, and is empty in an empty store", async () => {
  using api = new TestApi();
  assert.deepEqual(await findings(api), []);
  const dayAgoUs = thisMinuteUs() - DAY_US - HOUR_US;
  for (let n = 0; n < 9; n++) api.store.append(makeCall(dayAgoUs + n * 1e6, "hung").batch);
  assert.deepEqual(await findings(api), []);
});
