/**
 * Writing what plugins gave back. What a plugin says is hostile until shown otherwise: texts are cut and stored printable, and each plugin has
 * a bounded number of rows, of which the oldest go first and are counted, so that a flood costs its own plugin's record and nothing else.
 * @module
 */
import type { PluginAnnotation, PluginEmit, PluginFinding, PluginMetric } from "../core/plugin.ts";
import { printableLines, printableStart } from "../core/printable.ts";
import { SEVERITIES } from "../core/severity.ts";
import { hexToBytes } from "./codes.ts";
import type { Database } from "./database.ts";

/** Most that is kept of one plugin. */
export const EMIT_LIMITS = {
  /** Emits of one plugin in one append: a transaction keeps other writers waiting, and 500 take 10 to 50 ms (2026-11-21). */
  perAppend: 500,
  findings: 200,
  /** Names of metrics. */
  metrics: 100,
  /** Days of all its metrics together. */
  metricDays: 5000,
  annotations: 10_000,
  /** Keys on one event. */
  annotationsPerEvent: 16,
  keyChars: 200,
  titleChars: 200,
  detailChars: 4000,
  valueChars: 2000,
  nameChars: 100,
} as const;

/** Ids remembered for each plugin: far more than one batch that is sent again. */
const REMEMBERED_IDS = 4 * EMIT_LIMITS.perAppend;
const ID_BYTES = 16;
const DAY_S = 86_400;
/** A sum beyond this would become infinite, which JSON cannot say. */
const MAX_SUM = 1e300;

/** What became of the emits of one append. */
export interface AppendedEmits {
  readonly stored: number;
  /** Stored before: their ids are known. */
  readonly repeated: number;
  /** Too many, or about nothing that can be stored; older rows that went for them are not in here. */
  readonly dropped: number;
}

type Kind = "findings" | "metrics" | "annotations";
const KINDS: Readonly<Record<PluginEmit["type"], Kind>> = {
  finding: "findings",
  metric: "metrics",
  annotation: "annotations",
};

/** Stores what plugins gave back, in one transaction. The same id twice is the same as once. @throws {KmError} store_… */
export function appendPluginEmits(db: Database, emits: readonly PluginEmit[]): AppendedEmits {
  if (emits.length === 0) return { stored: 0, repeated: 0, dropped: 0 };
  return db.transaction(() => {
    const sums = { stored: 0, repeated: 0, dropped: 0 };
    for (const [plugin, own] of Map.groupBy(emits, (emit) => emit.plugin)) {
      for (const [index, emit] of own.entries()) {
        const fate = index < EMIT_LIMITS.perAppend ? store(db, emit) : "dropped";
        sums[fate]++;
        if (fate === "dropped") countDropped(db, plugin, KINDS[emit.type], 1);
      }
      trim(db, plugin);
    }
    return sums;
  });
}

/** Forgets everything that `plugin` gave back. */
export function removePluginEmits(db: Database, plugin: string): void {
  db.transaction(() => {
    for (const table of PLUGIN_TABLES) db.run(`DELETE FROM ${table} WHERE plugin = ?`, plugin);
  });
}

/** Every table of this module. */
export const PLUGIN_TABLES = [
  "plugin_findings",
  "plugin_metrics",
  "plugin_annotations",
  "plugin_emit_ids",
  "plugin_dropped",
] as const;

function store(db: Database, emit: PluginEmit): "stored" | "repeated" | "dropped" {
  const id = idBytes(emit.id);
  if (id === null || !isStorable(emit)) return "dropped";
  const isNew = db.run("INSERT OR IGNORE INTO plugin_emit_ids (id, plugin) VALUES (?, ?)", id, emit.plugin);
  if (isNew === 0) return "repeated";
  switch (emit.type) {
    case "finding":
      storeFinding(db, emit);
      return "stored";
    case "metric":
      storeMetric(db, emit);
      return "stored";
    case "annotation":
      return storeAnnotation(db, emit) ? "stored" : "dropped";
  }
}

/** A row that cannot be written would take the whole transaction with it. */
function isStorable(emit: PluginEmit): boolean {
  if (!Number.isSafeInteger(emit.timeUs)) return false;
  switch (emit.type) {
    case "finding":
      return SEVERITIES.includes(emit.severity);
    case "metric":
      return Number.isFinite(emit.value);
    case "annotation":
      return idBytes(emit.eventId) !== null;
  }
}

function storeFinding(db: Database, finding: PluginFinding): void {
  db.run(
    `INSERT INTO plugin_findings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)
     ON CONFLICT DO UPDATE SET version = excluded.version, severity = excluded.severity, title = excluded.title,
       detail = excluded.detail, server = excluded.server, tool = excluded.tool, event = excluded.event,
       last_us = excluded.last_us, times = times + 1`,
    finding.plugin,
    line(finding.key, EMIT_LIMITS.keyChars),
    line(finding.pluginVersion, EMIT_LIMITS.nameChars),
    finding.severity,
    line(finding.title, EMIT_LIMITS.titleChars),
    lines(finding.detail, EMIT_LIMITS.detailChars),
    name(finding.server),
    name(finding.tool),
    finding.eventId === null ? null : idBytes(finding.eventId),
    finding.timeUs,
    finding.timeUs,
  );
}

