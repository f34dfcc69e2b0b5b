/** What would keep plugins from running, found by looking: for when no host runs that could say it. @module */
import { lookForDeno } from "../../proc/deno_runtime.ts";
import { KmError } from "../../core/error.ts";
import type { PluginPaths } from "../../plugins/paths.ts";
import { loadInstalled } from "../../plugins/trust/installed.ts";
import type { InstalledPlugin } from "../../plugins/trust/plugins_lock.ts";
import { settingText } from "../../config/config.ts";
import { settingOf } from "../../config/settings.ts";
import { type Licence, notCovered } from "../../auth/licence.ts";
import { denoPlaces } from "../deno_for_plugins.ts";

/** What `findProblems` found. */
export interface Problems {
  /** What keeps all of them from running: no Deno; null: nothing. */
  readonly all: string | null;
  /** What keeps that one from running; null: nothing. */
  of(name: string): string | null;
}

/** Looks at plugins that are on; for others nothing is read. */
export async function findProblems(
  paths: PluginPaths,
  plugins: readonly InstalledPlugin[],
  licence: Licence,
): Promise<Problems> {
  const enabled = plugins.filter((plugin) => plugin.enabled);
  const all = enabled.length === 0 ? null : await runtimeProblem();
  const found = new Map<string, string>();
  for (const plugin of enabled) {
    const problem = await packageProblem(paths, plugin, licence);
    if (problem !== null) found.set(plugin.name, problem);
  }
  return { all, of: (name) => found.get(name) ?? all };
}

async function runtimeProblem(): Promise<string | null> {
  if (settingText(settingOf("plugins.enabled")) === "off") return "the setting plugins.enabled is off";
  const found = await lookForDeno(denoPlaces());
  switch (found.status) {
    case "ready":
    case "packed":
      return null;
    case "refused":
      return `KM_DENO is ${found.path}, and ${found.reason}`;
    case "off":
      return `there is no Deno to run plugins on; "km doctor --fix plugins.runtime" downloads one`;
  }
}

async function packageProblem(
  paths: PluginPaths,
  plugin: InstalledPlugin,
  licence: Licence,
): Promise<string | null> {
  try {
    const { manifest } = await loadInstalled(paths, plugin);
    return notCovered(licence, manifest);
  } catch (error) {
    if (!(error instanceof KmError)) throw error;
    return error.message;
  }
}
