/** What a plugin is doing, from what is installed and what the host last said. @module */
import { plural } from "../../core/quantity.ts";
import type { HostStatus, PluginState as HostedState, PluginStatus } from "../../plugins/host/status.ts";
import type { InstalledPlugin } from "../../plugins/trust/plugins_lock.ts";

/** As the host has it; `idle`: no host runs, for nothing is being monitored; `failed`: nor does one run, and it did not work under the last one; `disabled`: it is not to run. */
export type PluginState = HostedState | "idle" | "failed" | "disabled";

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
  const failure = host === null || current === null || changedSince(plugin, host) ? null : failureOf(current);
  return { state: failure === null ? "idle" : "failed", reason: failure, hosted };
}

function changedSince({ installedAt, enabledAt }: InstalledPlugin, { writtenAt }: HostStatus): boolean {
  return [installedAt, enabledAt].some((time) =>
    time !== undefined && Date.parse(time) > Date.parse(writtenAt)
  );
}

/** Why it did not work under a host that has ended; null: it did, or had no time to. */
function failureOf({ state, reason, lastEnd, counts }: PluginStatus): string | null {
  if (state === "running") return null;
  if (reason !== null) return reason;
  if (lastEnd !== null && lastEnd.why !== "asked") return lastEnd.detail;
  if (counts.messages > 0 || counts.droppedMessages === 0) return null;
  return `it was not ready when the plugin host ended, and missed ${
    plural(counts.droppedMessages, "message")
  }`;
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
    case "failed":
      return `failed when it last ran${why}; it is tried again with the next km monitor`;
    case "idle":
      return `ready; it runs while km monitor does`;
  }
}

/** Local time of day, to the second. */
function clock(iso: string): string {
  return new Date(iso).toTimeString().slice(0, 8);
}
