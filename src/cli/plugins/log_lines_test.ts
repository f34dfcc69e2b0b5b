import { deepStrictEqual, equal, ok } from "node:assert/strict";
import { folded, logLine, readLogEntry } from "./log_lines.ts";

const NOW = new Date("2026-11-21T12:00:00Z");
const ENTRY = {
  plugin: "colours",
  time: "2026-11-21T11:59:58.000Z",
  source: "plugin",
  level: "info",
  text: "plain\x1b]0;title\x07\u202e",
  console: "\x1b[32mgreen\x1b[2J",
} as const;

Deno.test("logLine() keeps a plugin's colours where they are wanted, and escapes what else would steer a terminal", () => {
  const [plain, colored] = [logLine(ENTRY, false, NOW), logLine(ENTRY, true, NOW)];
  equal(plain.slice(plain.indexOf("colours")), "colours: plain\\e]0;title\\u{7}\\u{202e}");
  equal(colored.slice(colored.lastIndexOf("\x1b[39m: ")), "\x1b[39m: \x1b[32mgreen\\e[2J\x1b[0m");
});

Deno.test("readLogEntry() passes over what is no entry", () => {
  const { plugin: _, ...entry } = ENTRY;
  deepStrictEqual(readLogEntry("colours", JSON.stringify(entry)), ENTRY);
  for (
    const line of ["{", "null", "[]", '{"time":1}', '{"time":"","source":"host","level":"info","text":3}']
  ) {
    equal(readLogEntry("colours", line), null, line);
  }
});

Deno.test("logLine() indents what a plugin wrote on further lines, so that it passes for no entry", () => {
  const line = logLine({ ...ENTRY, console: "one\n2026-11-21 error km (km): two\n" }, true, NOW);
  equal(line.split("\n")[1], "    2026-11-21 error km (km): two");
});

Deno.test("folded() makes one line of what was said again and again, and says how often", () => {
  const entry = (text: string, second: number) => ({
    plugin: "quiet",
    time: `2026-11-21T12:00:0${second}.000Z`,
    source: "host" as const,
    level: "error" as const,
    text,
  });
  const lines = folded([entry("a", 1), entry("a", 2), entry("a", 3), entry("b", 4), entry("a", 5)]);
  deepStrictEqual(lines, [{ ...entry("a", 3), times: 3 }, entry("b", 4), entry("a", 5)]);
  ok(lines.map((line) => logLine(line, false, new Date(line.time)))[0]?.endsWith("quiet (km): a (3 times)"));
});
