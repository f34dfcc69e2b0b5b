/** `km stats`: how often, how slow, how big; and what is paid for nothing. @module */

import { systemClock } from "../../core/clock.ts";
import { checkRange } from "../../core/filter.ts";
import { STATS_BY, type StatsRow } from "../../store/stats.ts";
import { emptyReport, type StatsReport } from "../../store/stats_report.ts";
import { command as defineCommand } from "../command.ts";
import { refuseRange } from "../filter.ts";
import { wrap } from "../help.ts";
import { painter } from "../../core/paint.ts";
import {
  formatAgo,
  formatBytes,
  formatCount,
  formatDuration,
  formatPercent,
  plural,
  sparkline,
} from "../../core/quantity.ts";
import { jsonText } from "../json_text.ts";
import { NOTHING_RECORDED } from "../read_store.ts";
import { withSource } from "../source.ts";
import { type Column, table } from "../table.ts";
import { stdoutTerminal, type Terminal, write, writeLines } from "../terminal.ts";

export const command = defineCommand({
  name: "stats",
  summary: "Show how often, how slow and how big calls were, and which tools are never used",
  details:
    "Percentiles come from a histogram and are exact to a few per cent. Tokens are an estimate of what the answers put into a " +
    "model's context. The trend shows calls over the range in equal slots.",
  flags: [
    {
      name: "since",
      type: "time",
      default: "24h",
      help: "From this time on: 1h (ago), 7d, today, yesterday, 2026-11-21",
    },
    { name: "until", type: "time", help: "Before this time" },
    {
      name: "by",
      type: "choice",
      choices: STATS_BY,
      default: "tool",
      help: "One row for each of these",
    },
    { name: "server", short: "s", type: "string", placeholder: "name", help: "Only of this server" },
    { name: "tool", short: "t", type: "string", placeholder: "name", help: "Only of this tool" },
    { name: "json", type: "boolean", help: "One JSON object" },
  ],
  examples: [
    ["km stats --since 7d --by day", "the last week, day by day"],
    ["km stats --by server --json | jq '.rows[] | select(.errorRate > 0.1)'", "servers that fail often"],
  ],
  json: {
    since: "start of the range, ISO 8601 in UTC",
    until: "end of the range",
    by: "server, tool, method, client, outcome or day",
    rows:
      "one object per row: key, server (by tool), calls, errors, errorRate (0 to 1), p50Ms, p95Ms, p99Ms, requestBytes, " +
      "responseBytes, tokens, lastUsed, series (calls in 24 equal slots)",
    totals:
      "the same figures over everything in the range, and messages, messageBytes (calls or not; null with --tool)",
    unusedTools:
      "tools that were listed but not called: server, tool, definitionBytes, definitionTokens, lastListed",
    definitions:
      "what the tool definitions of each server weigh: server, tools, definitionBytes, definitionTokens",
  },
  async run(flags) {
    const untilUs = flags.until ?? systemClock.nowUs();
    checkRange({ since: flags.since, until: untilUs }, refuseRange);
    const query = {
      sinceUs: flags.since,
      untilUs,
      by: flags.by,
      server: flags.server,
      tool: flags.tool,
    };
    return await withSource(async (source) => {
      const report = await source.stats(query);
      if (flags.json) write(`${jsonText(report)}\n`);
      else writeLines(reportLines(report, stdoutTerminal()));
      return 0;
    }, () => {
      write(flags.json ? `${jsonText(emptyReport(query))}\n` : `${NOTHING_RECORDED}\n`);
      return 0;
    });
  },
});

/** The report as a person reads it. */
export function reportLines(report: StatsReport, terminal: Terminal): string[] {
  const paint = painter(terminal.color);
  const { totals, rows } = report;
  if (totals.calls === 0 && report.unusedTools.length === 0) {
    return [`no calls since ${localTime(report.since)}; try --since 7d`];
  }
  const summary = [
    plural(totals.calls, "call"),
    `${plural(totals.errors, "error")} (${formatPercent(totals.errorRate)})`,
    `${formatBytes(totals.requestBytes)} in, ${formatBytes(totals.responseBytes)} out`,
    `about ${formatCount(totals.tokens)} tokens`,
  ];
  return [
    paint("bold", `Since ${localTime(report.since)}`),
    ...wrapItems(summary, terminal.columns),
    "",
    ...(rows.length === 0 ? [`no calls by ${report.by}`] : statsTable(report, terminal)),
    ...unusedLines(report, terminal),
  ];
}

