/** Where plugins and what belongs to them lie below KM_HOME. @module */
import { join } from "node:path";

/** Absolute paths. */
export interface PluginPaths {
  /** Everything of plugins but the lock file (0700). */
  readonly folder: string;
  /** What is installed, with hashes, keys, grants: `plugins.lock`. */
  readonly lockFile: string;
  /** `<name>/<version>-<manifest hash>/{manifest.json,plugin.js,signatures.json,README.md,LICENSE}`. */
  readonly installed: string;
  /** Root keys' statements, the last index of each registry. Publishers' keys are in plugins.lock. */
  readonly trust: string;
  /** `<name>.json`: what a plugin keeps between its runs. */
  readonly state: string;
  /** `<name>.jsonl`: what a plugin said, what it was refused, when it started and ended. */
  readonly logs: string;
  /** `<name>.json`: how the user configured it. */
  readonly config: string;
  /** The host's own: lock, address, status, log. */
  readonly hostLock: string;
  readonly hostAddress: string;
  readonly hostStatus: string;
  readonly hostLog: string;
  /** `<run>.json`: what monitors could hand over to no host, until one takes it up. */
  readonly shed: string;
  /** Where the verified bootstrap is put: `$KM_HOME/runtime`. */
  readonly runtime: string;
  /** The licence token and what is known of it, encrypted. */
  readonly licence: string;
  /** `<name>`: what a plugin's own check of the licence last said, encrypted. */
  readonly auth: string;
}

/** Paths below `home` (KM_HOME). */
export function pluginPaths(home: string): PluginPaths {
  const folder = join(home, "plugins");
  return {
    folder,
    lockFile: join(home, "plugins.lock"),
    installed: join(folder, "installed"),
    trust: join(folder, "trust"),
    state: join(folder, "state"),
    logs: join(folder, "logs"),
    config: join(folder, "config"),
    hostLock: join(folder, "host.lock"),
    hostAddress: join(folder, "host.json"),
    hostStatus: join(folder, "status.json"),
    hostLog: join(folder, "host.log"),
    shed: join(folder, "shed"),
    runtime: join(home, "runtime"),
    licence: join(folder, "licence"),
    auth: join(folder, "auth"),
  };
}

/** Where the user configures a plugin. */
export function configPath({ config }: Pick<PluginPaths, "config">, name: string): string {
  return join(config, `${name}.json`);
}
