/** What `km plugins status` says: as one object, and as lines for people. Every word that a plugin had a hand in is made printable. @module */
import { painter, type Style } from "../../core/paint.ts";
import { printable, printableStart } from "../../core/printable.ts";
import { formatAgo, formatBytes, formatCount, formatDuration, plural } from "../../core/quantity.ts";
import type { HostStatus, LastFailure, PluginCounts, RefusedEntry } from "../../plugins/host/status.ts";
import { wrap } from "../help.ts";
import { type Column, table } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import type { PluginState } from "./plugin_state.ts";

/** One plugin. Names are a contract. */
export interface PluginReport {
  readonly name: string;
  readonly version: string;
  readonly state: PluginState;
  /** For people: why it does not run; null while it does, or could. */
  readonly reason: string | null;
  /** In one line, for people. */
  readonly summary: string;
  readonly since: string | null;
  readonly retryAt: string | null;
  readonly pid: number | null;
  readonly uptimeMs: number | null;
  readonly usage: { readonly residentBytes: number | null; readonly cpuMs: number | null };
  readonly handling: { readonly p50Ms: number; readonly p95Ms: number } | null;
  readonly counts: PluginCounts | null;
  readonly queue: { readonly messages: number; readonly bytes: number };
  readonly lastEnd: { readonly time: string; readonly why: string; readonly detail: string } | null;
  readonly refused: readonly RefusedEntry[];
  readonly refusedOthers: number;
  readonly refusedOthersByKind: Readonly<Record<string, number>>;
  readonly stderr: string | null;
  /** What its handler last threw over a message; null: it handled all. */
  readonly lastFailure: LastFailure | null;
  /** As `--grant` takes them. */
  readonly grants: readonly string[];
  readonly waitingVersion: string | null;
}

/** All of it. Names are a contract. */
export interface StatusReport {
  readonly home: string;
  readonly host: {
    readonly running: boolean;
    readonly pid: number | null;
    readonly version: string | null;
    readonly uptimeMs: number | null;
    readonly monitors: number;
    /** For how long it has not said how it is, though it should have; null: it is not overdue. */
    readonly silentMs: number | null;
    readonly shedMessages: number;
    readonly shedBytes: number;
    readonly emitsLost: number;
    /** What keeps all plugins from running; null: nothing. */
    readonly problem: string | null;
    /** What keeps plugins from what they were granted of the network, judged by the environment of who asks; null: nothing. */
    readonly proxyProblem: string | null;
  };
  readonly deno: HostStatus["deno"];
  readonly licence: HostStatus["licence"];
  readonly plugins: readonly PluginReport[];
}

/** Refused accesses of one plugin that are shown unasked. */
const FEW = 6;
/** Where lines about the host begin to say something, in columns. */
const ABOUT = 13;
/** Longest value of such an access on a line. */
const MAX_VALUE_CHARS = 120;
/** And of an error. */
const MAX_ERROR_CHARS = 300;

