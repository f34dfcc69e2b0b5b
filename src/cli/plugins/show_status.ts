/** Looks at everything that is known of plugins, and prints it. @module */
import { environment } from "../../config/environment.ts";
import { kmPaths } from "../../config/paths.ts";
import type { LeftShed } from "../../core/plugin_link.ts";
import { leftShed } from "../../plugins/host/left_shed.ts";
import type { HostStatus } from "../../plugins/host/status.ts";
import { pluginPaths } from "../../plugins/paths.ts";
import { proxyProblem } from "../../plugins/permissions/proxy.ts";
import { tokensOf } from "../../plugins/permissions/tokens.ts";
import { readPluginsLock } from "../../plugins/trust/lock_file.ts";
import type { InstalledPlugin } from "../../plugins/trust/plugins_lock.ts";
import { jsonText } from "../json_text.ts";
import { stdoutTerminal, write, writeLines } from "../terminal.ts";
import type { Licence } from "../../auth/licence.ts";
import { currentLicence } from "./licence.ts";
import { type HostState, readHost, silentMs } from "./host_state.ts";
import { describeState, stateOf } from "./plugin_state.ts";
import { findProblems } from "./problems.ts";
import { type PluginReport, statusLines, type StatusReport } from "./status_report.ts";

/** Prints it; returns the exit code. */
export async function showStatus(
  { verbose, json }: { readonly verbose: boolean; readonly json: boolean },
): Promise<number> {
  const { home } = kmPaths();
  const paths = pluginPaths(home);
  const { plugins } = readPluginsLock(paths);
  const host = readHost(paths);
  const licence = await currentLicence();
  const problems = await findProblems(paths, plugins, licence);
  const now = new Date();
  const report: StatusReport = {
    home,
    host: {
      ...hostReport(host, { problem: problems.all, left: leftShed(paths.shed, { take: false }) }, now),
      proxyProblem: plugins.some(({ enabled, grants }) => enabled && grants.net.length > 0)
        ? proxyProblem(environment())
        : null,
    },
    deno: host.status?.deno ?? null,
    licence: licenceReport(host, licence),
    plugins: plugins.map((plugin) => pluginReport(plugin, host, problems.of(plugin.name), now)),
  };
  if (json) write(`${jsonText(report)}\n`);
  else writeLines(statusLines(report, { terminal: stdoutTerminal(), verbose, now }));
  return 0;
}

/** What the host goes by, while it runs. */
function licenceReport({ status, runs }: HostState, licence: Licence): HostStatus["licence"] {
  const { tier, customerId, reason } = licence;
  return (runs ? status?.licence : undefined) ?? { tier, customerId, problem: reason };
}

/** `left`: what monitors could hand over to no host, and none has taken up yet. */
function hostReport(
  host: HostState,
  { problem, left }: { readonly problem: string | null; readonly left: LeftShed },
  now: Date,
): Omit<StatusReport["host"], "proxyProblem"> {
  const { status, runs } = host;
  return {
    running: runs,
    pid: runs ? status?.pid ?? null : null,
    version: runs ? status?.kmVersion ?? null : null,
    uptimeMs: runs ? since(status?.startedAt, now) : null,
    monitors: runs ? status?.monitors ?? 0 : 0,
    silentMs: silentMs(host, now),
    shedMessages: (status?.shedMessages ?? 0) + left.messages,
    shedBytes: (status?.shedBytes ?? 0) + left.bytes,
    emitsLost: status?.emitsLost ?? 0,
    problem: (runs ? status?.problem : null) ?? problem,
  };
}

function pluginReport(
  plugin: InstalledPlugin,
  { status, runs }: HostState,
  problem: string | null,
  now: Date,
): PluginReport {
  const state = stateOf(plugin, status, runs, problem);
  const { hosted } = state;
  const isThere = runs && hosted !== null && hosted.pid !== null;
  return {
    name: plugin.name,
    version: plugin.version,
    state: state.state,
    reason: state.reason,
    summary: describeState(state),
    since: runs ? hosted?.since ?? null : null,
    retryAt: runs ? hosted?.retryAt ?? null : null,
    pid: isThere ? hosted.pid : null,
    uptimeMs: isThere && state.state === "running" ? since(hosted.since, now) : null,
    usage: isThere ? hosted.usage : { residentBytes: null, cpuMs: null },
    handling: hosted?.handling ?? null,
    counts: hosted?.counts ?? null,
    queue: runs && hosted !== null ? hosted.queue : { messages: 0, bytes: 0 },
    lastEnd: hosted?.lastEnd ?? null,
    refused: hosted?.refused ?? [],
    refusedOthers: hosted?.refusedOthers ?? 0,
    refusedOthersByKind: hosted?.refusedOthersByKind ?? {},
    stderr: hosted?.stderr ?? null,
    lastFailure: hosted?.lastFailure ?? null,
    grants: tokensOf(plugin.grants),
    waitingVersion: plugin.waiting?.version ?? null,
  };
}

function since(iso: HostStatus["startedAt"] | undefined, now: Date): number | null {
  const ms = iso === undefined ? NaN : now.getTime() - Date.parse(iso);
  return Number.isFinite(ms) ? Math.max(0, ms) : null;
}
