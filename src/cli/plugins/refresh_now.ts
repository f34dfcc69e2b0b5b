/** Asks the registry, and says what became of each plugin. @module */
import { EXIT_CODES, KmError } from "../../core/error.ts";
import { painter, type Style } from "../../core/paint.ts";
import { printable } from "../../core/printable.ts";
import { fingerprint } from "../../plugins/package/signature.ts";
import { refresh, type RefreshedPlugin, type RefreshReport } from "../../plugins/trust/refresh.ts";
import { jsonText } from "../json_text.ts";
import { stdoutTerminal, write, writeError, writeLines } from "../terminal.ts";
import { currentLicence } from "./licence.ts";
import { configuredRegistry, installOptions, pluginHome } from "./plugin_home.ts";

/** Does it; returns the exit code. @throws {KmError} when the registry cannot be followed; usage when there is none to ask */
export async function refreshNow(
  { check, acceptNewKey, json }: {
    readonly check: boolean;
    readonly acceptNewKey: string | undefined;
    readonly json: boolean;
  },
): Promise<number> {
  const report = await refresh(pluginHome(), {
    ...installOptions(await currentLicence()),
    registry: configuredRegistry(),
    checkOnly: check,
    acceptNewKey: acceptNewKey ?? null,
  });
  if (json) write(`${jsonText(fields(report))}\n`);
  else show(report);
  if (report.registry === null) throw noRegistry();
  return report.plugins.some(({ outcome }) => outcome === "failed") ? EXIT_CODES.plugin_failed : 0;
}

/** Root keys were asked all the same: they revoke without a registry. */
function noRegistry(): KmError {
  return new KmError("usage", "No registry is set, so no plugin could be refreshed", {
    hint: "km config set plugins.registry <folder or https address>",
  });
}

function fields({ registry, rootsExpire, warnings, plugins }: RefreshReport): Record<string, unknown> {
  return {
    registry: registry && {
      place: registry.registry.place,
      keyId: registry.registry.key.id,
      isFirst: registry.isFirst,
      offline: registry.offline,
      expires: registry.registry.index.expires,
    },
    rootsExpire,
    warnings,
    plugins,
  };
}

function show({ registry, warnings, plugins }: RefreshReport): void {
  const paint = painter(stdoutTerminal().color);
  if (registry?.isFirst) {
    writeError(
      `the key of ${printable(registry.registry.place)} is seen here for the first time, and remembered: ${
        fingerprint(registry.registry.key)
      }\n`,
    );
  }
  for (const warning of warnings) writeError(`km: warning: ${printable(warning)}\n`);
  // Without a registry there is nothing that they could be in.
  const told = plugins.filter(({ outcome }) => registry !== null || outcome !== "unlisted");
  writeLines(told.map((plugin) => {
    const [words, style] = WORDS[plugin.outcome];
    const detail = plugin.detail === null ? "" : `: ${printable(plugin.detail)}`;
    return `${printable(plugin.name)} ${printable(plugin.version)}  ${paint(style, words(plugin))}${detail}`;
  }));
}

const WORDS: Readonly<
  Record<RefreshedPlugin["outcome"], readonly [words: (plugin: RefreshedPlugin) => string, style: Style]>
> = {
  revoked: [() => "revoked, and turned off", "red"],
  current: [() => "the newest", "green"],
  available: [({ newest }) => `${printable(newest ?? "")} is there`, "yellow"],
  updated: [({ newest }) => `is now ${printable(newest ?? "")}`, "green"],
  waiting: [
    ({ name, newest }) => `${printable(newest ?? "")} waits for "km plugins grant ${printable(name)}"`,
    "yellow",
  ],
  failed: [({ newest }) => `${printable(newest ?? "")} could not be installed`, "red"],
  unlisted: [() => "not in the registry", "dim"],
};
