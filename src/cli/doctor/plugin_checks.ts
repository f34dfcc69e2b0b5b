/** What is installed as plugins, and whether it is still what was installed. A home without plugins has none of these checks. @module */
import { KmError } from "../../core/error.ts";
import { plural } from "../../core/quantity.ts";
import type { PluginPaths } from "../../plugins/paths.ts";
import { readPluginsLock } from "../../plugins/trust/lock_file.ts";
import type { InstalledPlugin, PluginsLock } from "../../plugins/trust/plugins_lock.ts";
import { type Check, fail, ok, warn } from "./check.ts";

const NAME = "plugins.lock";

/** True when one is to run: then a Deno is needed. Also when that cannot be told. */
export function needsRuntime(paths: PluginPaths): boolean {
  try {
    return readPluginsLock(paths).plugins.some(({ enabled }) => enabled);
  } catch {
    return true;
  }
}

/** Runs all checks of this file. */
export async function pluginChecks(paths: PluginPaths): Promise<Check[]> {
  let lock: PluginsLock;
  try {
    if (!isThere(paths.lockFile)) return [];
    lock = readPluginsLock(paths);
  } catch (error) {
    if (!(error instanceof KmError)) throw error;
    return [fail(NAME, error.message, error.hint ?? "see the message")];
  }
  return [lockCheck(lock), ...await Promise.all(lock.plugins.map((plugin) => packageCheck(paths, plugin)))];
}

function lockCheck({ plugins }: PluginsLock): Check {
  const on = plugins.filter(({ enabled }) => enabled).length;
  return ok(NAME, `${plural(plugins.length, "plugin")}, ${on} on`);
}

/** What was installed is read and proven as before a start. */
async function packageCheck(paths: PluginPaths, plugin: InstalledPlugin): Promise<Check> {
  const name = `plugins.${plugin.name}`;
  // Reading packages is a good part of km; "km help" loads every command.
  const { loadInstalled } = await import("../../plugins/trust/installed.ts");
  try {
    await loadInstalled(paths, plugin);
  } catch (error) {
    if (!(error instanceof KmError)) throw error;
    const hint = error.hint ?? "see the message";
    return plugin.enabled ? fail(name, error.message, hint) : warn(name, error.message, hint);
  }
  const { version, enabled, disabledBecause, waiting } = plugin;
  if (disabledBecause !== null) {
    return warn(
      name,
      `${version}, off: ${disabledBecause}`,
      `"km plugins enable ${plugin.name}" once that is mended`,
    );
  }
  if (waiting !== null) {
    return warn(
      name,
      `${version}; ${waiting.version} is there and wants more than was granted`,
      `"km plugins grant ${plugin.name}" shows what`,
    );
  }
  return ok(name, `${version}, ${enabled ? "as it was installed" : "disabled"}`);
}

/** A home that cannot be read is the matter of another check. */
function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
