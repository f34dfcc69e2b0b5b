/** The rules: each looks at the facts of one matter and says what a person should know and do. Pure; a rule that finds nothing is silent. @module */
import { formatTimeUs } from "../core/clock.ts";
import { formatBytes, formatCount, formatDuration, formatPercent, plural } from "../core/quantity.ts";
import type { Facts, ToolCalls } from "../store/risk_facts.ts";
import type { Finding, FindingKind, Severity } from "./finding.ts";

const DAY_US = 86_400 * 1e6;
/** A definition that changed this long ago is old news. */
const CHANGED_US = 7 * DAY_US;
/** Fewer calls than this say nothing about a tool. */
export const FAILING_CALLS = 5;
/** Share of calls that fail from which a tool counts as failing. */
export const FAILING_RATE = 0.5;
/** Tokens of unused definitions of one server that are worth a word: some cents in each hundred conversations. */
const HEAVY_TOKENS = 2000;
/** A 95th percentile of fewer calls is one or two calls. */
const SLOWER_CALLS = { today: 20, before: 50 } as const;
const SLOWER_FACTOR = 2;
/** Slower by less than this is nothing that a person or a model would notice, in ms. */
const SLOWER_LEAST_MS = 50;

const RULES: readonly ((facts: Facts) => Finding[])[] = [
  findGaps,
  findHungCalls,
  findFailingTools,
  findChangedTools,
  findSlowerTools,
  findPluginFindings,
  findUnusedDefinitions,
];
const GRAVITY: Readonly<Record<Severity, number>> = { critical: 0, warning: 1, info: 2 };

/** What all rules find, gravest first, then latest. */
export function findAll(facts: Facts): Finding[] {
  return RULES.flatMap((rule) => rule(facts)).sort((a, b) =>
    GRAVITY[a.severity] - GRAVITY[b.severity] || b.time.localeCompare(a.time) || a.id.localeCompare(b.id)
  );
}

/** True for a tool that fails so often that it is of little use. */
export function isFailing({ calls, errors }: Pick<ToolCalls, "calls" | "errors">): boolean {
  return calls >= FAILING_CALLS && errors / calls >= FAILING_RATE;
}

/** Events that were not recorded: figures and lists lack them. */
export function findGaps({ gaps }: Facts): Finding[] {
  return gaps.map((gap) =>
    finding("record_gap", "warning", gap.server, null, {
      title: `Not everything of "${gap.server}" was recorded`,
      detail:
        `${plural(gap.messages, "message")} (${
          formatBytes(gap.bytes)
        }) passed in the last 24 hours without ` +
        `being recorded; client and server got them. km gives up recording rather than slow them down: look whether the ` +
        `disk is full or slow ("km doctor"), or whether the machine was short of processors.`,
      time: gap.lastTime,
      eventId: gap.eventId,
    })
  );
}

/** Calls whose run ended without an answer. */
export function findHungCalls({ hung }: Facts): Finding[] {
  return hung.filter(({ calls }) => calls > 0).map((row) =>
    finding("calls_hung", "warning", row.server, null, {
      title: `"${row.server}" left ${plural(row.calls, "call")} without an answer`,
      detail:
        `The server ended, or was ended, while ${
          row.calls === 1 ? "a call was" : "calls were"
        } waiting. Read its ` +
        `last log lines before that ("km events --server ${row.server} --kind log"); a server that crashes on some input ` +
        `does it again.`,
      time: row.lastTime,
      eventId: row.eventId,
    })
  );
}

/** Tools that fail at least every other time. */
export function findFailingTools({ day }: Facts): Finding[] {
  return day.filter(isFailing).map((tool) =>
    finding("tool_failing", "critical", tool.server, tool.tool, {
      title: `${tool.tool} fails ${formatPercent(tool.errors / tool.calls)} of the time`,
      detail:
        `${formatCount(tool.errors)} of ${
          plural(tool.calls, "call")
        } of "${tool.server}" failed in the last 24 ` +
        `hours. Look at one of them: often it is a missing credential, a path that is not there, or a description that ` +
        `leads the model to wrong arguments. A tool that nobody needs is better switched off.`,
      time: tool.lastTime,
      eventId: tool.failedId,
    })
  );
}

