import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { happenings, runInSandbox } from "../../tests/plugin_sandbox.ts";
import { verifies } from "../../tests/verifies.ts";
import { fakeMessage, tryPlugin } from "../sdk/testing.ts";
import plugin, { lineOf } from "./plugin.ts";

const RED = "\x1b[31m";

Deno.test("console-logger shows one coloured line a message, in the sandbox", async () => {
  verifies("plugin-console-logger", "plugin-sdk");
  const run = await runInSandbox("console-logger");
  const lines = happenings(run, "log");
  deepStrictEqual(lines.map(({ text }) => text), [
    "00:00:00.000 fixture → initialize 152 B",
    "00:00:01.000 fixture ← initialize 3.2 ms 140 B",
    "00:00:02.000 fixture → tools/call forecast 103 B",
    "00:00:03.000 fixture ← tools/call forecast 44.1 ms 77 B",
    "00:00:04.000 fixture ← tools/call forecast 3.0 ms 82 B error -32602 no such city·[2J",
    "00:00:05.000 fixture ← tools/call forecast 1.50 s 115 B tool error: the station does not answer",
  ]);
  const colored = lines.map(({ console }) => console ?? "");
  ok(colored.every((line) => line.includes("\x1b[36m→\x1b[0m") || line.includes("\x1b[32m←\x1b[0m")));
  deepStrictEqual(colored.map((line) => line.includes(RED)), [false, false, false, false, true, true]);
  strictEqual(happenings(run, "refused").length, 0);
});

Deno.test("console-logger honours noColor, all and width", async () => {
  const config = { noColor: true, all: true, width: 40 };
  const run = await runInSandbox("console-logger", { config });
  const lines = happenings(run, "log").map(({ console }) => console ?? "");
  strictEqual(lines.length, 7, "the notification, too");
  ok(lines.every((line) => !line.includes("\x1b") && line.length <= 40), lines.join("\n"));
  match(lines[4] ?? "", /…$/);
});

Deno.test("console-logger shows nothing that steers a terminal", async () => {
  const message = fakeMessage({ id: 1, error: { code: 1, message: "a\x1b]0;x\x07b\u202ec\nd" } });
  const { console } = await tryPlugin(plugin, [message], { config: { noColor: true } });
  match(console[0] ?? "", /error 1 a·\]0;x·b·c·d$/);
});

Deno.test("lineOf() counts no colours, and cuts where the line ends", () => {
  const pieces = [{ text: "abc", color: "red" as const }, { text: "defgh" }, { text: "i" }];
  strictEqual(lineOf(pieces, { color: false, width: 100 }), "abc defgh i");
  strictEqual(lineOf(pieces, { color: false, width: 7 }), "abc de…");
  strictEqual(lineOf(pieces, { color: true, width: 3 }), `${RED}abc\x1b[0m`);
  strictEqual(lineOf(pieces, { color: false, width: 4 }), "abc");
});
