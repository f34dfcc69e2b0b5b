/** Reading what plugins gave back. @module */
import { formatTimeUs } from "../core/clock.ts";
import type { Severity } from "../core/severity.ts";
import { formatId, hexToBytes } from "./codes.ts";
import type { Database } from "./database.ts";

/** What a plugin found. Field names are a stable contract (`km plugins info --json`). */
export interface StoredFinding {
  readonly plugin: string;
  readonly pluginVersion: string;
  readonly key: string;
  readonly severity: Severity;
  readonly title: string;
  readonly detail: string;
  readonly server: string | null;
  readonly tool: string | null;
  /** Null where the event is not (or no longer) in the record. */
  readonly eventId: string | null;
  /** ISO 8601. */
  readonly firstTime: string;
  readonly lastTime: string;
  /** How often the plugin found it. */
  readonly times: number;
}

/** A metric of a plugin: its latest value, and what it was on the last day it was sent (UTC). */
export interface StoredMetric {
  readonly plugin: string;
  readonly name: string;
  readonly unit: string;
  readonly last: number;
  readonly lastTime: string;
  /** `2026-11-21`. */
  readonly day: string;
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
}

/** A note of a plugin on one event. */
export interface StoredAnnotation {
  readonly plugin: string;
  readonly pluginVersion: string;
  readonly key: string;
  readonly value: string;
  readonly time: string;
}

/** What was too much, by kind. */
export interface DroppedEmits {
  readonly findings: number;
  readonly metrics: number;
  readonly annotations: number;
}

export interface PluginRecord {
  /** Latest first. */
  readonly findings: readonly StoredFinding[];
  /** By name. */
  readonly metrics: readonly StoredMetric[];
  /** How many there are. */
  readonly annotations: number;
  readonly dropped: DroppedEmits;
}

const ID_BYTES = 16;
const NONE_DROPPED: DroppedEmits = { findings: 0, metrics: 0, annotations: 0 };

/** What is kept of one plugin. */
export function readPluginEmits(db: Database, plugin: string): PluginRecord {
  return db.snapshot(() => ({
    findings: readFindings(db, "WHERE plugin = ? ORDER BY last_us DESC, key", plugin),
    metrics: readMetrics(db, "WHERE plugin = ?", plugin),
    annotations:
      db.get<{ count: number }>("SELECT count(*) AS count FROM plugin_annotations WHERE plugin = ?", plugin)
        ?.count ?? 0,
    dropped: {
      ...NONE_DROPPED,
      ...db.get<DroppedEmits>(
        "SELECT findings, metrics, annotations FROM plugin_dropped WHERE plugin = ?",
        plugin,
      ),
    },
  }));
}

/** What plugins found since `sinceUs`: of each plugin the gravest, then latest, at most `perPlugin`. */
export function latestPluginFindings(
  db: Database,
  { sinceUs, perPlugin }: { readonly sinceUs: number; readonly perPlugin: number },
): StoredFinding[] {
  return readFindings(
    db,
    `JOIN (SELECT plugin AS p, key AS k, row_number() OVER (PARTITION BY plugin ORDER BY
         CASE severity WHEN 'critical' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END, last_us DESC, key) AS place
       FROM plugin_findings WHERE last_us >= ?) ON p = plugin AND k = key
     WHERE place <= ? ORDER BY plugin, place`,
    sinceUs,
    perPlugin,
  );
}

/** The latest value of every metric of every plugin. */
export function latestPluginMetrics(db: Database): StoredMetric[] {
  return readMetrics(db, "");
}

/** What plugins noted on an event, by plugin and key. */
export function readAnnotations(db: Database, eventId: string): StoredAnnotation[] {
  const rows = db.all<{ plugin: string; version: string; key: string; value: string; time_us: number }>(
    "SELECT plugin, version, key, value, time_us FROM plugin_annotations WHERE event = ? ORDER BY plugin, key",
    hexToBytes(eventId, ID_BYTES),
  );
  return rows.map((row) => ({
    plugin: row.plugin,
    pluginVersion: row.version,
    key: row.key,
    value: row.value,
    time: formatTimeUs(row.time_us),
  }));
}

interface FindingRow {
  readonly plugin: string;
  readonly version: string;
  readonly key: string;
  readonly severity: Severity;
  readonly title: string;
  readonly detail: string;
  readonly server: string | null;
  readonly tool: string | null;
  readonly event: Uint8Array | null;
  readonly first_us: number;
  readonly last_us: number;
  readonly times: number;
}

function readFindings(db: Database, rest: string, ...values: (string | number)[]): StoredFinding[] {
  const rows = db.all<FindingRow>(
    `SELECT plugin, version, key, severity, title, detail, server, tool, first_us, last_us, times,
       (SELECT id FROM events WHERE id = plugin_findings.event) AS event FROM plugin_findings ${rest}`,
    ...values,
  );
  return rows.map((row) => ({
    plugin: row.plugin,
    pluginVersion: row.version,
    key: row.key,
    severity: row.severity,
    title: row.title,
    detail: row.detail,
    server: row.server,
    tool: row.tool,
    eventId: row.event === null ? null : formatId(row.event),
    firstTime: formatTimeUs(row.first_us),
    lastTime: formatTimeUs(row.last_us),
    times: row.times,
  }));
}

function readMetrics(db: Database, where: string, ...values: string[]): StoredMetric[] {
  const rows = db.all<Omit<StoredMetric, "lastTime" | "day"> & { start: number; last_us: number }>(
    // SQLite takes the other columns from the row that has the maximum.
    `SELECT plugin, name, unit, last, last_us, count, sum, min, max, max(start) AS start
     FROM plugin_metrics ${where} GROUP BY plugin, name ORDER BY plugin, name`,
    ...values,
  );
  return rows.map(({ start, last_us, ...row }) => ({
    ...row,
    lastTime: formatTimeUs(last_us),
    day: new Date(start * 1000).toISOString().slice(0, 10),
  }));
}
