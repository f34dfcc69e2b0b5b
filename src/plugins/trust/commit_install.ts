/** Puts a planned package in its place with what the user agreed to. All of it, or nothing: the one rename of plugins.lock decides. @module */
import { KmError } from "../../core/error.ts";
import type { Permissions } from "../manifest.ts";
import type { OpenedPackage } from "../package/package.ts";
import { intersect, isNothing, missing, NOTHING, unite } from "../permissions/compare.ts";
import { resolveGrants } from "../permissions/resolve.ts";
import { grantWords, quoteWord, tokensOf } from "../permissions/tokens.ts";
import { changePluginsLock, pluginNamed, readPluginsLock, withPlugin } from "./lock_file.ts";
import { askedBefore, type InstallPlan, judgeHere, judgeRelease } from "./plan_install.ts";
import { asUnwritable, type PluginHome, timeOf, whileAlone } from "./plugin_home.ts";
import type { InstalledPackage, InstalledPlugin, NewestRelease, PluginsLock } from "./plugins_lock.ts";
import { type PublisherStanding, withPin } from "./publishers.ts";
import { entriesOf, removeUnused, writeInstalled } from "./write_installed.ts";

/** What the user said. */
export interface Agreement {
  /** What is granted now, beside what was granted before. */
  readonly grants: Permissions;
  /** Install although not all was granted: the plugin then runs with less than it wants. Else it is refused, or waits. */
  readonly fewer?: boolean;
}

/** `waiting`: the new release lies there, and the old one runs on, until `missing` is granted. */
export interface InstallResult {
  readonly outcome: "installed" | "updated" | "unchanged" | "waiting";
  readonly plugin: InstalledPlugin;
  readonly missing: Permissions;
}

/**
 * Installs what was planned.
 * @throws {KmError} usage: grants that it does not ask for; not_granted: a new plugin that wants more than was granted, or a folder that cannot be;
 * not_trusted: what was found meanwhile; store_full, store_unavailable: nothing was changed
 */
export async function commitInstall(
  home: PluginHome,
  plan: InstallPlan,
  agreement: Agreement,
): Promise<InstallResult> {
  const { manifest } = plan.opened;
  refuseUnasked(manifest.name, manifest.permissions, agreement.grants);
  return await whileAlone(home, async () => {
    // Another km may have been at work since the plan was made.
    const lock = readPluginsLock(home.paths);
    const publisher = await judgeHere(home, lock, plan.opened, plan);
    judgeRelease(home, lock, plan.opened, plan.options);
    const before = lock.plugins.find(({ name }) => name === manifest.name) ?? null;
    const decision = await decide(home, plan, agreement, before);
    return await put(home, plan, { publisher, before, decision });
  });
}

/** A grant that the plugin does not ask for was meant for something else. @throws {KmError} usage */
export function refuseUnasked(name: string, asked: Permissions, granted: Permissions): void {
  const unasked = tokensOf(missing(granted, asked));
  if (unasked.length === 0) return;
  throw new KmError("usage", `Cannot grant ${unasked.join(", ")}: "${name}" does not ask for it`, {
    hint: `it asks for ${tokensOf(asked).join(", ")}`,
  });
}

/** The exact command that would grant all of it. */
export function grantCommand(words: readonly string[], wanted: Permissions): string {
  return ["km", "plugins", ...words.map((word) => quoteWord(word)), grantWords(wanted)].join(" ");
}

interface Decision {
  readonly grants: Permissions;
  readonly missing: Permissions;
  readonly waits: boolean;
}

async function decide(
  home: PluginHome,
  { opened, source }: InstallPlan,
  { grants, fewer = false }: Agreement,
  before: InstalledPlugin | null,
): Promise<Decision> {
  const { name, version, permissions } = opened.manifest;
  const allowed = unite(before?.grants ?? NOTHING, grants);
  const asked = before === null ? NOTHING : await askedBefore(home, before);
  const lacking = missing(missing(permissions, asked), allowed);
  if (!isNothing(lacking) && !fewer) {
    if (before === null) {
      throw refuseUngranted(`${name} ${version}`, source, { lacking, wanted: permissions });
    }
    // Its files are kept, so that granting needs no network.
    return { grants: before.grants, missing: lacking, waits: true };
  }
  // What was granted before is looked at when it is launched: an update does not fail for a folder that is gone.
  resolveGrants(intersect(permissions, grants), home.homes);
  return { grants: intersect(permissions, allowed), missing: NOTHING, waits: false };
}