/** Definitions that are not what they were: the model reads something else now, and nobody asked the user. */
export function findChangedTools({ nowUs, changed }: Facts): Finding[] {
  return changed.filter(({ changedUs }) => nowUs - changedUs <= CHANGED_US).map((tool) =>
    finding("tool_changed", "warning", tool.server, tool.tool, {
      title: `The definition of ${tool.tool} changed`,
      detail:
        `"${tool.server}" now describes this tool differently than before. After an update of the server that is ` +
        `normal; otherwise read the new description in its last tools/list: what stands there is read by your model as ` +
        `instructions.`,
      time: formatTimeUs(tool.changedUs),
      eventId: null,
    })
  );
}

/** Tools that take twice as long as in the week before. */
export function findSlowerTools({ day, weekBefore }: Facts): Finding[] {
  const before = new Map(weekBefore.map((tool) => [nameOf(tool), tool]));
  return day.flatMap((tool) => {
    const earlier = before.get(nameOf(tool));
    if (!earlier || tool.p95Ms === null || earlier.p95Ms === null) return [];
    if (tool.calls < SLOWER_CALLS.today || earlier.calls < SLOWER_CALLS.before) return [];
    if (tool.p95Ms < earlier.p95Ms * SLOWER_FACTOR || tool.p95Ms - earlier.p95Ms < SLOWER_LEAST_MS) return [];
    return [finding("tool_slower", "info", tool.server, tool.tool, {
      title: `${tool.tool} became slower`,
      detail:
        `One call in twenty of "${tool.server}" took ${
          formatDuration(tool.p95Ms)
        } or more in the last 24 hours; in ` +
        `the week before it was ${
          formatDuration(earlier.p95Ms)
        }. Look at its slowest calls: larger answers, or a service ` +
        `behind the server that got slow.`,
      time: tool.lastTime,
      eventId: null,
    })];
  });
}

/** Servers whose unused tools fill the model's context. */
export function findUnusedDefinitions({ unused }: Facts): Finding[] {
  const servers = Map.groupBy(unused, (tool) => tool.server);
  return [...servers].flatMap(([server, tools]) => {
    const tokens = tools.reduce((sum, tool) => sum + tool.definitionTokens, 0);
    if (tokens < HEAVY_TOKENS) return [];
    return [finding("unused_definitions", "info", server, null, {
      title: `${plural(tools.length, "unused tool")} of "${server}" cost about ${formatCount(tokens)} tokens`,
      detail:
        `Every conversation pays for their definitions, and nobody called them in the last 7 days. Switch off the ` +
        `tools you do not need in your client, or the whole server. Heaviest: ${heaviest(tools)}.`,
      time: tools.reduce((last, tool) => tool.lastListed > last ? tool.lastListed : last, ""),
      eventId: null,
    })];
  });
}

/** What plugins found. Their words are passed on as theirs: `plugin` says whose. */
export function findPluginFindings({ fromPlugins }: Facts): Finding[] {
  return fromPlugins.map((row) => ({
    id: ["plugin", row.plugin, row.key].map(encodeURIComponent).join(":"),
    kind: "plugin",
    severity: row.severity,
    title: row.title,
    detail: row.detail,
    server: row.server,
    tool: row.tool,
    time: row.lastTime,
    eventId: row.eventId,
    plugin: row.plugin,
  }));
}

function heaviest(tools: Facts["unused"]): string {
  return tools.toSorted((a, b) => b.definitionTokens - a.definitionTokens).slice(0, 3)
    .map((tool) => tool.tool).join(", ");
}

function finding(
  kind: FindingKind,
  severity: Severity,
  server: string,
  tool: string | null,
  rest: Pick<Finding, "title" | "detail" | "time" | "eventId">,
): Finding {
  const id = [kind, server, tool ?? ""].map(encodeURIComponent).join(":");
  return {
    id,
    kind,
    severity,
    title: rest.title,
    detail: rest.detail,
    server,
    tool,
    time: rest.time,
    eventId: rest.eventId,
    plugin: null,
  };
}

/** A tool as a key of maps. */
export function nameOf({ server, tool }: Pick<ToolCalls, "server" | "tool">): string {
  return JSON.stringify([server, tool]);
}
