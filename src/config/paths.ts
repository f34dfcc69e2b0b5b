/** Where km keeps its things: everything in one directory, `KM_HOME`. @module */

import { type ReadEnv, readEnv } from "./environment.ts";

/** Absolute paths of everything km writes. */
export interface Paths {
  /** Directory of all the others (mode 0700). */
  readonly home: string;
  readonly database: string;
  readonly config: string;
  /** The daemon's secret (mode 0600). */
  readonly token: string;
  /** Where the daemon can be found while it runs. */
  readonly daemon: string;
  /** Locked by the daemon while it runs; empty. */
  readonly lock: string;
  /** What the daemon has to say, when it runs detached. */
  readonly log: string;
  /** API keys, hashed (mode 0600). */
  readonly keys: string;
  /** Browsers' sessions that were signed out, hashed (mode 0600). */
  readonly endedSessions: string;
  /** What is known about newer releases. */
  readonly update: string;
  /** Folder of what hooks of agents in sessions say (mode 0700). */
  readonly hooks: string;
}

/** What `kmPaths` depends on. */
export interface PathsOptions {
  readonly env?: ReadEnv;
  readonly windows?: boolean;
  readonly cwd?: () => string;
}

/**
 * Returns km's paths: `KM_HOME`, else `.km` in the user's home directory. A relative `KM_HOME` counts from the
 * working directory, and `~` is expanded, because client configurations pass it without a shell.
 */
export function kmPaths(options: PathsOptions = {}): Paths {
  const { env = readEnv, windows = Deno.build.os === "windows", cwd = Deno.cwd } = options;
  const separator = windows ? "\\" : "/";
  const home = kmHome(env, { windows, cwd, separator }).replace(windows ? /[\\/]+$/ : /\/+$/, "") ||
    separator;
  const join = (name: string) => home.endsWith(separator) ? home + name : home + separator + name;
  return {
    home,
    database: join("km.db"),
    config: join("config.jsonc"),
    token: join("token"),
    daemon: join("daemon.json"),
    lock: join("daemon.lock"),
    log: join("daemon.log"),
    keys: join("keys.json"),
    endedSessions: join("signed-out.json"),
    update: join("update.json"),
    hooks: join("hooks"),
  };
}

function kmHome(
  env: ReadEnv,
  system: { windows: boolean; cwd: () => string; separator: string },
): string {
  const given = env("KM_HOME");
  const { windows, separator } = system;
  if (given === undefined) return userHome(env, windows) + separator + ".km";
  if (given === "~" || given.startsWith("~/") || (windows && given.startsWith("~\\"))) {
    return userHome(env, windows) + given.slice(1);
  }
  const absolute = windows ? /^([a-z]:[\\/]|\\\\)/i.test(given) : given.startsWith("/");
  return absolute ? given : system.cwd() + separator + given;
}

/** The user's home directory; the system's word where the environment has none, as in clients started by a service. */
export function userHome(
  env: ReadEnv = readEnv,
  windows: boolean = Deno.build.os === "windows",
): string {
  const home = windows ? env("USERPROFILE") ?? env("HOME") : env("HOME");
  // Not a static import: node:os costs 5 ms at every start (Deno 2.9.6, 2026-11-21), and nearly every system sets HOME.
  // deno-lint-ignore no-process-global
  return home ?? process.getBuiltinModule("node:os").homedir();
}
