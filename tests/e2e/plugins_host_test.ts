import assert from "node:assert/strict";
import { decode, KM, readEvents, Running, until } from "./harness.ts";
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
import { openDatabase } from "../../src/store/database.ts";
import { readPluginEmits } from "../../src/store/plugin_emits_reader.ts";
import { fakeServer } from "../fakes/ways.ts";
import { missingProgram, testUnless, unlessOs } from "../skip.ts";
import { verifies } from "../verifies.ts";

const SECRET = "ghp_0123456789abcdefghijABCDEFGHIJ012345";

interface Witnessed {
  readonly kind: string;
  readonly method: string | null;
  readonly format: string | null;
  readonly direction: string | null;
  readonly text: string;
}

const BACKWARDS = 'const backwards = (text) => text.split("").reverse().join("");';

/** What a witness was handed. */
function witnessed(home: PluginTestHome, name: string): Witnessed[] {
  return home.log(name).filter(({ source }) => source === "plugin").map(({ text }) => JSON.parse(text));
}

linuxTest(
  "plugins: one is started, sees messages, finds something; the status tells; it ends with the host",
  async () => {
    verifies("plugin-handshake");
    await using home = new PluginTestHome();
    await home.install({ name: "witness", members: WITNESS });
    await using km = home.monitor("mcp");
    await ask(km, call(1));
    const { pid, protocolVersion } = await home.pluginIs("witness", ({ counts }) => counts.findings > 0);
    assert.equal(protocolVersion, 2);
    assert.equal(home.status?.monitors, 1);
    await until(() => findingsOf(home.path).length > 0, "the finding in the database");
    assert.deepEqual(findingsOf(home.path), ["witness fake a call"]);
    await finish(km);
    await home.hostGone();
    await until(() => home.status?.endedAt !== null, "the host's last words");
    await until(() => !processExists(pid ?? 0), "the end of the plugin");
  },
);

linuxTest("plugins: without one, a monitor makes no folder, no socket and no process", async () => {
  await using home = new PluginTestHome();
  await using km = home.monitor("mcp");
  await ask(km, call(1));
  await finish(km);
  assert.equal(await Deno.stat(`${home.path}/plugins`).catch(() => null), null);
  await km.noneLeft();
});

linuxTest("plugins: the data scope hides servers, methods, directions and payloads", async () => {
  verifies("plugin-data-scope");
  await using home = new PluginTestHome();
  const plugins: readonly (readonly [string, TestPlugin["data"]])[] = [
    ["other-server", { servers: ["fak", "ake", "fake?"] }],
    ["only-tools", { methods: ["tools/*"] }],
    ["only-out", { directions: ["server_to_client"] }],
    ["no-payload", { payload: "none" }],
    ["redacted", { payload: "redacted" }],
    ["full", { payload: "full" }],
  ];
  for (const [name, data = {}] of plugins) {
    // What km recognises as a secret it takes out of the plugin's log: backwards it does not.
    const members = name === "full"
      ? WITNESS.replace("message.text()", "backwards(message.text())")
      : WITNESS;
    await home.install({ name, members, data, setup: BACKWARDS });
  }
  await using km = home.monitor("mcp");
  await ask(km, call(1, "echo", `,"arguments":{"token":"${SECRET}"}`));
  await ask(km, '{"jsonrpc":"2.0","id":2,"method":"ping"}\n');
  for (const [name] of plugins) {
    if (name !== "other-server") await home.pluginIs(name, ({ counts }) => counts.messages >= 2);
  }
  await until(() => witnessed(home, "full").length >= 5, "all that the widest may see");
  const textsOf = (name: string) => witnessed(home, name).map(({ text }) => text).join("\n");
  assert.deepEqual(witnessed(home, "other-server"), []);
  assert.deepEqual(
    new Set(witnessed(home, "only-tools").map(({ method }) => method)),
    new Set(["tools/call"]),
  );
  assert.deepEqual(
    new Set(witnessed(home, "only-out").map(({ direction }) => direction)),
    new Set(["server_to_client"]),
  );
  assert.equal(textsOf("no-payload").trim(), "");
  assert.ok(textsOf("redacted").includes("tools/call") && !textsOf("redacted").includes(SECRET));
  assert.ok(textsOf("full").includes(SECRET.split("").reverse().join("")));
  await finish(km);
});

linuxTest(
  "plugins: who was granted redacted messages gets no secret, also when the user records them",
  async () => {
    verifies("plugin-data-scope");
    await using home = new PluginTestHome();
    await home.install({ name: "redacted", members: WITNESS });
    await using km = home.monitor("mcp", [], { flags: ["--name", "fake", "--redact", "off"] });
    await ask(km, call(1, "echo", `,"arguments":{"token":"${SECRET}"}`));
    await until(() => witnessed(home, "redacted").length >= 3, "the messages");
    assert.ok(!JSON.stringify(witnessed(home, "redacted")).includes(SECRET));
    await finish(km);
    assert.ok(JSON.stringify(await readEvents(home.path)).includes(SECRET));
  },
);