/** Lines for people; `verbose`: everything that is known of each. */
export function statusLines(
  report: StatusReport,
  { terminal, verbose, now }: { readonly terminal: Terminal; readonly verbose: boolean; readonly now: Date },
): string[] {
  const paint = painter(terminal.color);
  const lines = [...hostLines(report).flatMap((line) => hang(line, terminal.columns)), ""];
  if (report.plugins.length === 0) return [...lines, "no plugins are installed"];
  if (!verbose) lines.push(...table(report.plugins, COLUMNS, terminal));
  for (const plugin of report.plugins) {
    const notes = verbose ? everything(plugin, now) : notable(plugin, now);
    if (verbose) lines.push(paint("bold", `${printable(plugin.name)} ${printable(plugin.version)}`));
    else if (notes.length > 0) lines.push("", paint("bold", printable(plugin.name)));
    lines.push(...notes.map((note) => `  ${note}`), ...verbose ? [""] : []);
  }
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

function hostLines({ host, deno, licence }: StatusReport): string[] {
  const monitors = host.monitors === 0 ? "no km monitor is connected" : plural(host.monitors, "km monitor");
  const runs = host.running
    ? `runs for ${formatDuration(host.uptimeMs)}, pid ${host.pid}, ${monitors}`
    : host.problem === null
    ? "does not run; the next km monitor starts it when a plugin is on"
    : "does not run";
  const shed = host.shedMessages === 0 ? [] : [
    `shed         ${plural(host.shedMessages, "message")} that it could not take in time (${
      formatBytes(host.shedBytes)
    })`,
  ];
  return [
    `plugin host  ${runs}`,
    ...(host.silentMs === null ? [] : [
      `silent       it has not answered for ${
        formatDuration(host.silentMs)
      }: it was stopped, or cannot write its status (a full disk?); what follows is that old`,
    ]),
    ...(host.problem === null ? [] : [`problem      ${printable(host.problem)}`]),
    ...(host.proxyProblem === null ? [] : [`proxy        ${printable(host.proxyProblem)}`]),
    ...(deno === null ? [] : [`deno         ${printable(deno.version)}, ${printable(deno.path)}`]),
    `licence      ${describeLicence(licence)}`,
    ...shed,
    ...(host.emitsLost === 0
      ? []
      : [`lost         ${plural(host.emitsLost, "result")} that could not be written`]),
  ];
}

/** A line that is too long goes on below what it is about. */
function hang(line: string, columns: number): string[] {
  const [first = "", ...rest] = wrap(line.slice(ABOUT), Math.max(20, columns - ABOUT));
  return [line.slice(0, ABOUT) + first, ...rest.map((more) => " ".repeat(ABOUT) + more)];
}

function describeLicence({ tier, customerId, problem }: HostStatus["licence"]): string {
  const whose = customerId === null ? "" : `, of ${printable(customerId)}`;
  return `${tier}${whose}${problem === null ? "" : `: ${printable(problem)}`}`;
}

const STYLES: Readonly<Record<PluginState, Style>> = {
  running: "green",
  idle: "green",
  starting: "yellow",
  waiting: "yellow",
  off: "red",
  refused: "red",
  failed: "red",
  disabled: "dim",
};

const NUMBER = { align: "right", atLeast: 5 } as const;

const COLUMNS: readonly Column<PluginReport>[] = [
  { title: "PLUGIN", cell: ({ name }) => name, least: 12 },
  { title: "VERSION", cell: ({ version }) => version, least: 8, rank: 2 },
  { title: "STATE", cell: ({ state }) => WORDS[state], style: ({ state }) => STYLES[state] },
  { title: "UP", cell: ({ uptimeMs }) => formatDuration(uptimeMs), align: "right", rank: 5 },
  { title: "MEMORY", cell: ({ usage }) => bytesOrNothing(usage.residentBytes), align: "right", rank: 3 },
  { title: "MESSAGES", cell: ({ counts }) => countOf(counts?.messages), ...NUMBER },
  { title: "DROPPED", cell: ({ counts }) => countOf(counts && lostOf(counts)), ...NUMBER, rank: 1 },
  { title: "FAILED", cell: ({ counts }) => countOf(counts?.failed), ...NUMBER, rank: 1 },
  { title: "P50", cell: ({ handling }) => formatDuration(handling?.p50Ms ?? null), ...NUMBER, rank: 4 },
  { title: "REFUSED", cell: (plugin) => countOf(plugin.counts && refusedCount(plugin)), ...NUMBER },
];

const WORDS: Readonly<Record<PluginState, string>> = {
  running: "running",
  idle: "ready",
  starting: "starting",
  waiting: "waiting",
  off: "off",
  refused: "cannot run",
  failed: "failed",
  disabled: "disabled",
};

/** What a user should know without asking: why one does not run, what it tried, what waits. */
function notable(plugin: PluginReport, now: Date): string[] {
  return [
    ...(plugin.reason === null ? [] : [printable(plugin.summary)]),
    ...failureLine(plugin, now),
    ...waitingLine(plugin),
    ...refusedLines(plugin, now, FEW),
  ];
}

function everything(plugin: PluginReport, now: Date): string[] {
  const { counts, usage, queue, handling, lastEnd, stderr } = plugin;
  const process = [
    plugin.pid === null ? "" : `pid ${plugin.pid}, up ${formatDuration(plugin.uptimeMs)}`,
    bytesOrNothing(usage.residentBytes),
    usage.cpuMs === null ? "" : `${formatDuration(usage.cpuMs)} of CPU`,
  ].filter(Boolean).join(", ");
  return [
    `state      ${printable(plugin.summary)}`,
    ...(process === "" ? [] : [`process    ${process}`]),
    ...(counts === null ? [] : countLines(counts)),
    ...(handling
      ? [`handling   p50 ${formatDuration(handling.p50Ms)}, p95 ${formatDuration(handling.p95Ms)} a message`]
      : []),
    `queue      ${plural(queue.messages, "message")}, ${formatBytes(queue.bytes)}`,
    ...(lastEnd === null ? [] : [
      `last end   ${formatAgo(lastEnd.time, now)}, ${printable(lastEnd.why)}: ${printable(lastEnd.detail)}`,
    ]),
    ...failureLine(plugin, now),
    `granted    ${plugin.grants.map(printable).join(" ") || "nothing"}`,
    ...waitingLine(plugin),
    ...(stderr === null ? [] : [`stderr     ${printableStart(stderr, 400)}`]),
    ...refusedLines(plugin, now, Infinity),
  ];
}

function countLines(counts: PluginCounts): string[] {
  return [
    `messages   ${formatCount(counts.messages)} handed over (${formatBytes(counts.bytes)}), ${
      formatCount(counts.failed)
    } failed, ${formatCount(counts.droppedMessages)} dropped, ${formatCount(counts.lostMessages)} lost`,
    `gave back  ${plural(counts.findings, "finding")}, ${plural(counts.metrics, "metric")}, ${
      plural(counts.annotations, "annotation")
    }${counts.emitsRefused === 0 ? "" : `; ${formatCount(counts.emitsRefused)} not kept`}`,
    `log        ${plural(counts.logLines, "line")}${
      counts.logLinesCut === 0 ? "" : `, ${formatCount(counts.logLinesCut)} cut`
    }`,
    `starts     ${formatCount(counts.starts)}, of which ${
      formatCount(Math.max(0, counts.starts - 1))
    } again; ${formatCount(counts.crashes)} ended unasked`,
  ];
}

/** It runs on, and a table that says so would hide that it does nothing well. */
function failureLine({ counts, lastFailure }: PluginReport, now: Date): string[] {
  if (lastFailure === null || counts === null) return [];
  const failed = `${formatCount(counts.failed)} of ${plural(counts.messages, "message")} failed`;
  return [
    `${failed}, last ${formatAgo(lastFailure.time, now)}: ${
      printableStart(lastFailure.message, MAX_ERROR_CHARS)
    }`,
  ];
}

function waitingLine({ name, waitingVersion }: PluginReport): string[] {
  if (waitingVersion === null) return [];
  return [
    `${printable(waitingVersion)} waits, for it wants more: "km plugins grant ${printable(name)}" shows what`,
  ];
}

function refusedLines(plugin: PluginReport, now: Date, most: number): string[] {
  const { refused } = plugin;
  if (refused.length === 0) return [];
  const shown = refused.slice(0, most).map((entry) =>
    `  ${printable(entry.permission)} ${printableStart(entry.value, MAX_VALUE_CHARS)}, ${
      entry.count === 1 ? "once" : `${formatCount(entry.count)} times`
    }, last ${formatAgo(entry.lastTime, now)}`
  );
  const others = plugin.refusedOthers + refused.length - shown.length;
  const byKind = Object.entries(plugin.refusedOthersByKind).map(([kind, count]) =>
    `${printable(kind)} ${formatCount(count)}`
  );
  const more = others === 0 ? [] : [
    `  and ${formatCount(others)} more${
      most !== Infinity
        ? ': "km plugins status --verbose"'
        : byKind.length === 0
        ? ""
        : `, that found no room: ${byKind.join(", ")}`
    }`,
  ];
  return ["tried, and was refused:", ...shown, ...more];
}

function refusedCount({ refused, refusedOthers }: PluginReport): number {
  return refused.reduce((sum, { count }) => sum + count, refusedOthers);
}

function lostOf({ droppedMessages, lostMessages }: PluginCounts): number {
  return droppedMessages + lostMessages;
}

function countOf(count: number | null | undefined): string {
  return count === null || count === undefined ? "" : formatCount(count);
}

function bytesOrNothing(bytes: number | null): string {
  return bytes === null ? "" : formatBytes(bytes);
}
