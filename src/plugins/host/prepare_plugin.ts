/** Before each launch: the package is proven again, its licence looked at, what was granted turned into what Deno is told. @module */
import { KmError } from "../../core/error.ts";
import type { Tier } from "../../core/plugin.ts";
import { readOwnFile } from "../../proc/private_file.ts";
import type { Homes } from "../package/folder_rules.ts";
import type { Manifest } from "../manifest.ts";
import { checkUsable } from "../package/usable.ts";
import { configPath, type PluginPaths } from "../paths.ts";
import { intersect } from "../permissions/compare.ts";
import { resolveGrants } from "../permissions/resolve.ts";
import { loadInstalled } from "../trust/installed.ts";
import type { InstalledPlugin } from "../trust/plugins_lock.ts";
import { PROTOCOL_VERSIONS } from "../wire/versions.ts";
import type { AuthMemory } from "./auth_memory.ts";
import { limitsInForce, type SettingText } from "./limits_in_force.ts";
import type { PreparedPlugin } from "./prepared_plugin.ts";

const MAX_CONFIG_BYTES = 256 * 1024;

/** What a licence opens, as plugins need it. */
export interface HostLicence {
  /** What is open now. */
  readonly tier: Tier;
  /** The only plugins that it counts for; null: all. */
  readonly plugins: readonly string[] | null;
  readonly customerId: string | null;
  /** Seconds since the Unix epoch. */
  readonly expiresAtS: number | null;
  /** Why it is not valid; null: nothing to say. */
  readonly reason: string | null;
}

/** Whose answers they are: those of another version or signer are not these. */
export interface AuthSubject {
  readonly plugin: string;
  readonly version: string;
  /** Of the key that signed it. */
  readonly keyId: string;
}

export interface PrepareDeps {
  readonly paths: PluginPaths;
  readonly homes: Homes;
  readonly kmVersion: string;
  readonly setting: SettingText;
  /** All of km's own: the sandbox takes what was granted. */
  readonly env: () => Readonly<Record<string, string>>;
  readonly licence: () => HostLicence;
  /** Where the answers of a plugin's own check of the licence are kept; null: nowhere. */
  readonly authMemory: (subject: AuthSubject) => AuthMemory | null;
  /** Path of the Deno that plugins run on. @throws {KmError} when there is none */
  readonly deno: () => Promise<string>;
  readonly wallMs: () => number;
}

/** All that a launch takes. @throws {KmError} why it may not run: not_trusted, not_granted, unsupported, plugin_failed, store_unavailable */
export async function preparePlugin(plugin: InstalledPlugin, deps: PrepareDeps): Promise<PreparedPlugin> {
  const { manifest, code, key } = await loadInstalled(deps.paths, plugin);
  const licence = licenceFor(plugin.name, deps.licence());
  const { tier, customerId, expiresAtS } = licence;
  refuseUnusable(manifest, licence, deps);
  const granted = intersect(manifest.permissions, plugin.grants);
  return {
    manifest,
    code,
    scope: granted.data,
    permissions: resolveGrants(granted, deps.homes),
    limits: limitsInForce(manifest.limits, deps.setting),
    env: deps.env(),
    configJson: readConfig(deps.paths, plugin.name),
    licence: { tier, customerId, expiresAtS },
    authMemory: deps.authMemory({ plugin: plugin.name, version: plugin.version, keyId: key.id }),
    deno: await deps.deno(),
    niceness: Number(deps.setting("plugins.niceness")),
  };
}

function refuseUnusable(manifest: Manifest, licence: HostLicence, deps: PrepareDeps): void {
  const { tier, customerId, reason } = licence;
  try {
    checkUsable(manifest, {
      nowMs: deps.wallMs(),
      kmVersion: deps.kmVersion,
      tier,
      customerId,
      protocolVersions: PROTOCOL_VERSIONS,
      // Which release may be installed was decided when it was.
      installedSequence: null,
      allowDowngrade: false,
    });
  } catch (error) {
    if (!(error instanceof KmError) || error.code !== "not_granted" || reason === null) throw error;
    const { code, message, hint } = error;
    throw new KmError(code, `${message}: ${reason}`, { ...(hint !== undefined && { hint }), cause: error });
  }
}

/** The licence as it counts for one plugin. */
export function licenceFor(name: string, licence: HostLicence): HostLicence {
  if (licence.plugins === null || licence.plugins.includes(name)) return licence;
  return { ...licence, tier: "free", customerId: null };
}

function readConfig(paths: PluginPaths, name: string): string {
  const path = configPath(paths, name);
  const bytes = readOwnFile(path, MAX_CONFIG_BYTES);
  if (bytes === null) return "{}";
  const text = new TextDecoder().decode(bytes);
  try {
    JSON.parse(text);
    return text;
  } catch (cause) {
    throw new KmError("plugin_failed", `Cannot read "${path}": ${(cause as Error).message}`, {
      hint: "it is the configuration of the plugin, and must be JSON",
      cause,
    });
  }
}
