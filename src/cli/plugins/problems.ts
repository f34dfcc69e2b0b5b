/** What would keep plugins from running, found by looking: for when no host runs that could say it. @module */
import { accessSync, constants } from "node:fs";
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
  /** What keeps all of them from running: no Deno, a home that cannot be written; null: nothing. */
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
  const all = enabled.length === 0 ? null : homeProblem(paths) ?? await runtimeProblem();
  const found = new Map<string, string>();
  for (const plugin of enabled) {
    const problem = await packageProblem(paths, plugin, licence);
    if (problem !== null) found.set(plugin.name, problem);
  }
  return { all, of: (name) => found.get(name) ?? all };
}

/** A host writes where it can be found, and what plugins keep. Nothing is written to find out. */
export function homeProblem({ folder, lockFile }: PluginPaths): string | null {
  try {
    // Says so where the whole disk is read-only, too, which the modes of a folder do not.
    Deno.openSync(lockFile, { write: true }).close();
    // To root, modes are no matter; to Windows they mean other things.
    if ((Deno.uid() ?? 0) > 0) accessSync(folder, constants.W_OK);
    return null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || (error as { code?: string }).code === "ENOENT") return null;
    return `"${folder}" cannot be written, and the plugin host has to: ${(error as Error).message}`;
  }
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
