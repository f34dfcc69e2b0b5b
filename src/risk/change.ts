/** What is different since this time yesterday: one line each, for the overview. Pure. @module */
import { formatCount, formatPercent, plural } from "../core/quantity.ts";
import type { ToolCalls } from "../store/risk_facts.ts";
import { isFailing, nameOf } from "./rules.ts";

export const CHANGE_KINDS = [
  "new_server",
  "new_tool",
  "tool_changed",
  "tool_failing",
  "volume_up",
  "volume_down",
] as const;
export type ChangeKind = typeof CHANGE_KINDS[number];

/** Field names are a stable contract (`GET /api/overview`). */
export interface Change {
  readonly kind: ChangeKind;
  readonly text: string;
  readonly server: string | null;
  readonly tool: string | null;
}

/** What the comparison needs; times in µs since the Unix epoch. */
export interface ChangeFacts {
  readonly nowUs: number;
  readonly servers: readonly { readonly server: string; readonly firstSeenUs: number }[];
  readonly tools: readonly {
    readonly server: string;
    readonly tool: string;
    readonly firstListedUs: number;
    readonly changedUs: number | null;
  }[];
  /** Calls of each tool in the last 24 hours, and in the 24 before those. */
  readonly day: readonly ToolCalls[];
  readonly dayBefore: readonly ToolCalls[];
  /** All calls of the same two stretches. */
  readonly calls: number;
  readonly callsBefore: number;
}

const DAY_US = 86_400 * 1e6;
/** More new tools of one server than this are one line. */
const LISTED_TOOLS = 3;
/** Volume is only told of when at least one of the two days had this many calls. */
const LEAST_CALLS = 20;
/** Up or down by more than this share. */
const VOLUME_SHARE = 0.5;

/** The changes, servers before tools before volume. */
export function findChanges(facts: ChangeFacts): Change[] {
  const newServers = newOnes(facts);
  return [
    ...newServers.map((server) => change("new_server", `New server "${server}"`, server)),
    ...findNewTools(facts, new Set(newServers)),
    ...findChangedDefinitions(facts),
    ...findNewFailures(facts),
    ...findVolume(facts),
  ];
}

function newOnes({ nowUs, servers }: ChangeFacts): string[] {
  return servers.filter(({ firstSeenUs }) => nowUs - firstSeenUs < DAY_US).map(({ server }) => server).sort();
}

function findNewTools({ nowUs, tools }: ChangeFacts, newServers: ReadonlySet<string>): Change[] {
  const added = tools.filter((tool) => nowUs - tool.firstListedUs < DAY_US && !newServers.has(tool.server));
  return [...Map.groupBy(added, (tool) => tool.server)].flatMap(([server, list]) =>
    list.length > LISTED_TOOLS
      ? [change("new_tool", `${plural(list.length, "new tool")} of "${server}"`, server)]
      : list.map(({ tool }) => change("new_tool", `New tool ${tool} of "${server}"`, server, tool))
  );
}

function findChangedDefinitions({ nowUs, tools }: ChangeFacts): Change[] {
  return tools.filter(({ changedUs }) => changedUs !== null && nowUs - changedUs < DAY_US)
    .map(({ server, tool }) =>
      change("tool_changed", `The definition of ${tool} of "${server}" changed`, server, tool)
    );
}

function findNewFailures({ day, dayBefore }: ChangeFacts): Change[] {
  const failedBefore = new Set(dayBefore.filter(isFailing).map(nameOf));
  return day.filter((tool) => isFailing(tool) && !failedBefore.has(nameOf(tool))).map(
    ({ server, tool, calls, errors }) =>
      change(
        "tool_failing",
        `${tool} of "${server}" began to fail: ${errors} of ${plural(calls, "call")}`,
        server,
        tool,
      ),
  );
}

function findVolume({ calls, callsBefore }: ChangeFacts): Change[] {
  if (callsBefore === 0 || Math.max(calls, callsBefore) < LEAST_CALLS) return [];
  const share = calls / callsBefore - 1;
  if (Math.abs(share) <= VOLUME_SHARE) return [];
  const text = `${share > 0 ? "More" : "Fewer"} calls than the day before: ${formatCount(calls)} after ` +
    `${formatCount(callsBefore)} (${share > 0 ? "+" : "−"}${formatPercent(Math.abs(share))})`;
  return [change(share > 0 ? "volume_up" : "volume_down", text)];
}

function change(
  kind: ChangeKind,
  text: string,
  server: string | null = null,
  tool: string | null = null,
): Change {
  return { kind, text, server, tool };
}
