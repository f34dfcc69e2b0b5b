/**
 * `codex exec --json`: `thread.started`, `turn.started`, `item.started|updated|completed`, `turn.completed|failed`, `error`.
 *
 * `error` is also told when it only tries again ("Reconnecting... 2/5"): what counts is whether the turn was completed. Cost is not reported.
 * @see codex 0.169.0, recorded in tests/fixtures/tasks @module
 */
import { NO_METRICS } from "../../core/task.ts";
import { type AgentParser, type AgentReport, type Said, saysSignedOut } from "./agent_parser.ts";
import { countOf, inBrief, type Json, objectOf, objectsOf, textOf } from "./json_value.ts";

export function codexParser(): AgentParser {
  let turns = 0;
  let report: AgentReport = {
    conversationId: null,
    result: null,
    metrics: NO_METRICS,
    end: null,
    error: null,
    isSignedOut: false,
    doing: null,
  };
  const failed = (text: string, isEnd: boolean): Said[] => {
    report = {
      ...report,
      error: text,
      isSignedOut: report.isSignedOut || saysSignedOut(text),
      doing: isEnd ? null : text,
      ...(isEnd && { end: { isGood: false, text } }),
    };
    return [{ kind: "error", text }];
  };
  return {
    read(event) {
      switch (event["type"]) {
        case "thread.started":
          report = { ...report, conversationId: textOf(event["thread_id"]) ?? report.conversationId };
          return [];
        case "turn.started":
          report = { ...report, end: null };
          return [];
        case "turn.completed":
          turns++;
          report = {
            ...report,
            end: { isGood: true, text: "" },
            isSignedOut: false,
            doing: null,
            metrics: metricsOf(event, turns),
          };
          return [];
        case "turn.failed":
          return failed(textOf(objectOf(event["error"])?.["message"]) ?? "it did not say why", true);
        case "error":
          return failed(textOf(event["message"]) ?? "it did not say which", false);
        case "item.completed": {
          const item = objectOf(event["item"]) ?? {};
          report = { ...report, doing: null };
          if (item["type"] === "agent_message") {
            report = { ...report, result: textOf(item["text"]) ?? report.result };
          }
          return saidBy(item);
        }
        default:
          return [];
      }
    },
    end: () => [],
    get report() {
      return report;
    },
  };
}

function metricsOf(event: Json, turns: number): AgentReport["metrics"] {
  const usage = objectOf(event["usage"]);
  return {
    ...NO_METRICS,
    // Of the whole thread so far, and with what came from a cache.
    inputTokens: countOf(usage?.["input_tokens"]),
    outputTokens: countOf(usage?.["output_tokens"]),
    turns,
  };
}

function saidBy(item: Json): Said[] {
  const text = textOf(item["text"]) ?? textOf(item["message"]);
  switch (item["type"]) {
    case "agent_message":
      return text === null ? [] : [{ kind: "message", text }];
    case "error":
      return text === null ? [] : [{ kind: "error", text }];
    case "command_execution": {
      const code = countOf(item["exit_code"]);
      const ended = code === null || code === 0 ? "" : ` (exit code ${code})`;
      return [{ kind: "tool", text: `${inBrief(item["command"])}${ended}` }];
    }
    case "file_change":
      return [{
        kind: "tool",
        text: inBrief(objectsOf(item["changes"]).map(({ kind, path }) => `${kind} ${path}`).join(", ")),
      }];
    case "mcp_tool_call":
      return [{
        kind: "tool",
        text: `${item["server"]} ${item["tool"]} ${inBrief(item["arguments"] ?? {})}`,
      }];
    case "web_search":
      return [{ kind: "tool", text: `web search: ${inBrief(item["query"] ?? "")}` }];
    default:
      return [];
  }
}
