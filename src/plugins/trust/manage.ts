/** What a user does with what is installed: on and off, grant and take back, remove. A running host sees each at once, by plugins.lock. @module */
import { join } from "node:path";
import { KmError } from "../../core/error.ts";
import type { Permissions } from "../manifest.ts";
import { intersect, isNothing, missing, NOTHING, unite, without } from "../permissions/compare.ts";
import { resolveGrants } from "../permissions/resolve.ts";
import { itemsOf, parseTokens, tokenOf, tokensOf } from "../permissions/tokens.ts";
import { newestOf, refuseUnasked, switched, withNewest } from "./commit_install.ts";
import { type LoadedPlugin, loadInstalled } from "./installed.ts";
import { changePluginsLock, pluginNamed, readPluginsLock, withPlugin } from "./lock_file.ts";
import { asUnwritable, type PluginHome, whileAlone } from "./plugin_home.ts";
import type { InstalledPlugin, NewestRelease } from "./plugins_lock.ts";
import { removeUnused } from "./write_installed.ts";

/** What became of a plugin that was granted more. */
export interface GrantResult {
  readonly plugin: InstalledPlugin;
  /** The update that waited runs now. */
  readonly updated: boolean;
  /** What the update that waits still wants; `NOTHING` where none waits. */
  readonly missing: Permissions;
}

/** Turns a plugin on or off. @throws {KmError} not_found; not_trusted, plugin_failed: one that could not run is not turned on */
export async function setEnabled(home: PluginHome, name: string, enabled: boolean): Promise<InstalledPlugin> {
  const plugin = pluginNamed(readPluginsLock(home.paths), name);
  if (enabled) await loadInstalled(home.paths, plugin, home.roots);
  // The time makes another entry of it, also of one that is on: a host starts anew what it had given up.
  const since = enabled ? { enabledAt: new Date(home.nowMs()).toISOString() } : {};
  return await changePlugin(home, name, (one) => ({ ...one, enabled, disabledBecause: null, ...since }));
}

/** Turns a plugin off for something that km found; the user did not ask for it. */
export async function disableBecause(
  home: PluginHome,
  name: string,
  reason: string,
): Promise<InstalledPlugin> {
  return await changePlugin(home, name, (one) => ({ ...one, enabled: false, disabledBecause: reason }));
}

/**
 * Grants a plugin more of what it, or its update that waits, asks for; an update that then has all it wants takes over.
 * @throws {KmError} not_found, usage: it asks for none of that; not_granted: a folder that cannot be granted as it is; not_trusted
 */
export async function grant(home: PluginHome, name: string, granted: Permissions): Promise<GrantResult> {
  return await whileAlone(home, async () => {
    const plugin = pluginNamed(readPluginsLock(home.paths), name);
    const current = await loadInstalled(home.paths, plugin, home.roots);
    const update = plugin.waiting === null
      ? null
      : await loadInstalled(home.paths, { ...plugin.waiting, name }, home.roots);
    const asked = unite(current.manifest.permissions, update?.manifest.permissions ?? NOTHING);
    refuseUnasked(name, asked, granted);
    resolveGrants(intersect(asked, granted), home.homes);
    try {
      return await changePluginsLock(home.paths, (lock) => {
        const before = pluginNamed(lock, name);
        const [after, newest] = grantedTo(before, { granted, current, update });
        const result: GrantResult = {
          plugin: after,
          updated: newest !== null,
          missing: after.waiting?.missing ?? NOTHING,
        };
        return [withNewest(withPlugin(lock, after), newest), result];
      });
    } finally {
      removeUnused(home.paths);
    }
  });
}

/**
 * Takes grants back: hosts, folders and all else that `taken` covers, also what was granted toward an update that waits. The plugin goes on with
 * the rest.
 * @throws {KmError} not_found; usage: it was not granted by itself; not_trusted
 */
