import assert from "node:assert/strict";
import { readEvents, until } from "./harness.ts";
import {
  ask,
  call,
  finish,
  linuxTest,
  PluginTestHome,
  processExists,
  type TestPlugin,
  WITNESS,
} from "./plugin_home.ts";
import { verifies } from "../verifies.ts";

const OFF: readonly (readonly [string, Partial<TestPlugin>, Record<string, string>, RegExp])[] = [
  ["no Deno", {}, { KM_DENO: "/nowhere/deno" }, /no Deno to run plugins on/],
  ["needs a licence", { manifest: { requiredTier: "pro" } }, {}, /needs the tier "pro"/],
  ["its code throws", { setup: 'throw new Error("not today");' }, {}, /not today/],
  ["it does not accept to be configured", { members: "onMessage: 7" }, {}, /onMessage/],
];

for (const [name, plugin, env, reason] of OFF) {
  linuxTest(`plugins: ${name}: monitoring goes on, and the status says why`, async () => {
    verifies("plugin-graceful");
    await using home = new PluginTestHome(env);
    await home.install({ name: "broken", members: WITNESS, ...plugin });
    await using km = home.monitor("mcp");
    await ask(km, call(1));
    const status = await home.pluginIs(
      "broken",
      ({ state }) => ["refused", "waiting", "off"].includes(state),
    );
    assert.match(status.reason ?? "", reason);
    await finish(km);
    assert.equal((await readEvents(home.path)).filter(({ kind }) => kind === "request").length, 1);
  });
}

linuxTest(
  "plugins: a changed file, a lock file that nobody can read: monitoring goes on, and the status says why",
  async () => {
    verifies("plugin-graceful");
    await using home = new PluginTestHome();
    await home.install({ name: "changed", members: WITNESS });
    await home.tamper("changed");
    await using km = home.monitor("mcp");
    await ask(km, call(1));
    const status = await home.pluginIs("changed", ({ state }) => state === "refused");
    assert.match(status.reason ?? "", /"plugin.js" was changed/);
    Deno.writeTextFileSync(`${home.path}/plugins.lock`, "{ nonsense");
    await ask(km, call(2));
    await until(() => /plugins.lock/.test(home.status?.problem ?? ""), "the problem in the status");
    await finish(km);
    assert.equal((await readEvents(home.path)).filter(({ kind }) => kind === "request").length, 2);
  },
);

linuxTest("plugins: a host that is killed is started again; one that hangs delays no end", async () => {
  verifies("plugin-graceful");
  await using home = new PluginTestHome();
  await home.install({ name: "witness", members: WITNESS });
  await using km = home.monitor("mcp");
  await ask(km, call(1));
  await home.pluginIs("witness", ({ counts }) => counts.messages > 0);
  const first = home.status?.pid ?? 0;
  Deno.kill(first, "SIGKILL");
  let id = 1;
  await until(async () => {
    await ask(km, call(++id));
    const status = home.status;
    return status !== null && status.pid !== first && (home.plugin("witness")?.counts.messages ?? 0) > 0;
  }, "another host");
  const second = home.status?.pid ?? 0;
  Deno.kill(second, "SIGSTOP");
  try {
    for (let n = 0; n < 50; n++) await ask(km, call(++id));
    await finish(km);
  } finally {
    Deno.kill(second, "SIGCONT");
  }
  assert.equal((await readEvents(home.path)).filter(({ kind }) => kind === "request").length, id);
});

linuxTest("plugins: a plugin that is stuck when its host is killed is ended by the next host", async () => {
  verifies("abuse-kill");
  await using home = new PluginTestHome();
  const limits = { messageMs: 10_000, cpuPercent: 100 };
  await home.install({ name: "stuck", members: "onMessage() { for (;;); }", limits });
  await using km = home.monitor("mcp");
  await ask(km, call(1));
  const { pid } = await home.pluginIs("stuck", (status) => status.pid !== null && status.state === "running");
  await until(() => processorTicks(pid ?? 0) > 30, "it to be stuck");
  Deno.kill(home.status?.pid ?? 0, "SIGKILL");
  let id = 1;
  await until(async () => {
    await ask(km, call(++id));
    return !processExists(pid ?? 0);
  }, "the end of the stuck plugin");
  await finish(km);
});

/** Processor time in hundredths of a second. @see proc_pid_stat(5), fields 14 and 15 */
function processorTicks(pid: number): number {
  const fields = Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ").at(-1)?.split(" ") ?? [];
  return Number(fields[11]) + Number(fields[12]);
}
