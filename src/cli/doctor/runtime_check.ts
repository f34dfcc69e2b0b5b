/** The Deno that plugins run on: from where, or why there is none; and what brings one. @module */
import { kmPaths } from "../../config/paths.ts";
import { formatBytes } from "../../core/quantity.ts";
import { findUnfinished } from "../../proc/deno_copy.ts";
import { DOWNLOAD_BYTES } from "../../proc/deno_download.ts";
import { DENO_VERSION } from "../../proc/deno_pins.ts";
import {
  type DenoOff,
  type DenoPlace,
  type DenoPlaces,
  findDeno,
  lookForDeno,
} from "../../proc/deno_runtime.ts";
import { needsRuntime } from "./plugin_checks.ts";
import { denoPlaces, npmRegistry } from "../deno_for_plugins.ts";
import { ProgressLine } from "../progress_line.ts";
import { pluginPaths } from "../../plugins/paths.ts";
import { type Check, fail, ok, type Repair, warn } from "./check.ts";

const NAME = "plugins.runtime";

/** How each place is called in a sentence. */
const PLACES: Readonly<Record<DenoPlace, string>> = {
  KM_DENO: "named by KM_DENO",
  km: "the one that km runs on",
  copy: "km's own copy",
  embedded: "built into km",
  PATH: "from PATH",
};

/** Runs all checks of this file. */
export async function runtimeChecks(
  places: DenoPlaces = denoPlaces(),
  registry: string | null = npmRegistry(),
  isNeeded: boolean = needsRuntime(pluginPaths(kmPaths().home)),
): Promise<Check[]> {
  return [await denoCheck(places, registry, isNeeded), ...await leftoverChecks(places)];
}

/** `isNeeded`: a plugin is installed and on. */
async function denoCheck(places: DenoPlaces, registry: string | null, isNeeded: boolean): Promise<Check> {
  const found = await lookForDeno(places);
  switch (found.status) {
    case "ready":
      return ok(NAME, `Deno ${found.version}, ${PLACES[found.from]}: ${found.path}`);
    case "packed":
      return ok(
        NAME,
        `Deno ${found.version}, built into km; unpacked into ${places.folder} when it is first needed`,
      );
    case "refused":
      return fail(NAME, `plugins are off: KM_DENO is ${found.path}, and ${found.reason}`, found.hint);
    case "off": {
      const repair = downloading(places, registry);
      if (isNeeded) {
        return warn(NAME, `plugins are off, all else works: ${reasonsOf(found)}`, found.hint, repair);
      }
      // Nothing lacks it.
      return {
        ...ok(NAME, `none for plugins, and none is on; all else works: ${reasonsOf(found)}`),
        hint: found.hint,
        repair,
      };
    }
  }
}

function reasonsOf({ reasons }: DenoOff): string {
  return reasons.map(({ place, reason }) => `${place === "km" ? "km's own" : place}: ${reason}`).join("; ");
}

/** Fetches the Deno that plugins run on; null where none is pinned for this system. */
export function downloading(places: DenoPlaces, registry: string | null): Repair | null {
  if (places.pin === null) return null;
  const size = formatBytes(DOWNLOAD_BYTES);
  return {
    does: `download Deno ${DENO_VERSION} for plugins, about ${size}, from ${
      registryName(registry)
    } into ${places.folder}`,
    onlyAsked: true,
    async run() {
      using line = new ProgressLine();
      const found = await findDeno(places, {
        registry,
        onProgress: (received, total) =>
          line.show(`${formatBytes(received)}${total === null ? "" : ` of ${formatBytes(total)}`}`),
      });
      if (found.status !== "ready") return "nothing: what there is has changed since; run km doctor again";
      return found.from === "copy"
        ? `downloaded Deno ${found.version} to ${found.path}, with the SHA-256 that km was built with`
        : `nothing: there is Deno ${found.version} now, ${PLACES[found.from]}`;
    },
  };
}

/** What a download that was killed has left: half a file of 96 MB. */
async function leftoverChecks({ folder }: DenoPlaces): Promise<Check[]> {
  const unfinished = await findUnfinished(folder).catch(() => []);
  if (unfinished.length === 0) return [];
  const repair: Repair = {
    does: `remove ${unfinished.join(" and ")}`,
    async run() {
      // Looked for again: another download may have begun since.
      const paths = await findUnfinished(folder);
      for (const path of paths) await Deno.remove(path);
      return `removed ${paths.join(" and ")}`;
    },
  };
  return [
    warn(
      `${NAME}.leftovers`,
      "a download of Deno was cut off",
      "the next download removes what is left of it",
      repair,
    ),
  ];
}

/** The registry's host alone: an address may hold a password. */
function registryName(registry: string | null): string {
  if (registry === null) return "an npm registry (none is known: set NPM_CONFIG_REGISTRY)";
  return URL.parse(registry)?.host ?? "the registry in NPM_CONFIG_REGISTRY";
}