export async function revoke(home: PluginHome, name: string, taken: Permissions): Promise<InstalledPlugin> {
  const asked = await askedByUpdate(home, pluginNamed(readPluginsLock(home.paths), name));
  return await changePlugin(home, name, (plugin) => {
    const { grants, waiting } = plugin;
    const toward = waiting === null ? NOTHING : missing(asked, waiting.missing);
    for (const item of itemsOf(taken)) {
      const one = parseTokens([tokenOf(item)]);
      if ([grants, toward].some((granted) => !isNothing(coveredBy(granted, one)))) continue;
      throw new KmError("usage", `Cannot take "${tokenOf(item)}" from "${name}": it was not granted`, {
        hint: `granted: ${tokensOf(unite(grants, toward)).join(", ") || "nothing"}`,
      });
    }
    return {
      ...plugin,
      grants: without(grants, taken),
      waiting: waiting === null
        ? null
        : { ...waiting, missing: unite(waiting.missing, coveredBy(toward, taken)) },
    };
  });
}

/** What of `granted` goes when `taken` is taken away. */
function coveredBy(granted: Permissions, taken: Permissions): Permissions {
  return missing(granted, without(granted, taken));
}

/** What the update that waits asks for beyond the release that runs: what was to be agreed to. */
async function askedByUpdate(home: PluginHome, plugin: InstalledPlugin): Promise<Permissions> {
  if (plugin.waiting === null) return NOTHING;
  const { paths, roots } = home;
  const update = await loadInstalled(paths, { ...plugin.waiting, name: plugin.name }, roots);
  const current = await loadInstalled(paths, plugin, roots);
  return missing(update.manifest.permissions, current.manifest.permissions);
}

/**
 * Removes a plugin. What it kept, its configuration and its log stay for the next time; `purge` removes these too, and forgets which release was
 * the newest here and whose name it is.
 * @throws {KmError} not_found
 */
export async function removePlugin(
  home: PluginHome,
  name: string,
  { purge = false }: { readonly purge?: boolean } = {},
): Promise<InstalledPlugin | null> {
  return await whileAlone(home, async () => {
    const removed = await changePluginsLock(home.paths, (lock) => {
      const plugin = purge ? lock.plugins.find((one) => one.name === name) ?? null : pluginNamed(lock, name);
      if (plugin === null && !lock.newest.some((one) => one.name === name)) pluginNamed(lock, name);
      const plugins = lock.plugins.filter((one) => one.name !== name);
      const newest = purge ? lock.newest.filter((one) => one.name !== name) : lock.newest;
      return [{ ...lock, plugins, newest }, plugin];
    });
    removeUnused(home.paths);
    if (purge) { for (const path of keptFiles(home, name)) removeFile(path); }
    return removed;
  });
}

/** What of a plugin outlives it. */
export function keptFiles(
  { paths: { state, logs, config, auth } }: PluginHome,
  name: string,
): readonly string[] {
  return [
    join(state, `${name}.json`),
    join(config, `${name}.json`),
    join(logs, `${name}.jsonl`),
    join(logs, `${name}.jsonl.1`),
    join(auth, name),
  ];
}

interface Granting {
  readonly granted: Permissions;
  readonly current: LoadedPlugin;
  readonly update: LoadedPlugin | null;
}

/** The plugin with its grants, and the release that took over; null: none did. */
function grantedTo(
  before: InstalledPlugin,
  { granted, current, update }: Granting,
): readonly [InstalledPlugin, NewestRelease | null] {
  const allowed = unite(before.grants, granted);
  const { waiting, name } = before;
  if (waiting === null || update === null || waiting.manifestSha256 !== update.manifestSha256) {
    return [{ ...before, grants: intersect(current.manifest.permissions, allowed) }, null];
  }
  // What was granted for the update alone is no grant of the release that runs: what is missing of it becomes less.
  const left = missing(waiting.missing, granted);
  if (!isNothing(left)) {
    return [{
      ...before,
      grants: intersect(current.manifest.permissions, allowed),
      waiting: { ...waiting, missing: left },
    }, null];
  }
  const { missing: _, ...fresh } = waiting;
  const { publisher, permissions } = update.manifest;
  const agreed = missing(permissions, current.manifest.permissions);
  const grants = intersect(permissions, unite(allowed, agreed));
  return [
    switched(before, { ...fresh, name, publisher }, grants),
    newestOf(update),
  ];
}

async function changePlugin(
  home: PluginHome,
  name: string,
  change: (plugin: InstalledPlugin) => InstalledPlugin,
): Promise<InstalledPlugin> {
  try {
    return await changePluginsLock(home.paths, (lock) => {
      const after = change(pluginNamed(lock, name));
      return [withPlugin(lock, after), after];
    });
  } catch (error) {
    throw asUnwritable(home.paths.lockFile, error);
  }
}

function removeFile(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
