/** Reads an installed plugin, proves it, and prints what it is. @module */
import { kmPaths } from "../../config/paths.ts";
import { painter } from "../../core/paint.ts";
import { printable, printableLines } from "../../core/printable.ts";
import { formatBytes } from "../../core/quantity.ts";
import type { PermissionLine } from "../../plugins/grants.ts";
import type { Limits } from "../../plugins/manifest.ts";
import { pluginPaths } from "../../plugins/paths.ts";
import { intersect, missing } from "../../plugins/permissions/compare.ts";
import { describePermissions } from "../../plugins/permissions/describe.ts";
import { installedFolder, type LoadedPlugin, loadInstalled } from "../../plugins/trust/installed.ts";
import { pluginNamed, readPluginsLock } from "../../plugins/trust/lock_file.ts";
import type { InstalledPlugin, PluginsLock } from "../../plugins/trust/plugins_lock.ts";
import { isSamePublisher } from "../../plugins/trust/publisher_name.ts";
import type { PluginRecord } from "../../store/plugin_emits_reader.ts";
import { jsonText } from "../json_text.ts";
import { stdoutTerminal, type Terminal, write, writeLines } from "../terminal.ts";
import { type ConsentView, permissionLines, whoLines } from "./consent.ts";
import { readRecord, recordLines } from "./plugin_record.ts";

/** A README may be long; the first lines say what it is. */
const README_LINES = 20;
const MAX_COLUMNS = 100;

/** Prints it; returns the exit code. @throws {KmError} not_found; not_trusted when it is not what was installed */
export async function showInfo(name: string, json: boolean): Promise<number> {
  const paths = pluginPaths(kmPaths().home);
  const lock = readPluginsLock(paths);
  const plugin = pluginNamed(lock, name);
  const loaded = await loadInstalled(paths, plugin);
  const info = infoOf(lock, plugin, loaded, installedFolder(paths, plugin));
  const record = await readRecord(name);
  if (json) write(`${jsonText({ ...info, ...recordFields(record) })}\n`);
  else writeLines(infoLines(info, record, stdoutTerminal()));
  return 0;
}

function infoOf(lock: PluginsLock, plugin: InstalledPlugin, loaded: LoadedPlugin, folder: string) {
  const { manifest, key, manifestSha256, readme } = loaded;
  const { permissions } = manifest;
  const granted = intersect(permissions, plugin.grants);
  const pinned = lock.publishers.find((one) =>
    one.key.id === key.id && isSamePublisher(one.publisher, manifest.publisher)
  );
  return {
    name: manifest.name,
    version: manifest.version,
    description: manifest.description,
    publisher: manifest.publisher,
    keyId: key.id,
    keyAlgorithm: key.alg,
    keyVouchedBy: pinned?.by ?? null,
    requiredTier: manifest.requiredTier,
    customerId: manifest.customerId,
    enabled: plugin.enabled,
    disabledBecause: plugin.disabledBecause,
    permissions,
    granted: describePermissions(granted),
    notGranted: describePermissions(missing(permissions, granted), permissions),
    limits: manifest.limits,
    protocol: manifest.protocol,
    releaseSequence: manifest.releaseSequence,
    notBefore: manifest.notBefore,
    expires: manifest.expires,
    manifestSha256,
    source: plugin.source,
    installedAt: plugin.installedAt,
    folder,
    waitingVersion: plugin.waiting?.version ?? null,
    readme: readme === null ? null : new TextDecoder().decode(readme),
  };
}

type Info = ReturnType<typeof infoOf>;

function recordFields({ dropped, ...record }: PluginRecord) {
  return { ...record, droppedEmits: dropped };
}

function infoLines(info: Info, record: PluginRecord, terminal: Terminal): string[] {
  const paint = painter(terminal.color);
  const columns = Math.min(terminal.columns, MAX_COLUMNS);
  const state = info.enabled ? "on" : `off: ${printable(info.disabledBecause ?? "you disabled it")}`;
  const section = (title: string, lines: readonly PermissionLine[]) =>
    lines.length === 0 ? [] : ["", paint("bold", title), ...permissionLines(lines, columns, terminal)];
  return [
    ...whoLines(viewOf(info), terminal),
    `installed  ${info.installedAt}, in ${printable(info.folder)}`,
    `release    ${info.releaseSequence}${info.expires === null ? "" : `, expires ${info.expires}`}`,
    `limits     ${describeLimits(info.limits)}`,
    `state      ${state}`,
    ...(info.waitingVersion === null ? [] : [
      `update     ${printable(info.waitingVersion)} waits: "km plugins grant ${info.name}" shows for what`,
    ]),
    ...section("It may:", info.granted),
    ...section("It asked for this too, and may not:", info.notGranted),
    ...(info.granted.length === 0 ? ["", "It may open no file and no connection, and sees no message."] : []),
    ...recordLines(record, paint),
    ...readmeLines(info.readme),
  ];
}

function viewOf(info: Info): ConsentView {
  return {
    ...info,
    key: { id: info.keyId, algorithm: info.keyAlgorithm, standing: "same", before: null },
    tier: info.requiredTier,
    wanted: [],
    update: null,
    warnings: [],
  };
}

function describeLimits(
  { heapMiB, residentMiB, cpuPercent, messageMs, queueMessages, queueBytes }: Limits,
): string {
  return `heap ${heapMiB} MiB, memory ${residentMiB} MiB, ${cpuPercent} % of a processor, ${messageMs} ms a message, ` +
    `queue ${queueMessages} messages and ${formatBytes(queueBytes)}`;
}

function readmeLines(readme: string | null): string[] {
  if (readme === null) return [];
  const lines = printableLines(readme).trimEnd().split("\n");
  const more = lines.length - README_LINES;
  return [
    "",
    ...lines.slice(0, README_LINES).map((line) => `  | ${line}`),
    ...(more > 0 ? [`  | … and ${more} more lines; --json has them`] : []),
  ];
}
