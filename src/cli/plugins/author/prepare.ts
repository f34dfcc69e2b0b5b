/** What it takes to run a plugin's folder in the sandbox: its code, its permissions, its configuration, a Deno. @module */
import { join, resolve } from "node:path";
import denoJson from "../../../../deno.json" with { type: "json" };
import { environment } from "../../../config/environment.ts";
import { parseJsonc } from "../../../config/jsonc.ts";
import { kmPaths, userHome } from "../../../config/paths.ts";
import { KmError } from "../../../core/error.ts";
import { compilePlugin } from "../../../plugins/author/compile.ts";
import { packProject } from "../../../plugins/author/pack.ts";
import { type Project, readProject } from "../../../plugins/author/project.ts";
import type { ReplayOptions } from "../../../plugins/author/replay.ts";
import { openPackage } from "../../../plugins/package/package.ts";
import { pluginPaths } from "../../../plugins/paths.ts";
import { resolveGrants } from "../../../plugins/permissions/resolve.ts";
import { denoTool } from "./deno_tool.ts";

/** What is read in a folder when nobody names another file. */
export const FIXTURE_FILE = "fixture.jsonl";
/** A configuration to try with, when it lies there. */
const CONFIG_FILE = "config.jsonc";

export interface PrepareOptions {
  /** The configuration's file; null: `config.jsonc` of the folder, if there is one. */
  readonly config: string | null;
  readonly check: boolean;
  readonly state: Map<string, string>;
  readonly signal?: AbortSignal;
}

export interface Prepared {
  readonly project: Project;
  readonly replay: ReplayOptions;
}

/** Compiles the plugin, and makes ready what it runs in. @throws {KmError} for everything that is wrong with it */
export async function prepare(
  folder: string,
  { config, check, state, signal }: PrepareOptions,
): Promise<Prepared> {
  const project = await readProject(resolve(folder));
  const deno = await denoTool();
  if (deno.path === null) {
    throw new KmError("unsupported", `Cannot run a plugin: ${deno.reason}`, { hint: deno.hint });
  }
  const { code } = await compilePlugin(project, { deno, check, ...(signal && { signal }) });
  // What runs here is what would be packed: also the manifest has gone through the checks of a package.
  const { manifest } = openPackage(packProject(project, code));
  const { home } = kmPaths();
  return {
    project,
    replay: {
      manifest,
      code,
      deno: deno.path,
      runtime: pluginPaths(home).runtime,
      permissions: resolveGrants(manifest.permissions, { home: userHome(), kmHome: home }),
      env: environment(),
      configJson: JSON.stringify(await readConfig(project.folder, config)),
      kmVersion: denoJson.version,
      state,
    },
  };
}

async function readConfig(folder: string, config: string | null): Promise<unknown> {
  const path = config === null ? join(folder, CONFIG_FILE) : resolve(config);
  try {
    return parseJsonc(await Deno.readTextFile(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound && config === null) return {};
    throw new KmError("usage", `Cannot read the configuration "${path}": ${(error as Error).message}`, {
      cause: error,
    });
  }
}
