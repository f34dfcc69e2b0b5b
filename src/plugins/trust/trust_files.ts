/** Files below `PluginPaths.trust`. @module */
import { join } from "node:path";
import type { PluginPaths } from "../paths.ts";

/** Where the root statements are kept. */
export function rootsFile({ trust }: Pick<PluginPaths, "trust">): string {
  return join(trust, "roots.json");
}

/** Where registries that were followed are kept. */
export function registriesFile({ trust }: Pick<PluginPaths, "trust">): string {
  return join(trust, "registries.json");
}
