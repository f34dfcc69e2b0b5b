/** Grants more, after showing what it means where it was not spelled. @module */
import { KmError } from "../../core/error.ts";
import { printable } from "../../core/printable.ts";
import type { Permissions } from "../../plugins/manifest.ts";
import { isNothing, missing, NOTHING, unite } from "../../plugins/permissions/compare.ts";
import { describePermissions } from "../../plugins/permissions/describe.ts";
import { parseTokens, tokensOf } from "../../plugins/permissions/tokens.ts";
import { loadInstalled } from "../../plugins/trust/installed.ts";
import { pluginNamed, readPluginsLock } from "../../plugins/trust/lock_file.ts";
import { grant } from "../../plugins/trust/manage.ts";
import type { PluginHome } from "../../plugins/trust/plugin_home.ts";
import type { InstalledPlugin } from "../../plugins/trust/plugins_lock.ts";
import { askYesNo, canAsk } from "../ask.ts";
import { stdoutTerminal, writeError, writeLines } from "../terminal.ts";
import { report } from "./change_plugin.ts";
import { permissionLines } from "./consent.ts";
import { commandLine } from "./install_plugin.ts";
import { pluginHome } from "./plugin_home.ts";

const MAX_COLUMNS = 100;

/** Grants what `tokens` spell, else what is missing after asking. @throws {KmError} not_found, usage, not_granted, not_trusted */
export async function grantNow(name: string, tokens: readonly string[], json: boolean): Promise<number> {
  const home = pluginHome();
  const plugin = pluginNamed(readPluginsLock(home.paths), name);
  const granted = tokens.length > 0 ? parseTokens(tokens) : await askForMissing(home, plugin, json);
  if (granted === null) {
    report({ outcome: "granted", name, plugin }, json, "has all that it asks for");
    return 0;
  }
  const result = await grant(home, name, granted);
  const { version, grants } = result.plugin;
  const held = tokensOf(grants).map(printable).join(" ") || "nothing";
  const wants = isNothing(result.missing)
    ? ""
    : `; its update still wants ${tokensOf(result.missing).map(printable).join(" ")}`;
  const words = result.updated ? `is now ${printable(version)}, and may: ${held}` : `may: ${held}${wants}`;
  report(
    { outcome: result.updated ? "updated" : "granted", name, plugin: result.plugin, missing: result.missing },
    json,
    words,
  );
  return 0;
}

/** What the user agreed to; null: nothing is missing. @throws {KmError} not_granted */
async function askForMissing(
  home: PluginHome,
  plugin: InstalledPlugin,
  json: boolean,
): Promise<Permissions | null> {
  const { name, waiting } = plugin;
  const { permissions } = (await loadInstalled(home.paths, plugin)).manifest;
  const wanted = unite(missing(permissions, plugin.grants), waiting?.missing ?? NOTHING);
  if (isNothing(wanted)) return null;
  const lines = wantedLines(plugin, wanted, unite(permissions, waiting?.missing ?? NOTHING));
  if (!json && canAsk()) {
    writeLines([...lines, ""]);
    if (askYesNo(`Allow all of this to ${printable(name)}?`, false)) return wanted;
    throw new KmError("not_granted", `Nothing was granted: you did not agree to what "${name}" wants`);
  }
  if (json) report({ outcome: "not_granted", name, plugin, missing: wanted }, json, "");
  else writeError(`${lines.join("\n")}\n\n`);
  throw new KmError(
    "not_granted",
    `Nothing was granted to "${name}": it wants ${
      tokensOf(wanted).join(", ")
    }, and there is no terminal to ask`,
    { hint: `if it may do all that: ${commandLine(["grant", name], wanted)}` },
  );
}

function wantedLines(
  { name, version, waiting }: InstalledPlugin,
  wanted: Permissions,
  within: Permissions,
): string[] {
  const terminal = stdoutTerminal();
  const update = waiting === null ? "" : `; ${printable(waiting.version)} waits`;
  return [
    `${printable(name)} ${printable(version)}${update}. Beyond what you granted, it would be allowed to:`,
    ...permissionLines(
      describePermissions(wanted, within),
      Math.min(terminal.columns, MAX_COLUMNS),
      terminal,
    ),
  ];
}
