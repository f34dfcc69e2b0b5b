import { equal, match } from "node:assert/strict";
import { hostStatus } from "../../../tests/e2e/plugin_status.ts";
import { verifies } from "../../../tests/verifies.ts";
import type { PluginStatus } from "../../plugins/host/status.ts";
import type { InstalledPlugin } from "../../plugins/trust/plugins_lock.ts";
import { describeState, stateOf } from "./plugin_state.ts";

const INSTALLED = {
  name: "quiet",
  version: "1.0.0",
  enabled: true,
  disabledBecause: null,
  installedAt: "2026-11-20T00:00:00.000Z",
} as InstalledPlugin; // as: nothing else of it is looked at

/** Of a host that has ended, which last said `change` of the plugin. */
function ended(change: Partial<PluginStatus>) {
  const status = hostStatus("quiet", "");
  return { ...status, plugins: status.plugins.map((plugin) => ({ ...plugin, lastEnd: null, ...change })) };
}

const counts = ended({}).plugins[0]?.counts;
const none = { ...counts, messages: 0, droppedMessages: 0 } as PluginStatus["counts"]; // as: the fake has one plugin
const END = { time: "2026-11-21T11:59:00.000Z", why: "handshake", detail: "no such word" };

const CASES: readonly (readonly [string, Partial<PluginStatus>, string, RegExp])[] = [
  ["ran well", { state: "running" }, "idle", /^ready; it runs while/],
  [
    "was refused",
    { state: "refused", reason: "no Deno" },
    "failed",
    /^failed when it last ran: no Deno; it is tried again/,
  ],
  ["crashed", { state: "waiting", reason: "exit code 1" }, "failed", /exit code 1/],
  ["ended too often", { state: "off", reason: "it ended 5 times" }, "failed", /it ended 5 times/],
  ["was being started again", { state: "starting", lastEnd: END }, "failed", /no such word/],
  [
    "was never ready",
    { state: "starting", counts: { ...none, droppedMessages: 7 } },
    "failed",
    /not ready.*7 messages/,
  ],
  ["was about to start", { state: "starting", counts: none }, "idle", /^ready/],
];

Deno.test.each(CASES)("plugins status without a host: of a plugin that %s", (_, change, state, words) => {
  verifies("plugin-graceful");
  const known = stateOf(INSTALLED, ended(change), false, null);
  equal(known.state, state);
  match(describeState(known), words);
});

Deno.test("plugins status without a host: what was installed, enabled or changed since is not held against a plugin", () => {
  const failed = ended({ state: "refused", reason: "no Deno" });
  const later = "2026-11-21T12:30:00.000Z";
  for (const change of [{ installedAt: later }, { enabledAt: later }, { version: "2.0.0" }]) {
    equal(stateOf({ ...INSTALLED, ...change }, failed, false, null).state, "idle");
  }
});
