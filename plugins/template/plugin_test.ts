import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { fakeMessage, tryPlugin } from "../sdk/testing.ts";
import plugin from "./plugin.ts";

/** The answer to a call of `search` that took so long. */
function answer(ms: number) {
  return fakeMessage({ jsonrpc: "2.0", id: 1, result: {} }, {
    event: { method: "tools/call", tool: "search", durationUs: ms * 1000 },
  });
}

Deno.test("my-plugin measures every call", async () => {
  const { metrics, findings } = await tryPlugin(plugin, [answer(3), answer(5)]);
  deepStrictEqual(metrics.map(({ value }) => value), [3, 5]);
  strictEqual(findings.length, 0);
});

Deno.test("my-plugin finds calls that take longer than the user said", async () => {
  const { findings } = await tryPlugin(plugin, [answer(30)], { config: { slowMs: 20 } });
  deepStrictEqual(findings.map(({ title }) => title), ["search is slow"]);
});
