/** `km plugins refresh`: what the registry and km's roots say now is taken over: revoked plugins go off, updates come, as far as they were granted. @module */
import { KmError } from "../../core/error.ts";
import { tokensOf } from "../permissions/tokens.ts";
import { NOTHING } from "../permissions/compare.ts";
import { commitInstall } from "./commit_install.ts";
import { readPluginsLock } from "./lock_file.ts";
import { disableBecause } from "./manage.ts";
import { type InstallOptions, planInstall } from "./plan_install.ts";
import type { PluginHome } from "./plugin_home.ts";
import type { InstalledPlugin } from "./plugins_lock.ts";
import { type FollowedRegistry, followRegistry } from "./registry.ts";
import { releaseOf } from "./registry_index.ts";
import { readTrust } from "./revocations.ts";

export interface RefreshOptions extends InstallOptions {
  /** Look for updates and say so, and install none. */
  readonly checkOnly?: boolean;
}

export interface RefreshReport {
  /** Null: no registry is set. */
  readonly registry: FollowedRegistry | null;
  /** When the root statements end; null: there are none. */
  readonly rootsExpire: string | null;
  /** For people: what is to be renewed. */
  readonly warnings: readonly string[];
  readonly plugins: readonly RefreshedPlugin[];
}

/** What became of an installed plugin. */
export interface RefreshedPlugin {
  readonly name: string;
  /**
   * `revoked`: it was turned off. `current`: there is nothing newer. `available`: there is, and only that was asked. `waiting`: it wants more than
   * was granted. `failed`: it could not be installed. `unlisted`: the registry does not have it.
   */
  readonly outcome: "revoked" | "current" | "available" | "updated" | "waiting" | "failed" | "unlisted";
  readonly version: string;
  /** The newest in the registry; null: none is. */
  readonly newest: string | null;
  /** For people: why it was revoked, what is missing, what failed; null: nothing to say. */
  readonly detail: string | null;
}

/** @throws {KmError} when the registry cannot be followed; what is installed goes on as it is */
export async function refresh(home: PluginHome, options: RefreshOptions): Promise<RefreshReport> {
  const registry = options.registry === null ? null : await followRegistry(home, options.registry, {
    acceptNewKey: options.acceptNewKey ?? null,
    ...(options.transfer && { transfer: options.transfer }),
  });
  const revoked = await disableRevoked(home);
  const plugins: RefreshedPlugin[] = [];
  for (const plugin of readPluginsLock(home.paths).plugins) {
    plugins.push(revoked.get(plugin.name) ?? await refreshOne(home, plugin, registry, options));
  }
  const { chain } = await readTrust(home.paths, home.roots);
  const rootsExpire = chain.newest?.expires ?? null;
  return { registry, rootsExpire, warnings: warningsOf(home, registry, rootsExpire), plugins };
}

/** Turns off what is not believed any more; returns what was said of it by name. Also for a host, before it launches. */
export async function disableRevoked(home: PluginHome): Promise<ReadonlyMap<string, RefreshedPlugin>> {
  const trust = await readTrust(home.paths, home.roots);
  const found = new Map<string, RefreshedPlugin>();
  for (const { name, version, keyId, manifestSha256, enabled } of readPluginsLock(home.paths).plugins) {
    const reason = trust.whyRevoked(keyId, manifestSha256);
    if (reason === null) continue;
    if (enabled) await disableBecause(home, name, `revoked: ${reason}`);
    found.set(name, { name, outcome: "revoked", version, newest: null, detail: reason });
  }
  return found;
}

async function refreshOne(
  home: PluginHome,
  plugin: InstalledPlugin,
  registry: FollowedRegistry | null,
  options: RefreshOptions,
): Promise<RefreshedPlugin> {
  const { name, version } = plugin;
  const listed = registry?.registry.index.plugins.find((one) => one.name === name);
  const newest = listed === undefined ? undefined : releaseOf(listed, null);
  const told = (outcome: RefreshedPlugin["outcome"], detail: string | null = null): RefreshedPlugin => ({
    name,
    outcome,
    version,
    newest: newest?.version ?? null,
    detail,
  });
  if (newest === undefined) return told("unlisted");
  if (newest.releaseSequence <= plugin.releaseSequence) return told("current");
  if (options.checkOnly === true) return told("available");
  if (plugin.waiting?.manifestSha256 === newest.manifestSha256) {
    return told("waiting", tokensOf(plugin.waiting.missing).join(", "));
  }
  try {
    const plan = await planInstall(home, `${name}@${newest.version}`, { ...options, acceptNewKey: null });
    const { outcome, missing } = await commitInstall(home, plan, { grants: NOTHING });
    return outcome === "waiting" ? told("waiting", tokensOf(missing).join(", ")) : told("updated");
  } catch (error) {
    if (!(error instanceof KmError)) throw error;
    return told("failed", error.message);
  }
}

const SOON_MS = 14 * 86_400_000;

function warningsOf(
  { nowMs }: PluginHome,
  registry: FollowedRegistry | null,
  rootsExpire: string | null,
): readonly string[] {
  const warnings: string[] = [];
  if (registry?.offline) {
    warnings.push(
      `The registry could not be asked; its last index holds until ${registry.registry.index.expires}`,
    );
  }
  const leftMs = rootsExpire === null ? Infinity : Date.parse(rootsExpire) - nowMs();
  if (leftMs <= 0) {
    warnings.push(
      `The root statements expired on ${rootsExpire}: what they revoked stays revoked, whom they name is believed no more`,
    );
  } else if (leftMs < SOON_MS) {
    warnings.push(`The root statements expire on ${rootsExpire}`);
  }
  return warnings;
}