function storeMetric(db: Database, metric: PluginMetric): void {
  const value = Math.max(-MAX_SUM, Math.min(MAX_SUM, metric.value));
  db.run(
    `INSERT INTO plugin_metrics VALUES (?1, ?2, ?3, ?4, ?5, 1, ?5, ?5, ?5, ?6)
     ON CONFLICT DO UPDATE SET unit = excluded.unit, last = excluded.last, count = count + 1,
       sum = max(-${MAX_SUM}, min(${MAX_SUM}, sum + excluded.sum)),
       min = min(min, excluded.min), max = max(max, excluded.max), last_us = excluded.last_us`,
    metric.plugin,
    line(metric.name, EMIT_LIMITS.nameChars),
    Math.floor(metric.timeUs / 1e6 / DAY_S) * DAY_S,
    line(metric.unit, EMIT_LIMITS.nameChars),
    value,
    metric.timeUs,
  );
}

/** False: the event has as many of this plugin as it may. */
function storeAnnotation(db: Database, annotation: PluginAnnotation): boolean {
  const event = hexToBytes(annotation.eventId, ID_BYTES);
  const key = line(annotation.key, EMIT_LIMITS.keyChars);
  const others = db.get<{ count: number }>(
    "SELECT count(*) AS count FROM plugin_annotations WHERE event = ? AND plugin = ? AND key <> ?",
    event,
    annotation.plugin,
    key,
  );
  if ((others?.count ?? 0) >= EMIT_LIMITS.annotationsPerEvent) return false;
  db.run(
    `INSERT INTO plugin_annotations VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET version = excluded.version, value = excluded.value, time_us = excluded.time_us`,
    event,
    annotation.plugin,
    key,
    line(annotation.pluginVersion, EMIT_LIMITS.nameChars),
    lines(annotation.value, EMIT_LIMITS.valueChars),
    annotation.timeUs,
  );
  return true;
}

/** Removes the oldest of what is too many, and counts it. */
function trim(db: Database, plugin: string): void {
  const findings = db.run(
    `DELETE FROM plugin_findings WHERE plugin = ?1 AND key IN
       (SELECT key FROM plugin_findings WHERE plugin = ?1 ORDER BY last_us DESC, key LIMIT -1 OFFSET ?2)`,
    plugin,
    EMIT_LIMITS.findings,
  );
  const annotations = db.run(
    `DELETE FROM plugin_annotations WHERE plugin = ?1 AND (event, key) IN
       (SELECT event, key FROM plugin_annotations WHERE plugin = ?1 ORDER BY time_us DESC LIMIT -1 OFFSET ?2)`,
    plugin,
    EMIT_LIMITS.annotations,
  );
  countDropped(db, plugin, "findings", findings);
  countDropped(db, plugin, "metrics", trimMetrics(db, plugin));
  countDropped(db, plugin, "annotations", annotations);
  db.run(
    `DELETE FROM plugin_emit_ids WHERE plugin = ?1 AND number <=
       (SELECT number FROM plugin_emit_ids WHERE plugin = ?1 ORDER BY number DESC LIMIT 1 OFFSET ?2)`,
    plugin,
    REMEMBERED_IDS,
  );
}

function trimMetrics(db: Database, plugin: string): number {
  const names = db.run(
    `DELETE FROM plugin_metrics WHERE plugin = ?1 AND name IN
       (SELECT name FROM plugin_metrics WHERE plugin = ?1 GROUP BY name ORDER BY max(last_us) DESC, name LIMIT -1 OFFSET ?2)`,
    plugin,
    EMIT_LIMITS.metrics,
  );
  const days = db.run(
    `DELETE FROM plugin_metrics WHERE plugin = ?1 AND (name, start) IN
       (SELECT name, start FROM plugin_metrics WHERE plugin = ?1 ORDER BY start DESC, name LIMIT -1 OFFSET ?2)`,
    plugin,
    EMIT_LIMITS.metricDays,
  );
  return names + days;
}

function countDropped(db: Database, plugin: string, kind: Kind, count: number): void {
  if (count === 0) return;
  db.run("INSERT OR IGNORE INTO plugin_dropped VALUES (?, 0, 0, 0)", plugin);
  db.run(`UPDATE plugin_dropped SET ${kind} = ${kind} + ? WHERE plugin = ?`, count, plugin);
}

function idBytes(id: string): Uint8Array | null {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id) ? hexToBytes(id, ID_BYTES) : null;
}

function line(text: string, maxChars: number): string {
  return printableStart(text, maxChars);
}

/** Over several lines. Cut again: escaped, a character may take nine. */
function lines(text: string, maxChars: number): string {
  const escaped = printableLines(text.slice(0, maxChars + 1));
  return escaped.length <= maxChars ? escaped : `${escaped.slice(0, maxChars - 1).toWellFormed()}…`;
}

/** A server or tool as it is called elsewhere in the record, where names are made printable when they are shown. */
function name(text: string | null): string | null {
  return text === null ? null : text.slice(0, EMIT_LIMITS.keyChars).toWellFormed();
}