linuxTest("plugins: installed, granted less and disabled while a monitor runs", async () => {
  await using home = new PluginTestHome();
  await using km = home.monitor("mcp");
  await ask(km, call(1));
  await home.install({ name: "witness", members: WITNESS });
  let id = 1;
  await until(async () => {
    await ask(km, call(++id));
    return (home.plugin("witness")?.counts.messages ?? 0) > 0;
  }, "the new plugin to see something");
  const { pid } = await home.pluginIs("witness", ({ state }) => state === "running");
  await home.change("witness", (plugin) => ({
    ...plugin,
    grants: { ...plugin.grants, data: { ...plugin.grants.data, payload: "none" } },
  }));
  await home.pluginIs("witness", (status) => status.state === "running" && status.pid !== pid);
  const before = witnessed(home, "witness").length;
  await ask(km, call(++id));
  await until(() => witnessed(home, "witness").length >= before + 2, "what it sees now");
  assert.deepEqual(witnessed(home, "witness").slice(before).map(({ text }) => text), ["", ""]);
  await home.change("witness", (plugin) => ({ ...plugin, enabled: false }));
  await until(() => home.status?.plugins.length === 0, "the end of the plugin");
  await ask(km, call(++id));
  await finish(km);
});

linuxTest(
  "plugins: a crash loses at most the batch in flight, counted, and the next process goes on",
  async () => {
    verifies("plugin-crash-loss", "abuse-kill");
    await using home = new PluginTestHome();
    await home.install({
      name: "stops",
      setup: "let stopped = false;",
      // Busy with long frames while it is killed. With the request alone: its answer may come in the next batch, to the next process.
      members: `async onMessage({ event }, { log }) {
      while (event.tool === "stop" && event.kind === "request") { log.info("x".repeat(16000)); await new Promise((r) => setTimeout(r, 100)); }
    }`,
      limits: { messageMs: 10_000, logBytesPerMinute: 16 * 1024 * 1024 },
    });
    await using km = home.monitor("mcp");
    await ask(km, call(1));
    const first = await home.pluginIs("stops", ({ counts }) => counts.messages >= 3);
    await ask(km, call(2, "stop"));
    await until(
      () => home.log("stops").some(({ source }) => source === "plugin"),
      "it to be in the middle of it",
    );
    const { counts: busy } = await home.pluginIs("stops", () => true);
    for (let id = 10; id < 20; id++) await ask(km, call(id));
    Deno.kill(first.pid ?? 0, "SIGKILL");
    const after = await home.pluginIs("stops", ({ counts }) => counts.messages >= busy.messages + 20);
    assert.ok(
      after.counts.lostMessages >= 1 && after.counts.lostMessages <= 32,
      `${after.counts.lostMessages} lost`,
    );
    assert.equal(after.counts.crashes, 1);
    assert.equal(after.counts.droppedMessages, 0);
    assert.match(after.lastEnd?.detail ?? "", /lost/);
    assert.equal(after.counts.messages + after.counts.lostMessages, 1 + 2 * 12);
    await finish(km);
  },
);

linuxTest(
  "plugins: of three one is stuck; the others see all, and no event is missing from the store",
  async () => {
    verifies("plugin-hot-path", "abuse-silence", "plugin-limits");
    await using home = new PluginTestHome();
    await home.install({
      name: "stuck",
      members: "onMessage() { for (;;); }",
      limits: { messageMs: 100, cpuPercent: 100 },
    });
    await home.install({
      name: "silent",
      members: "onMessage() { return new Promise(() => {}); }",
      limits: { messageMs: 200 },
    });
    await home.install({ name: "witness", members: "onMessage() {}" });
    await using km = home.monitor("mcp");
    const calls = 300;
    for (let id = 1; id <= calls; id++) await km.write(call(id));
    await km.stdout.lineCount(calls);
    const { counts } = await home.pluginIs("witness", ({ counts }) => counts.messages >= 2 * calls + 1);
    assert.equal(counts.droppedMessages + counts.lostMessages, 0);
    for (const name of ["stuck", "silent"]) {
      const { lastEnd } = await home.pluginIs(name, ({ counts }) => counts.crashes > 0);
      assert.match(lastEnd?.detail ?? "", /took longer than \d+ ms/);
      assert.equal(lastEnd?.why, "limit");
    }
    await finish(km);
    const events = await readEvents(home.path);
    assert.equal(events.filter(({ kind }) => kind === "request" || kind === "response").length, 2 * calls);
    assert.deepEqual(events.filter(({ kind }) => kind === "gap"), []);
  },
);

