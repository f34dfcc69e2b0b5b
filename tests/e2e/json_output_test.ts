/** `--json` on a terminal: what strangers wrote steers it no more than tables do, and stays the same value. @module */
import { deepStrictEqual, equal, ok } from "node:assert/strict";
import type { Event } from "../../src/core/event.ts";
import { writeHostStatus } from "../../src/plugins/host/status.ts";
import { pluginPaths } from "../../src/plugins/paths.ts";
import { verifies } from "../verifies.ts";
import { runKm, TempFolder } from "./harness.ts";
import { PluginTestHome } from "./plugin_home.ts";
import { hostStatus } from "./plugin_status.ts";

/** C1 controls, DEL, bidirectional, a tag, a filler, a variation selector that belongs to nothing. */
const HOSTILE = "\x9b31m\x7f\u202e\u{e0041}\u3164a\ufe0f 検索 ❤\ufe0f";
// deno-lint-ignore no-control-regex -- control characters are what is looked for
const STEERS = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u3164\u{e0041}]|a\ufe0f/u;
const ECHO = [Deno.execPath(), "eval", "await Deno.stdin.readable.pipeTo(Deno.stdout.writable)"];

async function json(home: string, line: string): Promise<string> {
  const { code, out, err } = await runKm([...line.split(" "), "--json"], { home });
  equal(code, 0, err);
  ok(!STEERS.test(out), `${line}: ${JSON.stringify(STEERS.exec(out))}`);
  return out;
}

Deno.test("what was recorded is printed as JSON that steers no terminal, and is the same value", async () => {
  verifies("read-json-contract");
  using home = new TempFolder();
  const request = {
    jsonrpc: "2.0",
    id: HOSTILE,
    method: "tools/call",
    params: { name: HOSTILE, [HOSTILE]: 1 },
  };
  const { code, err } = await runKm(["monitor", "--name", HOSTILE, "--", ...ECHO], {
    home: home.path,
    stdin: JSON.stringify(request) + "\n",
  });
  equal(code, 0, err);
  const events = (await json(home.path, "events --kind request")).trim().split("\n").map((line) =>
    JSON.parse(line) as Event
  );
  const [event] = events;
  deepStrictEqual([event?.server, event?.tool, event?.payload], [HOSTILE, HOSTILE, request]);
  for (const line of [`show ${event?.id}`, "calls", "stats"]) {
    ok((await json(home.path, line)).includes("\\u3164"), line);
  }
});

Deno.test("what plugins say and try is printed as JSON that steers no terminal, and is the same value", async () => {
  verifies("plugins-commands");
  await using home = new PluginTestHome();
  await home.install({ name: "quiet", members: "onMessage() {}" });
  const paths = pluginPaths(home.path);
  Deno.mkdirSync(paths.logs, { recursive: true });
  const logged = { time: "2026-11-21T11:59:00.000Z", source: "plugin", level: "info", text: HOSTILE };
  Deno.writeTextFileSync(`${paths.logs}/quiet.jsonl`, JSON.stringify(logged) + "\n");
  equal(JSON.parse(await json(home.path, "plugins logs")).text, HOSTILE);
  writeHostStatus(paths.hostStatus, hostStatus("quiet", HOSTILE));
  const [plugin] = JSON.parse(await json(home.path, "plugins status --verbose")).plugins;
  deepStrictEqual([plugin.refused[0].value, plugin.stderr], [HOSTILE, HOSTILE]);
});
