/** A KM_HOME for tests of plugins, with a clock that stands still, and packages in a folder beside it. @module */
import type { Manifest } from "../../src/plugins/manifest.ts";
import { type PluginPaths, pluginPaths } from "../../src/plugins/paths.ts";
import type { SigningKey } from "../../src/plugins/package/signature.ts";
import { NOTHING } from "../../src/plugins/permissions/compare.ts";
import { commitInstall, type InstallResult } from "../../src/plugins/trust/commit_install.ts";
import { type InstallOptions, type InstallPlan, planInstall } from "../../src/plugins/trust/plan_install.ts";
import type { PluginHome } from "../../src/plugins/trust/plugin_home.ts";
import type { RootKeys } from "../../src/plugins/trust/roots.ts";
import { TempFolder } from "../e2e/harness.ts";
import { signedPackage, testManifest } from "./plugin_packages.ts";

export const NOON_MS = Date.UTC(2026, 10, 21, 12);
export const DAY_MS = 86_400_000;

/** No roots: what this build has. */
export const NO_ROOTS: RootKeys = { threshold: 1, keys: [] };

export class TempPluginHome implements Disposable {
  readonly #folder = new TempFolder();
  readonly path: string;
  readonly paths: PluginPaths;
  /** The user's home, and where packages of the test lie. */
  readonly userHome: string;
  readonly packages: string;
  nowMs = NOON_MS;
  roots: RootKeys = NO_ROOTS;

  constructor(folder?: string) {
    const top = folder ?? this.#folder.path;
    this.userHome = `${top}/user`;
    this.path = `${this.userHome}/.km`;
    this.packages = `${top}/packages`;
    this.paths = pluginPaths(this.path);
    Deno.mkdirSync(this.userHome, { recursive: true });
    Deno.mkdirSync(this.packages, { recursive: true });
  }

  get home(): PluginHome {
    const { paths, roots, path: kmHome, userHome: home } = this;
    return { paths, homes: { home, kmHome }, nowMs: () => this.nowMs, roots };
  }

  /** What a plan is made with, where a test says nothing else. */
  options(change: Partial<InstallOptions> = {}): InstallOptions {
    return {
      here: { kmVersion: "0.1.0", tier: "free", customerId: null, protocolVersions: [1] },
      registry: null,
      ...change,
    };
  }

  /** Writes a signed package; returns its path. */
  async packageOf(key: SigningKey, change: Partial<Manifest> = {}, code?: string): Promise<string> {
    const { name, version, publisher } = testManifest(change);
    const path = `${this.packages}/${name}-${version}-${publisher}-${key.publicKey.id.slice(0, 6)}.kmpkg`;
    await Deno.writeFile(path, await signedPackage(key, change, code));
    return path;
  }

  async plan(source: string, change: Partial<InstallOptions> = {}): Promise<InstallPlan> {
    return await planInstall(this.home, source, this.options(change));
  }

  /** Installs a file and grants all that it needs. */
  async install(source: string, change: Partial<InstallOptions> = {}): Promise<InstallResult> {
    const plan = await this.plan(source, change);
    return await commitInstall(this.home, plan, { grants: plan.needs });
  }

  /** Installs a file and grants nothing. */
  async installUngranted(source: string, change: Partial<InstallOptions> = {}): Promise<InstallResult> {
    return await commitInstall(this.home, await this.plan(source, change), { grants: NOTHING });
  }

  /** Names of all files below the folder of plugins, sorted; without locks. */
  files(): readonly string[] {
    return [...filesBelow(this.paths.installed, "")].toSorted();
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }
}

function* filesBelow(folder: string, prefix: string): Generator<string> {
  let entries: Deno.DirEntry[];
  try {
    entries = [...Deno.readDirSync(folder)];
  } catch {
    return; // Not made yet.
  }
  for (const { name, isDirectory } of entries) {
    if (isDirectory) yield* filesBelow(`${folder}/${name}`, `${prefix}${name}/`);
    else yield `${prefix}${name}`;
  }
}
