/** What a plugin gave back, from the database: for `km plugins info`, and for removing it with the plugin. @module */
import { kmPaths } from "../../config/paths.ts";
import type { Paint } from "../../core/paint.ts";
import { printable } from "../../core/printable.ts";
import { formatCount, plural } from "../../core/quantity.ts";
import { openDatabase } from "../../store/database.ts";
import { removePluginEmits } from "../../store/plugin_emits.ts";
import { type PluginRecord, readPluginEmits } from "../../store/plugin_emits_reader.ts";
import { withStore } from "../read_store.ts";

/** How long to wait for a monitor's transaction, in ms. */
const LOCK_MS = 5_000;
/** Findings and metrics that are listed; `--json` has all. */
const LISTED = 10;

const NOTHING: PluginRecord = {
  findings: [],
  metrics: [],
  annotations: 0,
  dropped: { findings: 0, metrics: 0, annotations: 0 },
};

/** What is kept of a plugin; nothing where nothing was ever recorded. @throws {KmError} store_… */
export async function readRecord(name: string): Promise<PluginRecord> {
  let record = NOTHING;
  await withStore((db) => {
    record = readPluginEmits(db, name);
    return 0;
  }, () => 0);
  return record;
}

/** Forgets what a plugin gave back. @throws {KmError} store_… */
export async function forgetRecord(name: string): Promise<void> {
  const { database } = kmPaths();
  // Where nothing was ever recorded no database is made for it.
  await withStore(() => {
    using db = openDatabase(database, { mode: "write", busyTimeoutMs: LOCK_MS });
    removePluginEmits(db, name);
    return 0;
  }, () => 0);
}

/** Lines for people; none where it gave back nothing. */
export function recordLines(record: PluginRecord, paint: Paint): string[] {
  const { findings, metrics, annotations, dropped } = record;
  const lost = dropped.findings + dropped.metrics + dropped.annotations;
  return [
    ...section(
      paint("bold", "It found:"),
      findings.map((finding) =>
        `  ${finding.severity.padEnd(8)} ${finding.lastTime}  ${printable(finding.title)}`
      ),
    ),
    ...section(
      paint("bold", "It measured:"),
      metrics.map((metric) =>
        `  ${printable(metric.name)} = ${metric.last} ${printable(metric.unit)}  (${metric.day}: ${
          formatCount(metric.count)
        } values, ${metric.min} to ${metric.max})`
      ),
    ),
    ...(annotations === 0
      ? []
      : ["", `It noted something on events: ${plural(annotations, "note")}; "km show" tells`]),
    ...(lost === 0
      ? []
      : ["", `${plural(lost, "result")} of it were too many or not valid, and are not kept`]),
  ];
}

function section(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  const more = lines.length - LISTED;
  return [
    "",
    title,
    ...lines.slice(0, LISTED),
    ...(more > 0 ? [`  … and ${more} more; --json has them`] : []),
  ];
}
