/** Before anything is installed: gets the package, proves it, and says what it would mean. Nothing is changed here. @module */
import { isAbsolute, join, resolve } from "node:path";
import { KmError } from "../../core/error.ts";
import { PLUGIN_NAME } from "../../core/plugin.ts";
import type { PermissionLine } from "../grants.ts";
import type { Manifest, Permissions } from "../manifest.ts";
import { type OpenedPackage, openPackage } from "../package/package.ts";
import {
  fetchPackage,
  isPackageAddress,
  type PackageTransfer,
  readPackageFile,
} from "../package/read_package.ts";
import { checkUsable, type Circumstances } from "../package/usable.ts";
import {
  missing,
  NOTHING,
  type PermissionChanges,
  permissionChanges,
  unite,
} from "../permissions/compare.ts";
import { describePermissions } from "../permissions/describe.ts";
import { refuseImports } from "../sandbox/lex.ts";
import { loadInstalled } from "./installed.ts";
import { readPluginsLock } from "./lock_file.ts";
import type { PluginHome } from "./plugin_home.ts";
import type { InstalledPlugin, PluginsLock } from "./plugins_lock.ts";
import { judgePublisher, type PublisherStanding } from "./publishers.ts";
import { fetchRelease, findRelease, type FollowedRegistry, followRegistry } from "./registry.ts";
import { readTrust } from "./revocations.ts";

export interface InstallOptions {
  /** What is so here, beside what the home knows by itself. */
  readonly here: Pick<Circumstances, "kmVersion" | "tier" | "customerId" | "protocolVersions">;
  /** Where plugins are found by name, from `registryPlace`; null: nowhere. */
  readonly registry: string | null;
  readonly allowDowngrade?: boolean;
  /** Id of a key that the user wants to believe from now on; null: none. */
  readonly acceptNewKey?: string | null;
  /** Why plugins reach nothing by the proxy here, from `proxyProblem`; null: they do, or there is none. */
  readonly proxyProblem?: string | null;
  readonly transfer?: PackageTransfer;
}

/** `repair`: the very release that is installed. `downgrade`: older than what was installed, and allowed. */
export type InstallAction = "install" | "update" | "repair" | "downgrade";

/** What would happen. */
export interface InstallPlan {
  /** A path, an address, or a name as it was given, made absolute where it is a path. */
  readonly source: string;
  readonly action: InstallAction;
  readonly opened: OpenedPackage;
  readonly publisher: PublisherStanding;
  /** What is installed under that name; null: nothing. */
  readonly installed: InstalledPlugin | null;
  /** Everything that it asks for, worst first. */
  readonly asks: readonly PermissionLine[];
  /** What the user has not agreed to yet; `NOTHING` where all of it was. */
  readonly needs: Permissions;
  /** The same, worst first. */
  readonly needsLines: readonly PermissionLine[];
  /** Against what is installed; null: nothing is. */
  readonly changes: PermissionChanges | null;
  /** For people: what else to think of. */
  readonly warnings: readonly string[];
  /** How the registry was asked; null: it was not. */
  readonly registry: FollowedRegistry | null;
  readonly options: InstallOptions;
}

/**
 * Gets a package from a file, an address or the registry (`name`, `name@version`) and looks at it.
 * @throws {KmError} with its own message for everything that makes it a package not to be installed
 */
export async function planInstall(
  home: PluginHome,
  source: string,
  options: InstallOptions,
): Promise<InstallPlan> {
  const got = await getPackage(home, source, options);
  const opened = openPackage(got.bytes);
  refuseOtherRelease(got, opened);
  await refuseImports(opened.code);
  const lock = readPluginsLock(home.paths);
  const installed = lock.plugins.find(({ name }) => name === opened.manifest.name) ?? null;
  const publisher = await judgeHere(home, lock, opened, { options, registry: got.registry });
  const action = judgeRelease(home, lock, opened, options);
  const { permissions } = opened.manifest;
  const before = installed === null ? null : await askedBefore(home, installed);
  const needs = missing(permissions, before === null ? NOTHING : unite(before, installed?.grants ?? NOTHING));
  return {
    source: got.source,
    action,
    opened,
    publisher,
    installed,
    asks: describePermissions(permissions),
    needs,
    needsLines: describePermissions(needs, permissions),
    changes: before === null ? null : permissionChanges(before, permissions),
    warnings: warningsOf({ action, publisher, opened, lock, registry: got.registry }, options),
    registry: got.registry,
    options,
  };
}

/** The key of a package, judged by what the home knows now. @throws {KmError} not_trusted */
export async function judgeHere(
  home: PluginHome,
  lock: PluginsLock,
  opened: OpenedPackage,
  { options, registry }: { readonly options: InstallOptions; readonly registry: FollowedRegistry | null },
): Promise<PublisherStanding> {
  return await judgePublisher(opened, {
    lock,
    trust: await readTrust(home.paths, home.roots, home.nowMs()),
    index: registry?.registry.index ?? null,
    acceptNewKey: options.acceptNewKey ?? null,
  });
}