linuxTest("plugins: one that floods is ended or cut, and nobody else is harmed", async () => {
  verifies("abuse-flood", "plugin-limits");
  await using home = new PluginTestHome();
  await home.install({
    name: "flood",
    members: `onMessage(message, { log, emit }) {
      setInterval(() => { for (let i = 0; i < 5000; i++) { log.info("y".repeat(500)); emit.metric({ name: "n", value: i }); } }, 0);
    }`,
    limits: { logBytesPerMinute: 4096 },
  });
  await home.install({ name: "witness", members: WITNESS });
  await using km = home.monitor("mcp");
  await ask(km, call(1));
  await home.pluginIs("flood", ({ counts, lastEnd }) => counts.logLinesCut > 0 || lastEnd !== null);
  const said = home.log("flood").filter(({ source }) => source === "plugin");
  assert.ok(said.length < 30, `${said.length} lines were kept`);
  await ask(km, call(2));
  await home.pluginIs("witness", ({ counts }) => counts.messages >= 5);
  await finish(km);
});

linuxTest("plugins: what was tried and refused is in the status and in the log", async () => {
  verifies("plugin-refusals-shown");
  await using home = new PluginTestHome();
  await home.install({
    name: "curious",
    members: `async onMessage() { try { await fetch("http://192.0.2.1:81/x"); } catch {} }`,
  });
  await using km = home.monitor("mcp");
  await ask(km, call(1));
  // Deno tells both what was asked for and where that leads.
  await home.pluginIs(
    "curious",
    ({ refused }) =>
      refused.some(({ permission, value }) => permission === "net" && value === "192.0.2.1:81"),
  );
  assert.ok(
    home.log("curious").some(({ source, text }) => source === "host" && text === "refused: net 192.0.2.1:81"),
  );
  await finish(km);
});

linuxTest("plugins: a monitor that lives for a moment still hands over what it saw", async () => {
  await using home = new PluginTestHome();
  await home.install({ name: "witness", members: WITNESS });
  await using first = home.monitor("mcp");
  await ask(first, call(1));
  await home.pluginIs("witness", ({ counts }) => counts.messages > 0);
  await using second = home.monitor("mcp", [], { flags: ["--name", "short"] });
  await second.write(call(2));
  await finish(second);
  await until(
    () => witnessed(home, "witness").some(({ text }) => text.includes('"event":"exit"')),
    "its last event",
  );
  await finish(first);
});

testUnless(
  unlessOs("linux") ?? missingProgram("script"),
  "plugins: console lines are shown on a terminal, and in no pipe",
  async () => {
    await using home = new PluginTestHome();
    await home.install({
      name: "colours",
      members: 'onMessage(message, context) { context.console("\\x1b[31mseen\\x1b[0m \\x1b]0;title\\x07"); }',
    });
    await using piped = home.monitor("mcp");
    await ask(piped, call(1));
    await home.pluginIs("colours", ({ counts }) => counts.messages >= 3);
    const command = [...KM, "monitor", "--name", "fake", "--", ...fakeServer("mcp")].map((word) =>
      `'${word}'`
    ).join(" ");
    await using shown = new Running(["-qec", command, "/dev/null"], {
      home: home.path,
      command: ["script"],
      env: { ...home.env, NO_COLOR: "", FORCE_COLOR: "1" },
    });
    await shown.write(call(1));
    const text = await shown.stdout.text("colours: ");
    assert.ok(!text.includes("\x1b]0;"), "no title is set");
    assert.equal(decode(piped.stderr.bytes()), "");
    await finish(piped);
  },
);

linuxTest("plugins: two monitors share one host", async () => {
  await using home = new PluginTestHome();
  await home.install({ name: "witness", members: WITNESS });
  await using one = home.monitor("mcp", [], { flags: ["--name", "one"] });
  await using two = home.monitor("mcp", [], { flags: ["--name", "two"] });
  await Promise.all([ask(one, call(1)), ask(two, call(1))]);
  await home.pluginIs("witness", ({ counts }) => counts.messages >= 6);
  await until(() => home.status?.monitors === 2, "two monitors");
  const commands = [...one.processes(), ...two.processes()].filter(({ command }) =>
    command.includes("plugins host")
  );
  assert.equal(new Set(commands.map(({ pid }) => pid)).size, 1);
  await Promise.all([finish(one), finish(two)]);
});

function findingsOf(home: string): string[] {
  using db = openDatabase(`${home}/km.db`, { mode: "read" });
  return readPluginEmits(db, "witness").findings.map(({ plugin, server, title }) =>
    `${plugin} ${server} ${title}`
  );
}
