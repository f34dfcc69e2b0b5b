/** What a plugin is doing, from what is installed and what the host last said. @module */
import type { HostStatus, PluginState as HostedState, PluginStatus } from "../../plugins/host/status.ts";
import type { InstalledPlugin } from "../../plugins/trust/plugins_lock.ts";

/** As the host has it; `idle`: no host runs, for nothing is being monitored; `disabled`: it is not to run. */
export type PluginState = HostedState | "idle" | "disabled";

export interface StateOf {
  readonly state: PluginState;
  /** For people; null while all is well. */
  readonly reason: string | null;
  /** What the host says of this version of it; null: nothing. */
  readonly hosted: PluginStatus | null;
}

/** The host's word counts while it runs; `problem` is what would keep the plugin from running (no Deno, licence, package), or null. */
export function stateOf(
  plugin: InstalledPlugin,
  host: HostStatus | null,
  hostRuns: boolean,
  problem: string | null,
): StateOf {
  const hosted = host?.plugins.find(({ name }) => name === plugin.name) ?? null;
  if (!plugin.enabled) {
    return { state: "disabled", reason: plugin.disabledBecause ?? "you disabled it", hosted };
  }
  const current = hosted?.version === plugin.version ? hosted : null;
  if (hostRuns && current !== null) {
    return { state: current.state, reason: current.reason ?? host?.problem ?? null, hosted: current };
  }
  if (problem !== null) return { state: "refused", reason: problem, hosted };
  return { state: "idle", reason: null, hosted };
}

/** One line about a plugin, as `status` says it behind its name. */
export function describeState({ state, reason, hosted }: StateOf): string {
  const why = reason === null ? "" : `: ${reason}`;
  switch (state) {
    case "running":
      return `running${why}`;
    case "starting":
      return `starting${why}`;
    case "waiting":
      return `waiting for its next start${hosted?.retryAt ? ` at ${clock(hosted.retryAt)}` : ""}${why}`;
    case "off":
      return `off, it ended too often${why}`;
    case "refused":
      return `cannot run${why}`;
    case "disabled":
      return `disabled${why}`;
    case "idle":
      return `ready; it runs while km monitor does`;
  }
}

/** Local time of day, to the second. */
function clock(iso: string): string {
  return new Date(iso).toTimeString().slice(0, 8);
}
