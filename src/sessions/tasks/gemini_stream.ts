/**
 * `gemini -o stream-json`: `init`, `message` (in pieces, `delta: true`), `tool_use`, `tool_result`, `error`, `result`.
 *
 * Signed out it prints no event at all: words on stderr, and exit code 41. Cost and turns are not reported.
 * @see gemini-cli 0.61.0, recorded in tests/fixtures/tasks @module
 */
import { NO_METRICS } from "../../core/task.ts";
import { type AgentParser, type AgentReport, type Said, saysSignedOut } from "./agent_parser.ts";
import { countOf, inBrief, type Json, objectOf, textOf } from "./json_value.ts";

/** Exit code when nobody is signed in. */
export const GEMINI_SIGNED_OUT = 41;
/** Most that is kept of a message that comes in pieces, in characters. */
const MAX_MESSAGE_CHARS = 1024 * 1024;

export function geminiParser(): AgentParser {
  let message = "";
  let report: AgentReport = {
    conversationId: null,
    result: null,
    metrics: NO_METRICS,
    end: null,
    error: null,
    isSignedOut: false,
    doing: null,
  };
  /** The message is whole: something else comes. */
  const finish = (): Said[] => {
    const text = message;
    message = "";
    if (text.trim() === "") return [];
    report = { ...report, result: text };
    return [{ kind: "message", text }];
  };
  const failed = (text: string): Said => {
    report = { ...report, error: text, isSignedOut: report.isSignedOut || saysSignedOut(text) };
    return { kind: "error", text };
  };
  return {
    read(event) {
      switch (event["type"]) {
        case "init":
          report = { ...report, conversationId: textOf(event["session_id"]) ?? report.conversationId };
          return [];
        case "message": {
          if (event["role"] !== "assistant") return finish();
          const before = event["delta"] === true ? [] : finish();
          message = (message + (textOf(event["content"]) ?? "")).slice(0, MAX_MESSAGE_CHARS);
          return before;
        }
        case "tool_use":
          return [...finish(), {
            kind: "tool",
            text: `${textOf(event["tool_name"]) ?? "tool"} ${inBrief(event["parameters"])}`,
          }];
        case "tool_result":
          return [...finish(), ...toolFailure(event)];
        case "error":
          return [...finish(), failed(textOf(event["message"]) ?? "it did not say which")];
        case "result": {
          const said = finish();
          const isGood = event["status"] === "success";
          const problem = isGood
            ? ""
            : textOf(objectOf(event["error"])?.["message"]) ?? report.error ?? "it did not say why";
          report = { ...report, end: { isGood, text: problem }, metrics: metricsOf(event) };
          return isGood ? said : [...said, failed(problem)];
        }
        default:
          return [];
      }
    },
    end: finish,
    get report() {
      return report;
    },
  };
}

function toolFailure(event: Json): Said[] {
  if (event["status"] !== "error") return [];
  const text = textOf(objectOf(event["error"])?.["message"]) ?? textOf(event["output"]) ??
    "it did not say why";
  return [{ kind: "error", text: `a tool failed: ${inBrief(text)}` }];
}

function metricsOf(event: Json): AgentReport["metrics"] {
  const stats = objectOf(event["stats"]);
  return {
    ...NO_METRICS,
    inputTokens: countOf(stats?.["input_tokens"]),
    outputTokens: countOf(stats?.["output_tokens"]),
    durationMs: countOf(stats?.["duration_ms"]),
  };
}
