/**
 * `km plugins host`: the process that plugins are children of, one for each home. The first monitor that finds a plugin starts it, and it ends by
 * itself; people have no need to call it.
 * @module
 */
import { readEnv } from "../../config/environment.ts";
import { kmPaths, userHome } from "../../config/paths.ts";
import { SettingsInForce } from "../../config/settings_in_force.ts";
import { KmError } from "../../core/error.ts";
import { pluginPaths } from "../../plugins/paths.ts";
import { findDeno } from "../../proc/deno_runtime.ts";
import { FileLock } from "../../proc/file_lock.ts";
import { lowerProcess } from "../../proc/priority.ts";
import { ENDING_SIGNALS, onSignal } from "../../proc/signals.ts";
import { openDatabase } from "../../store/database.ts";
import { appendPluginEmits } from "../../store/plugin_emits.ts";
import { command as defineCommand } from "../command.ts";
import { VERSION } from "../commands/version.ts";
import { denoPlaces } from "../deno_for_plugins.ts";
import { loadPluginHost } from "../packages.ts";
import { authMemory, openLicenceKeeper } from "./licence.ts";

/** For one that is ending to be gone: after an update the newer km's host waits for the older one. */
const LOCK_MS = 8_000;
/** The database has one writer at a time; monitors go first, and while this waits no plugin is served. */
const BUSY_MS = 100;
const CACHE_KIB = 1024;

export const command = defineCommand({
  name: "plugins host",
  summary: "Run the plugins that are on, for the monitors of this home",
  details: "km monitor starts it and it ends by itself; there is no need to call it.",
  flags: [],
  examples: [["km plugins host", "what a monitor starts"]],
  run: runHost,
});

/** Runs until no monitor is left; returns the exit code. Where another one runs, there is nothing to do. */
async function runHost(): Promise<number> {
  const { home, database, config } = kmPaths();
  const paths = pluginPaths(home);
  Deno.mkdirSync(paths.folder, { recursive: true, mode: 0o700 });
  using lock = await FileLock.takeWithin(paths.hostLock, LOCK_MS);
  if (lock === null) return 0;
  using settings = new SettingsInForce({ path: config });
  // Folders of whoever started the first monitor are none of its business, and must be free to be removed.
  Deno.chdir(paths.folder);
  await using licence = openLicenceKeeper();
  await licence.start();
  const { runPluginHost } = await loadPluginHost();
  await runPluginHost({
    paths,
    homes: { home: userHome(readEnv), kmHome: home },
    kmVersion: VERSION,
    setting: (key) => settings.text(key),
    licence: { now: () => licence.licence, onChange: (listener) => void licence.onChange(() => listener()) },
    authMemory: authMemory(),
    findDeno: findReadyDeno,
    storeEmits: (emits) => {
      using db = openDatabase(database, { mode: "write", busyTimeoutMs: BUSY_MS, cacheKib: CACHE_KIB });
      appendPluginEmits(db, emits);
    },
    onUp: () => lowerProcess(Number(settings.text("plugins.niceness"))),
    onEndAsked: (end) => {
      for (const [signal] of ENDING_SIGNALS) onSignal(signal, () => end(`it was ended by ${signal}`));
    },
  });
  return 0;
}

/** @throws {KmError} plugin_failed when plugins cannot run for want of one */
async function findReadyDeno(): Promise<{ readonly path: string; readonly version: string }> {
  const found = await findDeno(denoPlaces());
  if (found.status === "ready") return { path: found.path, version: found.version };
  throw new KmError(
    "plugin_failed",
    found.status === "refused"
      ? `There is no Deno to run plugins on: KM_DENO is "${found.path}", and ${found.reason}`
      : "There is no Deno to run plugins on",
    { hint: found.hint },
  );
}
