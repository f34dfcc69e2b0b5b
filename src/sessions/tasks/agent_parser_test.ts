/** What the real agents printed (tests/fixtures/tasks: recorded from claude 2.1.197, codex 0.169.0, gemini-cli 0.61.0), and what nobody should print. */
import assert from "node:assert/strict";
import { NO_METRICS } from "../../core/task.ts";
import type { Structured } from "../providers/provider.ts";
import { type AgentReport, parserOf, type Said } from "./agent_parser.ts";
import { parseObject } from "./json_value.ts";

const FORMATS = {
  claude: "claude-stream-json",
  codex: "codex-jsonl",
  gemini: "gemini-stream-json",
} as const;

/** Feeds lines; those that are no objects are left out, as whoever reads the stream does. */
function parse(
  format: Structured["format"],
  lines: readonly string[],
): { report: AgentReport; said: Said[] } {
  const parser = parserOf(format);
  const said = lines.map(parseObject).filter((event) => event !== null).flatMap((event) =>
    parser.read(event)
  );
  return { said: [...said, ...parser.end()], report: parser.report };
}

function recorded(name: string): { report: AgentReport; said: Said[] } {
  const file = new URL(`../../../tests/fixtures/tasks/${name}.jsonl`, import.meta.url);
  const format = Object.entries(FORMATS).find(([cli]) => name.startsWith(cli))?.[1] ?? "claude-stream-json";
  return parse(format, Deno.readTextFileSync(file).split("\n"));
}

Deno.test("claudeParser() reads tool uses, the result, tokens and the exact cost", () => {
  const { report, said } = recorded("claude_tool");
  assert.deepEqual(said, [
    { kind: "tool", text: 'Bash {"command":"touch made","description":"Make a file"}' },
    { kind: "message", text: "Hello from the model." },
  ]);
  assert.deepEqual(report, {
    conversationId: "99da26c8-cbde-4db5-bc24-ac9a7263a95a",
    result: "Hello from the model.",
    metrics: { inputTokens: 18, outputTokens: 18, turns: 2, costMicroUsd: 540, durationMs: 155 },
    end: { isGood: true, text: "" },
    error: null,
    isSignedOut: false,
    doing: null,
  });
});

Deno.test("claudeParser() takes success with is_error for what it is: nobody is signed in", () => {
  const { report, said } = recorded("claude_signed_out");
  assert.deepEqual([report.end?.isGood, report.isSignedOut], [false, true]);
  assert.equal(report.end?.text, "Not logged in · Please run /login");
  assert.deepEqual(said, [{ kind: "error", text: "Not logged in · Please run /login" }]);
});

Deno.test("claudeParser() says that it tries again, and why", () => {
  const { report } = recorded("claude_bad_key");
  assert.equal(report.doing, "tries again (6 of 10): authentication_failed");
  assert.deepEqual([report.end, report.isSignedOut], [null, true]);
});

Deno.test("claudeParser() tells tools that were not permitted", () => {
  const { report, said } = recorded("claude_denied");
  assert.deepEqual(report.end, { isGood: true, text: "it was not permitted to use a tool 1 time" });
  assert.ok(said.some(({ kind, text }) => kind === "error" && text.startsWith("not permitted: Bash ")));
});

Deno.test("codexParser() reads commands with their exit code, the last message, tokens; no cost is told", () => {
  const { report, said } = recorded("codex_tool");
  assert.deepEqual(said.slice(1), [
    { kind: "tool", text: "/bin/bash -lc 'echo hello; exit 3' (exit code 3)" },
    { kind: "message", text: "The file is made." },
  ]);
  assert.equal(said[0]?.kind, "error");
  assert.deepEqual(report.end, { isGood: true, text: "" });
  assert.deepEqual([report.result, report.conversationId], [
    "The file is made.",
    "01a200ba-f147-7402-8644-c0e56a5e5250",
  ]);
  assert.deepEqual(report.metrics, { ...NO_METRICS, inputTokens: 2400, outputTokens: 60, turns: 1 });
});

Deno.test("codexParser() keeps its lines about reconnecting apart from the end", () => {
  const { report } = recorded("codex_offline");
  assert.equal(report.end, null);
  assert.match(report.doing ?? "", /^Reconnecting\.\.\. waiting for network/);
  assert.equal(report.isSignedOut, false);
});

Deno.test("codexParser() takes a failed turn as the end, 401 as signed out", () => {
  const { report } = recorded("codex_bad_key");
  assert.deepEqual([report.end?.isGood, report.isSignedOut, report.doing], [false, true, null]);
  assert.match(report.end?.text ?? "", /^unexpected status 401 Unauthorized/);
});

Deno.test("geminiParser() joins pieces of a message, reads tool uses and stats", () => {
  const { report, said } = recorded("gemini_tool");
  assert.deepEqual(said, [
    { kind: "tool", text: 'run_shell_command {"command":"touch made","description":"Make a file"}' },
    { kind: "message", text: "Hello from the model." },
  ]);
  assert.deepEqual(report.end, { isGood: true, text: "" });
  assert.deepEqual(report.metrics, { ...NO_METRICS, inputTokens: 27, outputTokens: 27, durationMs: 249 });
  const pieces = ["Hel", "lo.\n", "More."].map((content) =>
    JSON.stringify({ type: "message", role: "assistant", content, delta: true })
  );
  assert.deepEqual(parse("gemini-stream-json", pieces).said, [{ kind: "message", text: "Hello.\nMore." }]);
  assert.equal(parse("gemini-stream-json", pieces).report.result, "Hello.\nMore.");
});

Deno.test("geminiParser() takes a result with an error as the end", () => {
  const { report, said } = recorded("gemini_bad_key");
  assert.deepEqual([report.end?.isGood, report.isSignedOut], [false, true]);
  assert.equal(said.at(-1)?.kind, "error");
});

Deno.test.each(Object.values(FORMATS))("parserOf(%s) takes whatever comes", (format) => {
  const lines = [
    "",
    "no JSON",
    "[1]",
    "null",
    "{}",
    "{",
    ...[
      "system",
      "assistant",
      "user",
      "result",
      "message",
      "error",
      "item.completed",
      "turn.failed",
      "turn.completed",
    ]
      .flatMap((type) =>
        [
          { type },
          {
            type,
            message: 7,
            content: {},
            item: "x",
            error: [],
            usage: null,
            result: {},
            stats: 1,
            subtype: {},
          },
          {
            type,
            message: { content: [null, 1, { type: "text" }, { type: "tool_use" }] },
            item: { type: "file_change" },
          },
          { type, usage: { input_tokens: -1, output_tokens: "7" }, total_cost_usd: NaN, num_turns: null },
        ].map((event) => JSON.stringify(event))
      ),
    JSON.stringify({ type: "a type of next year", text: "x" }),
  ];
  const { report } = parse(format, lines);
  assert.equal(report.metrics.inputTokens, null);
  assert.equal(report.metrics.costMicroUsd, null);
});

Deno.test("parserOf() reads dollars as they are written", () => {
  const costs = [0.1, 0.29, 1.005, 0.0000004, 1e-7, 12345.678901, 0].map((total_cost_usd) =>
    parse("claude-stream-json", [JSON.stringify({ type: "result", subtype: "success", total_cost_usd })])
      .report.metrics.costMicroUsd
  );
  assert.deepEqual(costs, [100_000, 290_000, 1_005_000, 0, 0, 12_345_678_901, 0]);
});