/** What installing it would be. @throws {KmError} when it may not run here, or is older than what was installed */
export function judgeRelease(
  home: PluginHome,
  lock: PluginsLock,
  { manifest, manifestSha256 }: OpenedPackage,
  { here, allowDowngrade = false }: InstallOptions,
): InstallAction {
  const newest = lock.newest.find(({ name }) => name === manifest.name);
  checkUsable(manifest, {
    ...here,
    nowMs: home.nowMs(),
    installedSequence: newest?.releaseSequence ?? null,
    allowDowngrade,
  });
  const installed = lock.plugins.find(({ name }) => name === manifest.name);
  if (installed?.manifestSha256 === manifestSha256) return "repair";
  if (newest !== undefined && manifest.releaseSequence < newest.releaseSequence) return "downgrade";
  if (newest?.releaseSequence === manifest.releaseSequence && newest.manifestSha256 !== manifestSha256) {
    if (!allowDowngrade) throw refuseTwin(manifest);
    return "downgrade";
  }
  return installed === undefined ? "install" : "update";
}

/**
 * What the user was asked before: all that the installed release asks for. What was not granted of it was declined, and is not asked again.
 */
export async function askedBefore(
  { paths, roots }: PluginHome,
  installed: InstalledPlugin,
): Promise<Permissions> {
  try {
    return (await loadInstalled(paths, installed, roots)).manifest.permissions;
  } catch (error) {
    if (!(error instanceof KmError)) throw error;
    return installed.grants; // Broken or revoked: only what was granted is known for certain.
  }
}

/** What a source names in a registry; null: it is an address or a file. */
export function releaseNamed(
  source: string,
): { readonly name: string; readonly version: string | null } | null {
  const [, name = "", version = null] = /^([^@]*)(?:@(.+))?$/.exec(source) ?? [];
  return PLUGIN_NAME.test(name) ? { name, version } : null;
}

interface Got {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly source: string;
  readonly registry: FollowedRegistry | null;
  /** What the registry says that it is; null: it came from elsewhere. */
  readonly expected:
    | { readonly name: string; readonly version: string; readonly manifestSha256: string }
    | null;
}

async function getPackage(home: PluginHome, source: string, options: InstallOptions): Promise<Got> {
  const transfer = options.transfer ?? {};
  if (isPackageAddress(source)) {
    return { bytes: await fetchPackage(source, transfer), source, registry: null, expected: null };
  }
  const named = releaseNamed(source);
  if (named === null) {
    return { bytes: await readPackageFile(source), source: resolve(source), registry: null, expected: null };
  }
  const { name, version } = named;
  if (options.registry === null) {
    throw new KmError("not_found", `Cannot install "${source}" by its name: no registry is set`, {
      hint:
        `name a file or an address, as ./${name}.kmpkg; or set one: km config set plugins.registry <folder or https address>`,
    });
  }
  const registry = await followRegistry(home, options.registry, { transfer });
  const release = findRelease(registry.registry, name, version);
  const bytes = await fetchRelease(options.registry, release, transfer);
  return { bytes, source: placeOf(options.registry, release.file), registry, expected: { ...release, name } };
}

function placeOf(registry: string, file: string): string {
  return isAbsolute(registry) ? join(registry, ...file.split("/")) : `${registry}/${file}`;
}

/** A registry signs which release a name stands for: another one is none of it, whoever signed that. */
function refuseOtherRelease({ expected }: Got, { manifest, manifestSha256 }: OpenedPackage): void {
  if (expected === null) return;
  const { name, version } = expected;
  const isSame = manifestSha256 === expected.manifestSha256 && manifest.name === name &&
    manifest.version === version;
  if (isSame) return;
  throw new KmError(
    "not_trusted",
    `Cannot accept the package: the registry says that ${name} ${version} is ${
      expected.manifestSha256.slice(0, 12)
    }…, and this is ${manifest.name} ${manifest.version}, ${manifestSha256.slice(0, 12)}…`,
    { hint: "the registry serves another package than it announced: tell whoever runs it" },
  );
}

function refuseTwin({ name, version, releaseSequence }: Manifest): KmError {
  return new KmError(
    "not_trusted",
    `Cannot use ${name} ${version}: another package of the same release ${releaseSequence} was installed here`,
    {
      hint:
        "a release is one package: its author gives each new one a higher releaseSequence. --allow-downgrade takes the risk that it is an old or a forged one",
    },
  );
}

function warningsOf(
  { action, publisher, opened, lock, registry }:
    & Pick<InstallPlan, "action" | "publisher" | "opened" | "registry">
    & {
      readonly lock: PluginsLock;
    },
  { proxyProblem = null }: InstallOptions,
): readonly string[] {
  const { name, version, requiredTier: _, ...manifest } = opened.manifest;
  const newest = lock.newest.find((one) => one.name === name);
  const warnings: string[] = [];
  if (action === "downgrade" && newest !== undefined) {
    warnings.push(
      `This is a step back, from ${newest.version} (release ${newest.releaseSequence}) to ${version} (release ${manifest.releaseSequence}): ` +
        "holes that were closed since are open again, and an attacker may want exactly that",
    );
  }
  if (publisher.standing === "accepted") {
    warnings.push(
      `From now on this key is believed for "${publisher.publisher}"${
        publisher.before === null ? "" : ", and the one before it no more for new packages"
      }`,
    );
  }
  if (registry?.isFirst === true) {
    warnings.push(`The registry's key is seen here for the first time: ${registry.registry.key.id}`);
  }
  if (registry?.offline) {
    warnings.push(`The registry could not be asked, its last index was used: ${registry.offline}`);
  }
  if (manifest.permissions.net.length > 0 && proxyProblem !== null) warnings.push(proxyProblem);
  return warnings;
}
