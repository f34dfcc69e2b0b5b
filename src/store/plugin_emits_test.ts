import assert from "node:assert/strict";
import { IdMaker } from "../core/id.ts";
import type { PluginAnnotation, PluginFinding, PluginMetric } from "../core/plugin.ts";
import { verifies } from "../../tests/verifies.ts";
import { openDatabase, schemaVersion } from "./database.ts";
import { eraseLeftovers } from "./erase.ts";
import { MIGRATIONS } from "./migrations.ts";
import { appendPluginEmits, EMIT_LIMITS, PLUGIN_TABLES, removePluginEmits } from "./plugin_emits.ts";
import {
  latestPluginFindings,
  latestPluginMetrics,
  readAnnotations,
  readPluginEmits,
} from "./plugin_emits_reader.ts";
import { pruneStep } from "./retention.ts";
import { DAY_US, makeCall, makeEvent, MINUTE_US, NOON_US, TempFolder, TempStore } from "./testing.ts";

const ids = new IdMaker();
const EVENT = ids.next(NOON_US);

function base(timeUs: number) {
  return {
    id: ids.next(timeUs),
    timeUs,
    plugin: "tool-guard",
    pluginVersion: "1.0.0",
    server: null,
    eventId: null,
  };
}

function finding(changes: Partial<PluginFinding> = {}): PluginFinding {
  const timeUs = changes.timeUs ?? NOON_US;
  const text = { key: "k", severity: "warning", title: "t", detail: "d", tool: null } as const;
  return { type: "finding", ...base(timeUs), ...text, ...changes };
}

function metric(value: number, changes: Partial<PluginMetric> = {}): PluginMetric {
  const timeUs = changes.timeUs ?? NOON_US;
  return { type: "metric", ...base(timeUs), name: "latency", value, unit: "ms", ...changes };
}

function annotation(changes: Partial<PluginAnnotation> = {}): PluginAnnotation {
  const timeUs = changes.timeUs ?? NOON_US;
  return { type: "annotation", ...base(timeUs), eventId: EVENT, key: "note", value: "v", ...changes };
}

function rows(store: TempStore, table: string): number {
  return store.db.get<{ rows: number }>(`SELECT count(*) AS rows FROM ${table}`)?.rows ?? -1;
}

function prune(store: TempStore, olderThanUs: number): void {
  while (!pruneStep(store.db, { olderThanUs, maxEvents: 500 }).done);
}

Deno.test("appendPluginEmits() replaces a finding by its key and counts how often it was found", () => {
  using store = new TempStore();
  const first = finding({ title: "before" });
  const later = finding({ title: "after", severity: "critical", timeUs: NOON_US + 5 });
  const result = appendPluginEmits(store.db, [first, later, finding({ plugin: "other" })]);
  assert.deepEqual(result, { stored: 3, repeated: 0, dropped: 0 });
  const { findings } = readPluginEmits(store.db, "tool-guard");
  assert.deepEqual(
    findings.map(({ title, severity, times, firstTime, lastTime }) =>
      [title, severity, times, firstTime, lastTime].join(" ")
    ),
    ["after critical 2 2026-11-21T12:00:00.000000Z 2026-11-21T12:00:00.000005Z"],
  );
});

Deno.test("appendPluginEmits() of the same batch twice is the same as once", () => {
  using store = new TempStore();
  const batch = [finding(), metric(3), metric(4), annotation()];
  appendPluginEmits(store.db, batch);
  const once = readPluginEmits(store.db, "tool-guard");
  assert.deepEqual(appendPluginEmits(store.db, batch), { stored: 0, repeated: 4, dropped: 0 });
  assert.deepEqual(readPluginEmits(store.db, "tool-guard"), once);
});

Deno.test("appendPluginEmits() sums a metric by day; readers get the last day", () => {
  using store = new TempStore();
  appendPluginEmits(store.db, [metric(100, { timeUs: NOON_US - DAY_US }), metric(2), metric(-4), metric(1)]);
  const { metrics } = readPluginEmits(store.db, "tool-guard");
  assert.deepEqual(
    metrics.map(({ name, unit, last, day, count, sum, min, max }) =>
      [name, unit, last, day, count, sum, min, max].join(" ")
    ),
    ["latency ms 1 2026-11-21 3 -1 -4 2"],
  );
  assert.equal(latestPluginMetrics(store.db).length, 1);
});

