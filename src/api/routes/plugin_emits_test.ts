/** What plugins gave back, as the API tells it. @module */
import assert from "node:assert/strict";
import { formatTimeUs } from "../../core/clock.ts";
import type { PluginEmit } from "../../core/plugin.ts";
import { IdMaker } from "../../core/id.ts";
import { appendPluginEmits } from "../../store/plugin_emits.ts";
import { makeCall } from "../../store/testing.ts";
import { EventDetailSchema } from "../schemas.ts";
import { FindingsSchema, OverviewSchema } from "../schemas_figures.ts";
import { TestApi } from "../testing_api.ts";
import { DAY_US, thisMinuteUs } from "./figures_testing.ts";

const ids = new IdMaker();

function base(timeUs: number, plugin: string) {
  return { id: ids.next(timeUs), timeUs, plugin, pluginVersion: "1.2.3", server: "s" };
}

function finding(timeUs: number, key: string, changes: Partial<PluginEmit> = {}): PluginEmit {
  const text = { severity: "warning", title: `title of ${key}`, detail: "detail" } as const;
  // As: the changes are those of a finding.
  return {
    type: "finding",
    ...base(timeUs, "tool-guard"),
    ...text,
    key,
    tool: "t",
    eventId: null,
    ...changes,
  } as PluginEmit;
}

Deno.test("GET /api/findings and /api/overview tell what plugins found, whose it is, gravest first", async () => {
  using api = new TestApi();
  const nowUs = thisMinuteUs();
  const call = makeCall(nowUs);
  api.store.append(call.batch);
  appendPluginEmits(api.store.db, [
    finding(nowUs - 8 * DAY_US, "old"),
    finding(nowUs - 2, "a:b/c", { eventId: call.request.id }),
    finding(nowUs - 1, "grave", { severity: "critical", plugin: "other" }),
  ]);
  const { findings } = FindingsSchema.strict().parse(await (await api.get("/api/findings")).json());
  assert.deepEqual(findings.map(({ id, kind, plugin, eventId, time }) => [id, kind, plugin, eventId, time]), [
    ["plugin:other:grave", "plugin", "other", null, formatTimeUs(nowUs - 1)],
    ["plugin:tool-guard:a%3Ab%2Fc", "plugin", "tool-guard", call.request.id, formatTimeUs(nowUs - 2)],
  ]);
  const overview = OverviewSchema.parse(
    await (await api.get("/api/overview")).json(),
  );
  assert.deepEqual(overview.findings, findings);
});

Deno.test("GET /api/findings is not filled by one plugin", async () => {
  using api = new TestApi();
  const nowUs = thisMinuteUs();
  appendPluginEmits(api.store.db, Array.from({ length: 150 }, (_, n) => finding(nowUs - n, `k${n}`)));
  appendPluginEmits(api.store.db, [finding(nowUs - 999, "k", { plugin: "quiet" })]);
  const { findings } = FindingsSchema.parse(await (await api.get("/api/findings")).json());
  assert.equal(findings.length, 21);
  assert.equal(findings.at(-1)?.plugin, "quiet");
});

Deno.test("GET /api/events/:id has the notes of plugins", async () => {
  using api = new TestApi();
  const nowUs = thisMinuteUs();
  const { request, batch } = makeCall(nowUs);
  api.store.append(batch);
  appendPluginEmits(api.store.db, [
    { type: "annotation", ...base(nowUs, "tool-guard"), eventId: request.id, key: "a", value: "\u202eb\nc" },
  ]);
  const detail = EventDetailSchema.parse(await (await api.get(`/api/events/${request.id}`)).json());
  assert.deepEqual(detail.annotations, [{
    plugin: "tool-guard",
    pluginVersion: "1.2.3",
    key: "a",
    value: "\\u{202e}b\nc",
    time: formatTimeUs(nowUs),
  }]);
});

Deno.test("GET /metrics has the latest value of what plugins measure", async () => {
  using api = new TestApi();
  const nowUs = thisMinuteUs();
  const metric = (name: string, value: number): PluginEmit => ({
    type: "metric",
    ...base(nowUs, "counter"),
    eventId: null,
    name,
    value,
    unit: "By",
  });
  appendPluginEmits(api.store.db, [metric("size", 5), metric("size", 1.5), metric('a"\n', 2)]);
  const text = await (await api.get("/metrics")).text();
  assert.deepEqual(text.split("\n").filter((line) => line.startsWith("km_plugin_metric{")), [
    'km_plugin_metric{plugin="counter",name="a\\"\\\\n",unit="By"} 2',
    'km_plugin_metric{plugin="counter",name="size",unit="By"} 1.5',
  ]);
});