function refuseUngranted(
  what: string,
  source: string,
  { lacking, wanted }: { readonly lacking: Permissions; readonly wanted: Permissions },
): KmError {
  const tokens = tokensOf(lacking);
  const count = tokens.length === 1 ? "a permission that was" : `${tokens.length} permissions that were`;
  return new KmError(
    "not_granted",
    `Cannot install ${what}: it wants ${count} not granted: ${tokens.join(", ")}`,
    {
      hint: `if it may do all that: ${grantCommand(["install", source], wanted)}`,
    },
  );
}

async function put(
  home: PluginHome,
  plan: InstallPlan,
  { publisher, before, decision }: {
    readonly publisher: PublisherStanding;
    readonly before: InstalledPlugin | null;
    readonly decision: Decision;
  },
): Promise<InstallResult> {
  const { paths } = home;
  const { manifest, manifestSha256 } = plan.opened;
  const { name } = manifest;
  const now = timeOf(home);
  const fresh = freshPackage(plan, publisher, now);
  try {
    writeInstalled(paths, { ...fresh, name }, plan.opened);
    return await changePluginsLock(paths, (lock) => {
      // What was enabled, disabled, granted or revoked in the meantime, without files, holds.
      const current = before === null ? null : pluginNamed(lock, name);
      const plugin = decision.waits && current !== null
        ? { ...current, waiting: { ...fresh, missing: decision.missing } }
        : switched(current, { ...fresh, name, publisher: manifest.publisher }, decision.grants);
      const newest = decision.waits ? null : newestOf(plan.opened);
      const after = withNewest(withPin(withPlugin(lock, plugin), publisher, now), newest);
      return [after, {
        plugin,
        missing: decision.missing,
        outcome: outcomeOf(before, decision, manifestSha256),
      }];
    });
  } catch (error) {
    throw asUnwritable(paths.folder, error);
  } finally {
    removeUnused(paths);
  }
}

function freshPackage(
  { opened, source }: InstallPlan,
  { key }: PublisherStanding,
  now: string,
): InstalledPackage {
  return {
    version: opened.manifest.version,
    manifestSha256: opened.manifestSha256,
    files: entriesOf(opened),
    keyId: key.id,
    releaseSequence: opened.manifest.releaseSequence,
    source,
    installedAt: now,
  };
}

/** What is remembered of a release that took over. */
export function newestOf({ manifest, manifestSha256 }: OpenedPackage): NewestRelease {
  const { name, publisher, version, releaseSequence } = manifest;
  return { name, publisher, version, releaseSequence, manifestSha256 };
}

/** The plugin with a package in the place of the one before. */
export function switched(
  before: InstalledPlugin | null,
  fresh: InstalledPackage & { readonly name: string; readonly publisher: string },
  grants: Permissions,
): InstalledPlugin {
  // What km disabled for something that was found is no more that package; what the user disabled stays so.
  const enabled = before === null || before.disabledBecause !== null || before.enabled;
  return { ...fresh, grants, enabled, disabledBecause: null, waiting: null };
}

/** The lock that remembers the newest release of a plugin. */
export function withNewest(lock: PluginsLock, newest: NewestRelease | null): PluginsLock {
  if (newest === null) return lock;
  return { ...lock, newest: [...lock.newest.filter(({ name }) => name !== newest.name), newest] };
}

function outcomeOf(
  before: InstalledPlugin | null,
  { waits }: Decision,
  manifestSha256: string,
): InstallResult["outcome"] {
  if (before === null) return "installed";
  if (waits) return "waiting";
  return before.manifestSha256 === manifestSha256 ? "unchanged" : "updated";
}