Deno.test("appendPluginEmits() drops what no row can hold, and keeps the rest of the batch", () => {
  using store = new TempStore();
  const result = appendPluginEmits(store.db, [
    metric(NaN),
    metric(Infinity),
    metric(1, { id: "no id" }),
    metric(1, { timeUs: 0.5, id: ids.next(NOON_US) }),
    annotation({ eventId: "no event" }),
    finding({ severity: "urgent" as "info" }), // as: what a plugin might say
    finding({ eventId: "no event" }),
    metric(1.7e308),
    metric(1.7e308),
  ]);
  assert.deepEqual(result, { stored: 3, repeated: 0, dropped: 6 });
  const { dropped, metrics } = readPluginEmits(store.db, "tool-guard");
  assert.deepEqual(dropped, { findings: 1, metrics: 4, annotations: 1 });
  assert.ok(Number.isFinite(metrics[0]?.sum));
});

Deno.test("appendPluginEmits() stores hostile text cut and printable", () => {
  using store = new TempStore();
  const evil = "\x1b]0;owned\x07\u202egnp.exe\ud800";
  appendPluginEmits(store.db, [
    finding({ key: evil, title: evil + "x".repeat(1e6), detail: `a\nb${evil}` + "\u202e".repeat(1e5) }),
    metric(1, { name: evil + "n".repeat(1e5), unit: evil }),
    annotation({ key: evil, value: evil + "\x00".repeat(1e5) }),
  ]);
  const { findings, metrics } = readPluginEmits(store.db, "tool-guard");
  const kept = [findings, metrics, readAnnotations(store.db, EVENT)];
  assert.doesNotMatch(JSON.stringify(kept).replaceAll("\\n", ""), /[\p{Cc}\p{Cf}\p{Cs}]|\\u00|\\b/u);
  const [only] = findings;
  assert.match(only?.title ?? "", /^\\e\]0;owned\\u\{7\}\\u\{202e\}gnp\.exe\\u\{d800\}x+…$/);
  assert.match(only?.detail ?? "", /^a\nb\\e/);
  assert.equal(only?.title.length, EMIT_LIMITS.titleChars);
  assert.equal(only?.detail.length, EMIT_LIMITS.detailChars);
});

Deno.test("appendPluginEmits() bounds what a flooding plugin keeps: the oldest go, counted, others' stay", () => {
  using store = new TempStore();
  appendPluginEmits(store.db, [finding({ plugin: "quiet" }), metric(1, { plugin: "quiet" })]);
  const many = EMIT_LIMITS.perAppend;
  const batches = [
    Array.from({ length: many }, (_, n) => finding({ key: `k${n}`, timeUs: NOON_US + n })),
    Array.from({ length: many }, (_, n) => metric(n, { name: `m${n}`, timeUs: NOON_US + n })),
    ...Array.from(
      { length: 24 },
      (_, round) =>
        Array.from(
          { length: many },
          (_, n) => annotation({ eventId: ids.next(NOON_US), timeUs: NOON_US + round * many + n }),
        ),
    ),
  ];
  for (const batch of batches) appendPluginEmits(store.db, batch);
  const kept = readPluginEmits(store.db, "tool-guard");
  assert.equal(kept.findings.length, EMIT_LIMITS.findings);
  assert.equal(kept.findings[0]?.key, `k${many - 1}`, "the latest stay");
  assert.equal(kept.metrics.length, EMIT_LIMITS.metrics);
  assert.equal(kept.annotations, EMIT_LIMITS.annotations);
  assert.deepEqual(kept.dropped, {
    findings: many - EMIT_LIMITS.findings,
    metrics: many - EMIT_LIMITS.metrics,
    annotations: 24 * many - EMIT_LIMITS.annotations,
  });
  assert.ok(rows(store, "plugin_emit_ids") <= 4 * many + 2);
  const quiet = readPluginEmits(store.db, "quiet");
  assert.deepEqual([quiet.findings.length, quiet.metrics.length], [1, 1]);
});

Deno.test("appendPluginEmits() bounds one append, one event's notes, and a metric's days", () => {
  using store = new TempStore();
  const flood = Array.from({ length: EMIT_LIMITS.perAppend + 7 }, (_, n) => annotation({ key: `k${n}` }));
  const result = appendPluginEmits(store.db, flood);
  assert.equal(result.stored, EMIT_LIMITS.annotationsPerEvent);
  assert.equal(result.dropped, flood.length - result.stored);
  for (let from = 0; from < 6000; from += 500) {
    const days = Array.from({ length: 500 }, (_, n) => metric(1, { timeUs: (from + n) * DAY_US }));
    appendPluginEmits(store.db, days);
  }
  assert.equal(rows(store, "plugin_metrics"), EMIT_LIMITS.metricDays);
});

