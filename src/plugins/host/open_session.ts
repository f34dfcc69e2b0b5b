/** A session of an installed plugin, from what its launch takes. @module */
import { PluginSession, type SessionEvents } from "./plugin_session.ts";
import type { PreparedPlugin } from "./prepared_plugin.ts";
import type { RunnerDeps } from "./runner_deps.ts";

/** `kept`: the plugin's state. */
export function openSession(
  prepared: PreparedPlugin,
  { launch, kmVersion, runtime, timers }: RunnerDeps,
  { kept, on }: { readonly kept: Iterable<readonly [string, string]>; readonly on: SessionEvents },
): PluginSession {
  const { manifest, limits, code, permissions, env, licence, authMemory, configJson, deno, niceness } =
    prepared;
  const { heapMiB, residentMiB, cpuPercent, frameBytes, messageMs } = limits;
  return new PluginSession({
    launch,
    timers,
    kmVersion,
    licence,
    authMemory,
    configJson,
    messageMs,
    plugin: manifest,
    state: new Map(kept),
    sandbox: {
      deno,
      code,
      permissions,
      env,
      niceness,
      runtime,
      limits: { heapMiB, residentMiB, cpuPercent, frameBytes },
    },
    on,
  });
}
