/** What `km plugins` and `km plugins list` print. @module */
import { kmPaths } from "../../config/paths.ts";
import { printable } from "../../core/printable.ts";
import { pluginPaths } from "../../plugins/paths.ts";
import { readPluginsLock } from "../../plugins/trust/lock_file.ts";
import type { InstalledPlugin } from "../../plugins/trust/plugins_lock.ts";
import { jsonText } from "../json_text.ts";
import { type Column, table } from "../table.ts";
import { stdoutTerminal, writeError, writeLines } from "../terminal.ts";
import type { LIST_JSON } from "./list_contract.ts";

/** Prints the table; returns the exit code. */
export function listPlugins(json: boolean): number {
  const { plugins } = readPluginsLock(pluginPaths(kmPaths().home));
  if (json) {
    writeLines(plugins.map((plugin) => jsonText(listed(plugin))));
    return 0;
  }
  if (plugins.length === 0) {
    writeError('no plugins; "km plugins install <file>" installs one, "km plugins new <name>" begins one\n');
    return 0;
  }
  writeLines(table(plugins, COLUMNS, stdoutTerminal()));
  for (const { name, waiting } of plugins) {
    if (waiting === null) continue;
    writeError(
      `${printable(name)} ${printable(waiting.version)} is there and wants more than you granted: ` +
        `"km plugins grant ${printable(name)}" shows what\n`,
    );
  }
  return 0;
}

function listed(plugin: InstalledPlugin): Record<keyof typeof LIST_JSON, unknown> {
  const { name, version, publisher, keyId, enabled, disabledBecause, grants, waiting, source, installedAt } =
    plugin;
  return {
    name,
    version,
    publisher,
    keyId,
    enabled,
    disabledBecause,
    grants,
    waitingVersion: waiting?.version ?? null,
    source,
    installedAt,
  };
}

/** Enough of a key to tell it from others in a table; never to compare with what a publisher says. */
const SHORT_KEY = 12;
const COLUMNS: readonly Column<InstalledPlugin>[] = [
  { title: "PLUGIN", cell: ({ name }) => name, least: 12 },
  { title: "VERSION", cell: ({ version }) => version, least: 8 },
  {
    title: "STATE",
    cell: ({ enabled, disabledBecause }) => enabled ? "on" : disabledBecause ?? "disabled",
    style: ({ enabled }) => enabled ? "green" : "yellow",
    least: 8,
  },
  { title: "PUBLISHER", cell: ({ publisher }) => publisher, least: 8 },
  { title: "KEY", cell: ({ keyId }) => keyId.slice(0, SHORT_KEY), style: () => "dim", rank: 2 },
  { title: "FROM", cell: ({ source }) => source, style: () => "dim", least: 10, rank: 1, last: true },
];
