/**
 * `claude -p --output-format stream-json --verbose`: `system` (init, api_retry), `assistant`, `user` (results of tools), `result`.
 *
 * Of `result` only `is_error` says whether it went well: signed out, its `subtype` is "success".
 * @see claude 2.1.197, recorded in tests/fixtures/tasks @module
 */
import { NO_METRICS } from "../../core/task.ts";
import { plural } from "../../core/quantity.ts";
import { type AgentParser, type AgentReport, type Said, saysSignedOut } from "./agent_parser.ts";
import { countOf, inBrief, type Json, microUsdOf, objectOf, objectsOf, sumOf, textOf } from "./json_value.ts";

export function claudeParser(): AgentParser {
  let report: AgentReport = {
    conversationId: null,
    result: null,
    metrics: NO_METRICS,
    end: null,
    error: null,
    isSignedOut: false,
    doing: null,
  };
  return {
    read(event) {
      report = { ...report, conversationId: textOf(event["session_id"]) ?? report.conversationId };
      switch (event["type"]) {
        case "system":
          if (event["subtype"] === "api_retry") report = retrying(report, event);
          return [];
        case "assistant": {
          const error = textOf(event["error"]);
          report = { ...report, doing: null };
          if (error !== null) {
            report = { ...report, error, isSignedOut: report.isSignedOut || saysSignedOut(error) };
          }
          return partsOf(event).flatMap((part) => saidBy(part, error !== null));
        }
        case "user":
          return partsOf(event).flatMap(toolFailure);
        case "result":
          report = ended(report, event);
          return objectsOf(event["permission_denials"]).map(denied);
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

/** It goes on to try, for minutes: others see why. */
function retrying(report: AgentReport, event: Json): AgentReport {
  const error = textOf(event["error"]) ?? "it did not say why";
  const attempt = countOf(event["attempt"]), most = countOf(event["max_retries"]);
  const doing = `tries again${attempt === null || most === null ? "" : ` (${attempt} of ${most})`}: ${error}`;
  return { ...report, error, doing, isSignedOut: saysSignedOut(error) };
}

function partsOf(event: Json): Json[] {
  return objectsOf(objectOf(event["message"])?.["content"]);
}

function saidBy(part: Json, isError: boolean): Said[] {
  const text = textOf(part["text"]);
  if (part["type"] === "text" && text !== null) return [{ kind: isError ? "error" : "message", text }];
  if (part["type"] !== "tool_use") return [];
  return [{ kind: "tool", text: `${textOf(part["name"]) ?? "tool"} ${inBrief(part["input"])}` }];
}

/** What tools answer is the agent's business, but for what went wrong. */
function toolFailure(part: Json): Said[] {
  if (part["type"] !== "tool_result" || part["is_error"] !== true) return [];
  const { content } = part;
  const text = typeof content === "string"
    ? content
    : objectsOf(content).map(({ text }) => text ?? "").join("\n");
  return [{ kind: "error", text: `a tool failed: ${inBrief(text)}` }];
}

function denied(denial: Json): Said {
  return {
    kind: "error",
    text: `not permitted: ${textOf(denial["tool_name"]) ?? "a tool"} ${inBrief(denial["tool_input"])}`,
  };
}

function ended(report: AgentReport, event: Json): AgentReport {
  const usage = objectOf(event["usage"]);
  const result = textOf(event["result"]);
  const isGood = event["is_error"] !== true && event["subtype"] === "success";
  const errors = Array.isArray(event["errors"])
    ? event["errors"].filter((error) => typeof error === "string")
    : [];
  const problem = isGood ? null : errors[0] ?? result ?? textOf(event["subtype"]) ?? "it did not say why";
  const denials = objectsOf(event["permission_denials"]).length;
  return {
    ...report,
    doing: null,
    result: result ?? report.result,
    error: problem ?? report.error,
    isSignedOut: problem !== null && (report.isSignedOut || saysSignedOut(problem)),
    end: {
      isGood,
      text: problem ?? (denials === 0 ? "" : `it was not permitted to use a tool ${plural(denials, "time")}`),
    },
    metrics: {
      // What came from a cache, or was put there, was read all the same.
      inputTokens: sumOf(
        usage?.["input_tokens"],
        usage?.["cache_creation_input_tokens"],
        usage?.["cache_read_input_tokens"],
      ),
      outputTokens: countOf(usage?.["output_tokens"]),
      turns: countOf(event["num_turns"]),
      costMicroUsd: microUsdOf(event["total_cost_usd"]),
      durationMs: countOf(event["duration_ms"]),
    },
  };
}
