import assert from "node:assert/strict";
import { copy } from "./copy_checkout.ts";
import { ROOT, TempFolder, until } from "./harness.ts";
import { ask, call, finish, linuxTest, PluginTestHome, WITNESS } from "./plugin_home.ts";
import { fakeServer } from "../fakes/ways.ts";
import { Running } from "./harness.ts";
import { verifies } from "../verifies.ts";

/** Another installation of km: the checkout under another version. */
class OtherKm implements Disposable {
  readonly #folder = new TempFolder();

  constructor(version: string) {
    for (const part of ["src", "plugins", "proto", "main.ts", "deno.json", "deno.lock"]) {
      copy(`${ROOT}${part}`, `${this.#folder.path}/${part}`);
    }
    this.replace("deno.json", /"version": "[^"]+"/, `"version": "${version}"`);
  }

  replace(file: string, what: RegExp, by: string): void {
    const path = `${this.#folder.path}/${file}`;
    const before = Deno.readTextFileSync(path);
    const after = before.replace(what, by);
    assert.notEqual(after, before, `${file} has ${what}`);
    Deno.writeTextFileSync(path, after);
  }

  monitor(home: PluginTestHome, name: string): Running {
    return new Running(["monitor", "--name", name, "--", ...fakeServer("mcp")], {
      home: home.path,
      env: home.env,
      command: [Deno.execPath(), "run", "-A", `${this.#folder.path}/main.ts`],
    });
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }
}

const ROUNDS = 12;

/** Both ask in turn, for longer than a host takes to start. */
async function talk(one: Running, two: Running, { from }: { readonly from: number }): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    await ask(one, call(from + round));
    await ask(two, call(from + round));
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

const messagesIn = (home: PluginTestHome) =>
  (home.plugin("witness")?.counts.messages ?? 0) + (home.status?.shedMessages ?? 0);

linuxTest("plugins: two versions of km in one home share the host that is there", async () => {
  verifies("plugin-queue");
  using newer = new OtherKm("9.0.0");
  await using home = new PluginTestHome();
  await home.install({ name: "witness", members: WITNESS });
  await using one = home.monitor("mcp", [], { flags: ["--name", "one"] });
  await ask(one, call(1));
  const { pid } = await home.pluginIs("witness", ({ counts }) => counts.messages >= 3);
  await using two = newer.monitor(home, "two");
  await talk(one, two, { from: 100 });
  // Of each monitor: its start, and of each call the question and the answer.
  const all = 2 + 2 + 4 * ROUNDS;
  await until(() => messagesIn(home) >= all, () => `${all} messages; ${JSON.stringify(home.status)}`);
  const status = home.status;
  assert.deepEqual([status?.kmVersion === "9.0.0", status?.shedMessages, home.plugin("witness")?.pid], [
    false,
    0,
    pid,
  ]);
  await finish(one);
  await finish(two);
});

linuxTest(
  "plugins: a km of a newer protocol replaces the host once; the older one goes on with it; what was missed is counted",
  async () => {
    verifies("plugin-queue");
    using newer = new OtherKm("9.0.0");
    newer.replace("src/core/plugin_link.ts", /LINK_VERSION = 1\b/, "LINK_VERSION = 2");
    await using home = new PluginTestHome();
    await home.install({ name: "witness", members: WITNESS });
    await using one = home.monitor("mcp", [], { flags: ["--name", "one"] });
    await ask(one, call(1));
    await home.pluginIs("witness", ({ counts }) => counts.messages >= 3);
    await using two = newer.monitor(home, "two");
    await ask(two, call(2));
    await until(
      () => home.status?.kmVersion === "9.0.0",
      () => `the newer host; ${JSON.stringify(home.status)}`,
    );
    const { pid } = home.status ?? {};
    await talk(one, two, { from: 100 });
    await until(() => home.status?.monitors === 2, () => `both monitors; ${JSON.stringify(home.status)}`);
    const all = 3 + 4 * ROUNDS;
    await until(() => messagesIn(home) >= all, () => `${all} messages; ${JSON.stringify(home.status)}`);
    assert.equal(home.status?.pid, pid, "it is replaced once");
    assert.equal(home.status?.shedMessages, 0);
    await finish(one);
    await finish(two);
  },
);

linuxTest("plugins: what a host had that is killed is counted by the next one", async () => {
  verifies("plugin-queue");
  await using home = new PluginTestHome();
  await home.install({
    name: "slow",
    members: `async onMessage(message) { if (message.event.tool === "stop") await new Promise(() => {}); }`,
    limits: { messageMs: 10_000 },
  });
  await using km = home.monitor("mcp");
  await ask(km, call(1));
  await home.pluginIs("slow", ({ counts }) => counts.messages >= 3);
  await ask(km, call(2, "stop"));
  for (let id = 3; id < 43; id++) await ask(km, call(id));
  await home.pluginIs("slow", ({ queue }) => queue.messages >= 40);
  const host = home.status?.pid ?? 0;
  Deno.kill(host, "SIGKILL");
  for (let id = 43; home.status?.pid === host || home.status?.monitors !== 1; id++) {
    await ask(km, call(id));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  // The calls 2 to 42 and their answers, less what was handled before the one that never ends.
  await until(
    () => (home.status?.shedMessages ?? 0) >= 2 * 41 - 32,
    () => `the count; ${JSON.stringify(home.status)}`,
  );
  await finish(km);
});
