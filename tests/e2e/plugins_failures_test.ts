import assert from "node:assert/strict";
import { runKm } from "./harness.ts";
import { ask, call, finish, linuxTest, PluginTestHome } from "./plugin_home.ts";
import { verifies } from "../verifies.ts";

linuxTest(
  "plugins: one that fails on each message says so in the status, with what; figures outlive a change of what is granted",
  async () => {
    verifies("plugin-graceful");
    await using home = new PluginTestHome();
    await home.install({ name: "failing", members: `onMessage() { throw new TypeError("no such word"); }` });
    await using km = home.monitor("mcp");
    await ask(km, call(1));
    const before = await home.pluginIs("failing", ({ counts }) => counts.failed >= 3);
    const { out } = await runKm(["plugins", "status"], { home: home.path, env: home.env });
    assert.match(out, /^ {2}3 of 3 messages failed, last .*: TypeError: no such word$/m);
    await home.change("failing", (plugin) => ({
      ...plugin,
      grants: { ...plugin.grants, data: { ...plugin.grants.data, payload: "none" } },
    }));
    const { counts } = await home.pluginIs(
      "failing",
      ({ state, pid }) => state === "running" && pid !== before.pid,
    );
    assert.deepEqual([counts.failed, counts.messages, counts.starts], [3, 3, 2]);
    await finish(km);
  },
);

linuxTest(
  "plugins: one that never started is said to have failed, also when no host runs; what it missed is counted",
  async () => {
    verifies("plugin-graceful", "plugin-queue");
    await using home = new PluginTestHome();
    await home.install({
      name: "broken",
      members: "onMessage() {}",
      setup: `throw new Error("no such place");`,
    });
    await using km = home.monitor("mcp");
    await ask(km, call(1));
    await home.pluginIs("broken", ({ queue }) => queue.messages >= 3);
    await finish(km);
    await home.hostGone();
    const { out } = await runKm(["plugins", "status"], { home: home.path, env: home.env });
    assert.match(out, /^broken +1\.0\.0 +failed /m);
    assert.match(
      out,
      /^ {2}failed when it last ran: .*no such place.*; it is tried again with the next km monitor$/m,
    );
    assert.ok((home.plugin("broken")?.counts.droppedMessages ?? 0) >= 3, JSON.stringify(home.status));
  },
);
