/** `km calls`: requests with their answers, newest last. @module */

import { callFilter } from "../../core/filter.ts";
import { type Call, FAILED_OUTCOMES } from "../../core/event.ts";
import { command as defineCommand } from "../command.ts";
import { CALL_FLAGS, RANGE_FLAGS, refuseRange, SUBJECT_FLAGS } from "../filter.ts";
import type { Style } from "../../core/paint.ts";
import { formatBytes, formatClock, formatCount, formatDuration } from "../../core/quantity.ts";
import { jsonText } from "../json_text.ts";
import { explainNothing, NOTHING_RECORDED } from "../read_store.ts";
import { withSource } from "../source.ts";
import { type Column, table } from "../table.ts";
import { stdoutTerminal, write, writeLines } from "../terminal.ts";

export const command = defineCommand({
  name: "calls",
  summary: "List calls (a request with its answer), newest last",
  details:
    "Outcomes: ok; error (a JSON-RPC error); tool_error (the tool's result says isError); cancelled; late (answered after it " +
    "was cancelled); hung (the server ended without an answer); open (still waiting).",
  flags: [
    { name: "limit", short: "n", type: "number", default: "50", help: "Show the newest n" },
    ...RANGE_FLAGS,
    ...SUBJECT_FLAGS,
    ...CALL_FLAGS,
    { name: "json", type: "boolean", help: "One JSON object per line" },
  ],
  examples: [
    ["km calls --outcome tool_error --since today", "tools that failed today"],
    ["km calls --json | jq -s 'max_by(.durationMs)'", "the slowest of the newest 50"],
  ],
  json: {
    id: "id of the request's event: km show <id>",
    time: "of the request, ISO 8601 in UTC with µs",
    correlationId: "the run of the server that it belongs to",
    server: "name of the server",
    client: "what the client calls itself, or null",
    direction: "client_to_server, or server_to_client when the server asked",
    method: "method",
    tool: "tool, prompt or resource URI, or null",
    outcome: "open, ok, error, tool_error, cancelled, late or hung",
    durationMs: "from the request to its answer, or null",
    requestBytes: "bytes of the request on the wire",
    responseBytes: "bytes of the answer on the wire",
    tokens: "estimate of what the answer puts into a model's context",
    responseId: "id of the answer's event, or null",
    operationId: "id of the first request of the operation that this one continues, or null",
  },
  async run(flags) {
    const filter = callFilter(flags, refuseRange);
    return await withSource(async (source) => {
      const calls = (await source.calls(filter, flags.limit)).reverse();
      if (flags.json) writeLines(calls.map((call) => jsonText(call)));
      else if (flags.limit === 0) return 0; // None were asked for.
      else if (calls.length === 0) write(`${explainNothing(await source.serverNames(), "calls", filter)}\n`);
      else writeLines(callTable(calls, await source.shortIds(calls.map(({ id }) => id))));
      return 0;
    }, () => {
      if (!flags.json) write(`${NOTHING_RECORDED}\n`);
      return 0;
    });
  },
});

function callTable(calls: readonly Call[], shortId: (id: string) => string): string[] {
  const now = new Date();
  const oneServer = new Set(calls.map((call) => call.server)).size === 1;
  const columns: Column<Call>[] = [
    { title: "TIME", cell: (call) => formatClock(call.time, now), rank: 1, style: () => "dim" },
    { title: "SERVER", cell: (call) => call.server, least: 8, rank: oneServer ? 7 : 2 },
    { title: "CALL", cell: callText, least: 20 },
    { title: "OUTCOME", cell: (call) => call.outcome, style: outcomeStyle },
    { title: "TOOK", cell: (call) => formatDuration(call.durationMs), align: "right", rank: 3 },
    { title: "IN", cell: (call) => formatBytes(call.requestBytes), align: "right", rank: 6 },
    {
      title: "OUT",
      cell: (call) => call.responseId === null ? "" : formatBytes(call.responseBytes),
      align: "right",
      rank: 4,
    },
    {
      title: "TOKENS",
      cell: (call) => call.tokens === 0 ? "" : `~${formatCount(call.tokens)}`,
      align: "right",
      rank: 5,
    },
    // Never left out: it is what `km show` takes.
    { title: "ID", cell: (call) => shortId(call.id), style: () => "dim" },
  ];
  return table(calls, columns, stdoutTerminal());
}

function callText(call: Call): string {
  const asker = call.direction === "server_to_client" ? "← " : "";
  return asker + [call.method, call.tool].filter(Boolean).join(" ");
}

function outcomeStyle(call: Call): Style {
  if (FAILED_OUTCOMES.includes(call.outcome)) return "red";
  return call.outcome === "ok" ? "green" : "yellow";
}