Deno.test("latestPluginFindings() gives each plugin its gravest, and an event only where there is one", () => {
  using store = new TempStore();
  const { request, batch } = makeCall(NOON_US);
  store.append(batch);
  appendPluginEmits(store.db, [
    finding({ key: "old", timeUs: NOON_US - DAY_US }),
    finding({ key: "info", severity: "info", timeUs: NOON_US + 9 }),
    finding({ key: "grave", severity: "critical", eventId: request.id }),
    finding({ key: "warn", eventId: EVENT, timeUs: NOON_US + 3 }),
    finding({ key: "info", severity: "info", plugin: "other" }),
  ]);
  const found = latestPluginFindings(store.db, { sinceUs: NOON_US, perPlugin: 2 });
  assert.deepEqual(found.map(({ plugin, key, eventId }) => [plugin, key, eventId]), [
    ["other", "info", null],
    ["tool-guard", "grave", request.id],
    ["tool-guard", "warn", null],
  ]);
});

Deno.test("pruneStep() removes annotations with their events, and old findings; metrics by day stay", () => {
  verifies("store-retention");
  using store = new TempStore();
  const old = makeEvent("notification", NOON_US);
  const recent = makeEvent("notification", NOON_US + MINUTE_US);
  store.append({ events: [old, recent] });
  const laterUs = NOON_US + 2 * MINUTE_US;
  appendPluginEmits(store.db, [
    finding(),
    finding({ key: "seen again", timeUs: laterUs }),
    metric(1),
    // Noted late: they go with their events all the same.
    annotation({ eventId: old.id, timeUs: laterUs }),
    annotation({ eventId: recent.id, timeUs: laterUs }),
    annotation({ eventId: EVENT, key: "of an event that is not there", timeUs: NOON_US }),
  ]);
  prune(store, NOON_US + MINUTE_US);
  const kept = readPluginEmits(store.db, "tool-guard");
  assert.deepEqual(kept.findings.map(({ key }) => key), ["seen again"]);
  assert.equal(kept.metrics.length, 1);
  assert.equal(kept.annotations, 1);
  assert.equal(readAnnotations(store.db, recent.id).length, 1);
});

Deno.test("pruneStep() by size removes annotations with the oldest events", () => {
  using store = new TempStore();
  const { request, batch } = makeCall(NOON_US);
  store.append(batch);
  appendPluginEmits(store.db, [annotation({ eventId: request.id })]);
  while (!pruneStep(store.db, { maxBytes: 1, maxEvents: 100 }).done);
  assert.equal(rows(store, "plugin_annotations"), 0);
});

Deno.test("eraseLeftovers() and removePluginEmits() forget what plugins gave back", () => {
  verifies("store-retention");
  using store = new TempStore();
  const fill = () => {
    appendPluginEmits(store.db, [finding(), metric(1), annotation(), metric(NaN)]);
    appendPluginEmits(store.db, [finding({ plugin: "other" })]);
  };
  fill();
  removePluginEmits(store.db, "tool-guard");
  assert.deepEqual(PLUGIN_TABLES.map((table) => rows(store, table)), [1, 0, 0, 1, 0]);
  fill();
  eraseLeftovers(store.db);
  assert.deepEqual(PLUGIN_TABLES.map((table) => rows(store, table)), [0, 0, 0, 0, 0]);
});

Deno.test.each([1, 2, 3])(
  "openDatabase() brings a store of m00%i to where plugins' emits are kept",
  (version) => {
    verifies("store-migrations");
    using folder = new TempFolder();
    openDatabase(folder.databasePath, { mode: "write", migrations: MIGRATIONS.slice(0, version) })
      [Symbol.dispose]();
    // A reader first: `km serve` and `km show` of the new km may come before anything is recorded.
    using reader = openDatabase(folder.databasePath, { mode: "read" });
    assert.equal(schemaVersion(reader), MIGRATIONS.length);
    assert.deepEqual(readAnnotations(reader, EVENT), []);
    using db = openDatabase(folder.databasePath, { mode: "write" });
    appendPluginEmits(db, [finding(), annotation()]);
    assert.equal(readAnnotations(reader, EVENT).length, 1);
  },
);