function statsTable(report: StatsReport, terminal: Terminal): string[] {
  const now = new Date();
  const oneServer = new Set(report.rows.map((row) => row.server)).size === 1;
  const slots = terminal.columns >= 120 ? 24 : terminal.columns >= 76 ? 12 : 8;
  const columns: Column<StatsRow>[] = [
    { title: report.by.toUpperCase(), cell: (row) => row.key, least: 24 },
    { title: "SERVER", cell: (row) => row.server ?? "", optional: true, least: 8, rank: oneServer ? 9 : 4 },
    { title: "CALLS", cell: (row) => formatCount(row.calls), align: "right" },
    {
      title: "ERRORS",
      cell: (row) => row.errors === 0 ? "0" : `${formatCount(row.errors)} (${formatPercent(row.errorRate)})`,
      align: "right",
      style: (row) => row.errors > 0 ? "red" : "dim",
    },
    { title: "P50", cell: (row) => formatDuration(row.p50Ms), align: "right" },
    { title: "P95", cell: (row) => formatDuration(row.p95Ms), align: "right", rank: 2 },
    { title: "P99", cell: (row) => formatDuration(row.p99Ms), align: "right", rank: 5 },
    { title: "IN", cell: (row) => formatBytes(row.requestBytes), align: "right", rank: 8 },
    { title: "OUT", cell: (row) => formatBytes(row.responseBytes), align: "right", rank: 6 },
    {
      title: "TOKENS",
      cell: (row) => row.tokens === 0 ? "" : `~${formatCount(row.tokens)}`,
      align: "right",
      rank: 3,
    },
    { title: "LAST USED", cell: (row) => formatAgo(row.lastUsed, now), align: "right", rank: 7 },
    { title: "TREND", cell: (row) => sparkline(merge(row.series, slots)), style: () => "cyan", rank: 1 },
  ];
  return table(report.rows, columns, terminal);
}

/** Joins neighbouring slots until `slots` are left. */
function merge(series: readonly number[], slots: number): number[] {
  const size = Math.max(1, Math.ceil(series.length / slots));
  const merged: number[] = [];
  for (let i = 0; i < series.length; i += size) {
    merged.push(series.slice(i, i + size).reduce((sum, value) => sum + value, 0));
  }
  return merged;
}

/** Most unused tools that are listed one by one. */
const MAX_UNUSED = 10;

function unusedLines(report: StatsReport, terminal: Terminal): string[] {
  const unused = [...report.unusedTools].sort((a, b) => b.definitionTokens - a.definitionTokens);
  if (unused.length === 0) return [];
  const paint = painter(terminal.color);
  const bytes = unused.reduce((sum, tool) => sum + tool.definitionBytes, 0);
  const tokens = unused.reduce((sum, tool) => sum + tool.definitionTokens, 0);
  const title = `Listed but never called: ${plural(unused.length, "tool")}`;
  const weight = `${formatBytes(bytes)}, about ${
    formatCount(tokens)
  } tokens of context paid for nothing in every conversation`;
  const columns: Column<typeof unused[number]>[] = [
    { title: "TOOL", cell: (tool) => tool.tool, least: 12 },
    { title: "SERVER", cell: (tool) => tool.server, least: 8 },
    { title: "BYTES", cell: (tool) => formatBytes(tool.definitionBytes), align: "right" },
    { title: "TOKENS", cell: (tool) => `~${formatCount(tool.definitionTokens)}`, align: "right" },
  ];
  const rest = unused.length - MAX_UNUSED;
  return [
    "",
    paint("bold", title),
    ...wrap(weight, terminal.columns),
    ...table(unused.slice(0, MAX_UNUSED), columns, terminal),
    ...(rest > 0 ? [paint("dim", `and ${rest} more: km stats --json | jq .unusedTools`)] : []),
  ];
}

/** Joins `items` with dots, as many to a line as fit. */
function wrapItems(items: readonly string[], columns: number): string[] {
  const lines: string[] = [];
  for (const item of items) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 3 + item.length <= columns) {
      lines[lines.length - 1] = `${last} · ${item}`;
    } else lines.push(item);
  }
  return lines;
}

function localTime(iso: string): string {
  const time = new Date(iso);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${two(time.getHours())}:${
    two(time.getMinutes())
  }`;
}
