/** What changes of plugins work on here: the home of this user, and what this km is. @module */
import { settingText } from "../../config/config.ts";
import { environment, readEnv } from "../../config/environment.ts";
import { kmPaths, userHome } from "../../config/paths.ts";
import { settingOf } from "../../config/settings.ts";
import { systemClock } from "../../core/clock.ts";
import { pluginPaths } from "../../plugins/paths.ts";
import { proxyProblem } from "../../plugins/permissions/proxy.ts";
import type { InstallOptions } from "../../plugins/trust/plan_install.ts";
import type { PluginHome } from "../../plugins/trust/plugin_home.ts";
import { registryPlace } from "../../plugins/trust/registry_place.ts";
import { PROTOCOL_VERSIONS } from "../../plugins/wire/versions.ts";
import type { Licence } from "../../auth/licence.ts";
import { VERSION } from "../commands/version.ts";

/** The home that KM_HOME names. */
export function pluginHome(): PluginHome {
  const { home } = kmPaths();
  return {
    paths: pluginPaths(home),
    homes: { home: userHome(readEnv), kmHome: home },
    nowMs: () => systemClock.nowUs() / 1000,
  };
}

/** What is so here, for `planInstall`. */
export function installOptions({ tier, customerId }: Licence): Pick<InstallOptions, "here" | "proxyProblem"> {
  return {
    here: { kmVersion: VERSION, tier, customerId, protocolVersions: PROTOCOL_VERSIONS },
    proxyProblem: proxyProblem(environment()),
  };
}

/** Null: none is set. @throws {KmError} usage when it is no place */
export function configuredRegistry(): string | null {
  const place = settingText(settingOf("plugins.registry")).trim();
  return place === "none" || place === "" ? null : registryPlace(place);
}
