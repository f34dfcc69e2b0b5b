import assert from "node:assert/strict";
import { TempFolder } from "../../../tests/e2e/harness.ts";
import { BootDriver, hello, pluginCode, wireMessage } from "../../../tests/fakes/boot_driver.ts";
import { verifies } from "../../../tests/verifies.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const load = (code: string) => ({ kind: "load", code: encode(code) }) as const;
const LICENCE = { kind: "authenticate", tier: "pro", customerId: "acme", expiresAtS: 1_900_000_000 } as const;

Deno.test("the bootstrap speaks all of a plugin's life, from Load to Shutdown", async () => {
  using folder = new TempFolder();
  const code = pluginCode(`
    requiredTier: "pro",
    configSchema: { type: "object", properties: { word: { type: "string", default: "none" }, n: { default: 4 } } },
    authenticate: (licence, c) => {
      c.log.info("licence " + JSON.stringify(licence));
      return { accepted: licence.tier === "pro", reason: "as you like" };
    },
    onMessage(message, c) {
      const { event, direction, correlationId, data } = message;
      c.log.debug(JSON.stringify({ event, direction, correlationId, bytes: data.length, json: message.json() }));
      c.console("\\u001b[32m" + c.config.word + c.config.n + "\\u001b[0m " + c.kmVersion + c.protocolVersion);
      c.emit.finding({ key: "k", severity: "critical", title: "t", detail: "d", message });
      c.emit.metric({ name: "m", value: 0.5, unit: "ms", message });
      c.emit.annotation({ key: "a", value: "v", message });
      c.state.set("count", c.state.get("count") + 1);
      c.state.delete("old");
    },
    onError: (error, c) => c.log.warning("heard " + error.code + ": " + error.message),
    onShutdown: (reason, c) => c.log.info("over: " + reason + " " + c.signal.aborted + " " + c.state.keys()),`);
  await using driver = await BootDriver.launch(code, { runtime: folder.path });
  assert.deepEqual(await driver.ask(load(code)), {
    kind: "loaded",
    name: "a-plugin",
    version: "1.0.0",
    protocolVersions: [1, 2],
    definition: {
      requiredTier: "pro",
      permissions: {},
      configSchema: {
        type: "object",
        properties: { word: { type: "string", default: "none" }, n: { default: 4 } },
      },
    },
  });
  assert.deepEqual(await driver.ask(hello()), {
    kind: "helloAck",
    protocolVersion: 2,
    pluginName: "a-plugin",
    pluginVersion: "1.0.0",
    requiredTier: "pro",
    hasAuthenticate: true,
  });
  assert.deepEqual(await driver.ask(LICENCE), {
    kind: "authenticateResult",
    accepted: true,
    reason: "as you like",
  });
  const state = new Map([["count", "41"], ["old", "true"]]);
  assert.deepEqual(await driver.ask({ kind: "configure", configJson: '{"word":"hi"}', state }), {
    kind: "configured",
  });
  const message = wireMessage({ jsonrpc: "2.0", id: 1 }, { durationUs: 12, client: "c" });
  assert.deepEqual(await driver.handle(message), {
    kind: "handled",
    messages: 1,
    failed: 0,
    firstError: "",
    droppedEmits: 0,
    droppedLogs: 0,
  });
  const eventId = message.event.id;
  const about = { server: "files", tool: "read_file" };
  assert.deepEqual(driver.unasked.slice(1), [
    {
      kind: "log",
      level: "debug",
      text: JSON.stringify({
        event: message.event,
        direction: "client_to_server",
        correlationId: "run-1",
        bytes: message.data.length,
        json: { jsonrpc: "2.0", id: 1 },
      }),
      console: null,
    },
    { kind: "log", level: "info", text: "hi4 0.1.02", console: "\u001b[32mhi4\u001b[0m 0.1.02" },
    {
      kind: "emit",
      eventId,
      what: { type: "finding", key: "k", severity: "critical", title: "t", detail: "d", ...about },
    },
    { kind: "emit", eventId, what: { type: "metric", name: "m", value: 0.5, unit: "ms" } },
    { kind: "emit", eventId, what: { type: "annotation", key: "a", value: "v" } },
    { kind: "setState", key: "count", valueJson: "42" },
    { kind: "setState", key: "old", valueJson: null },
  ]);
  assert.deepEqual(await driver.ask({ kind: "ping" }), { kind: "pong" });
  assert.deepEqual(await driver.ask({ kind: "shutdown", reason: "enough" }), { kind: "shutdownAck" });
  assert.equal((await driver.ended).exitCode, 0);
  assert.deepEqual([driver.logs[0], driver.logs.at(-1)], [
    'licence {"tier":"pro","customerId":"acme","expiresAtS":1900000000}',
    "over: enough true count",
  ]);
});

Deno.test("messages are handled in order, one at a time, and a ping is answered meanwhile", async () => {
  using folder = new TempFolder();
  const code = pluginCode(
    `async onMessage(message, c) {
      c.log.info("in " + message.json());
      if (message.json() === 1) await new Promise((resolve) => { release = resolve; });
      c.log.info("out " + message.json());
    },
    onError: () => release(),`,
    "let release;",
  );
  await using driver = await BootDriver.ready(code, { runtime: folder.path });
  const first = driver.handle(wireMessage(1), wireMessage(2));
  const second = driver.handle(wireMessage(3));
  await driver.heard((said) => said.kind === "log" && said.text === "in 1");
  assert.deepEqual(await driver.ask({ kind: "ping" }), { kind: "pong" });
  assert.deepEqual(driver.logs, ["in 1"]);
  driver.sandbox.kill("asked", "it waits for ever");
  await assert.rejects(first, /the plugin ended/);
  await assert.rejects(second, /the plugin ended/);
});

Deno.test("handlers that throw are counted and told to onError; the rest of the batch goes on", async () => {
  using folder = new TempFolder();
  const code = pluginCode(`
    onMessage(message, c) {
      const n = message.json();
      if (n === 1) throw new TypeError("sync");
      if (n === 2) return Promise.reject(new Error("async"));
      if (n === 3) throw { toString() { throw 1; } };
      if (n === 4) c.emit.metric({ name: "", value: 1 });
      c.log.info("did " + n);
    },
    async onError(error, c) {
      c.log.info(error.code + "/" + error.message + "/" + error.on.json());
      if (error.on.json() === 2) throw new Error("again");
    },`);
  await using driver = await BootDriver.ready(code, { runtime: folder.path });
  const handled = await driver.handle(...[1, 2, 3, 4, 5].map((n) => wireMessage(n)));
  assert.deepEqual([handled.messages, handled.failed, handled.firstError], [5, 4, "TypeError: sync"]);
  assert.deepEqual(driver.logs, [
    "handler/TypeError: sync/1",
    "handler/Error: async/2",
    "onError failed: Error: again",
    "handler/something that cannot be shown was thrown/3",
    "handler/TypeError: metric: name must not be empty/4",
    "did 5",
  ]);
});

Deno.test("what nobody awaits does not end a plugin: it is told, and goes on", async () => {
  using folder = new TempFolder();
  const code = pluginCode(`
    onMessage(message) {
      if (message.json() === "rejects") void Promise.reject(new Error("nobody"));
      else setTimeout(() => { throw new Error("timer"); }, 0);
    },`);
  await using driver = await BootDriver.ready(code, { runtime: folder.path });
  await driver.handle(wireMessage("rejects"));
  await driver.heard((said) => said.kind === "log" && said.text === "unhandled: Error: nobody");
  await driver.handle(wireMessage("throws"));
  await driver.heard((said) => said.kind === "log" && said.text === "unhandled: Error: timer");
  assert.deepEqual(await driver.ask({ kind: "ping" }), { kind: "pong" });
});

Deno.test("a plugin without onError has its errors in the log; what km tells it, too", async () => {
  using folder = new TempFolder();
  await using driver = await BootDriver.ready(pluginCode(""), { runtime: folder.path });
  void driver.ask({ kind: "handleError", code: "dropped", message: "12 messages" }).catch(() => {});
  await driver.heard((said) => said.kind === "log" && said.text === "dropped: 12 messages");
});

Deno.test.each(
  [
    ["no export", "export const x = 1;", /default export is no plugin/],
    ["a plain object", "export default { name: 'a-plugin' };", /default export is no plugin/],
    ["throws", "throw new Error('at once');", /Error: at once/],
    ["syntax", "export default {", /SyntaxError/],
    ["no handler", pluginCode("onMessage: 1"), /onMessage is no function/],
    ["versions", pluginCode("protocolVersions: 'x'"), /protocolVersions are no list/],
    ["getter that throws", pluginCode("get onError() { throw new Error('mine'); }"), /Error: mine/],
  ] as const,
)("code that is no plugin is told so: %s", async (_name, code, message) => {
  using folder = new TempFolder();
  // Code that cannot be lexed is never launched; here it is what the bootstrap says that counts.
  await using driver = await BootDriver.launch(pluginCode(""), { runtime: folder.path });
  const failed = await driver.expect("failed", load(code));
  assert.equal(failed.code, "bad_plugin");
  assert.match(failed.message, message);
});

Deno.test("code that calls itself otherwise than its manifest is told so", async () => {
  using folder = new TempFolder();
  const code = pluginCode("version: '2.0.0'");
  await using driver = await BootDriver.launch(code, { runtime: folder.path });
  await driver.ask(load(code));
  assert.deepEqual(await driver.ask(hello()), {
    kind: "failed",
    code: "bad_plugin",
    message: "the code says it is a-plugin 2.0.0, the manifest says a-plugin 1.0.0",
  });
});

Deno.test.each(
  [
    ["both speak both", "[1, 2]", [1, 2], 2],
    ["an old plugin", "[1]", [1, 2], 1],
    ["an old km", "[1, 2]", [1], 1],
    ["a plugin that is ahead", "[2, 3]", [1, 2], 2],
  ] as const,
)("the highest version that both speak is agreed on: %s", async (_name, theirs, ours, agreed) => {
  verifies("plugin-protocol-versions");
  using folder = new TempFolder();
  const code = pluginCode(`protocolVersions: ${theirs},
    onMessage(message, c) {
      c.state.set("k", 1);
      c.emit.annotation({ key: "a", value: "v", message });
      c.emit.annotation({ key: "b", value: "v", message });
      c.log.info(c.protocolVersion + " " + c.state.get("k") + " " + c.state.get("before"));
    },`);
  await using driver = await BootDriver.launch(code, { runtime: folder.path });
  await driver.ask(load(code));
  assert.equal((await driver.expect("helloAck", hello(ours))).protocolVersion, agreed);
  driver.version = agreed;
  await driver.ask({ kind: "configure", configJson: "{}", state: new Map([["before", "true"]]) });
  await driver.handle(wireMessage(1));
  // Version 1 has neither: what it would say is kept in, and told once.
  const kinds = driver.unasked.map((said) => said.kind === "log" ? said.text : said.kind);
  assert.deepEqual(
    kinds,
    agreed === 1
      ? ["this km does not know annotations (protocol 1): they are dropped", "1 1 undefined"]
      : ["setState", "emit", "emit", "2 1 true"],
  );
});

Deno.test("a configuration is checked by the plugin's schema, in its sandbox; what is wrong is named", async () => {
  using folder = new TempFolder();
  const code = pluginCode(`
    configSchema: {
      type: "object",
      properties: { limit: { type: "integer", minimum: 1, default: 5 }, url: { type: "string", pattern: "^https://" } },
      required: ["limit"],
      additionalProperties: false,
    },
    onMessage() {},`);
  await using driver = await BootDriver.launch(code, { runtime: folder.path });
  await driver.ask(load(code));
  await driver.expect("helloAck", hello([1, 2]));
  const configure = (configJson: string) => driver.ask({ kind: "configure", configJson, state: new Map() });
  for (
    const [configJson, message] of [
      ['{"limit":0}', /^limit is 0, and must be 1 or more/],
      ['{"url":"http://x"}', /^url is another text, and must be like \/\^https/],
      ['{"lmit":1}', /^lmit is not known; known: limit, url/],
      ["[]", /^it is an empty list, and must be of type object/],
    ] as const
  ) {
    const answer = await configure(configJson);
    assert.equal(answer.kind === "failed" && answer.code, "bad_config");
    assert.match(answer.kind === "failed" ? answer.message : "", message);
  }
  assert.deepEqual(await configure("{}"), { kind: "configured" });
});

Deno.test("no version that both speak is a clear message", async () => {
  verifies("plugin-protocol-versions");
  using folder = new TempFolder();
  const code = pluginCode("protocolVersions: [3, 4]");
  await using driver = await BootDriver.launch(code, { runtime: folder.path });
  await driver.ask(load(code));
  assert.deepEqual(await driver.ask(hello()), {
    kind: "failed",
    code: "unsupported_protocol",
    message: '"a-plugin" speaks versions 3 and 4 of the plugin protocol, this km speaks versions 1 and 2',
  });
});

Deno.test("what is emitted and logged in one batch is bounded; the rest is counted", async () => {
  using folder = new TempFolder();
  const code = pluginCode(`onMessage(message, c) {
    for (let i = 0; i < 1500; i++) c.emit.metric({ name: "m", value: i });
    for (let i = 0; i < 1100; i++) c.log.info("x".repeat(i === 0 ? 100_000 : 1));
  },`);
  await using driver = await BootDriver.ready(code, { runtime: folder.path });
  for (const _batch of [1, 2]) {
    const { droppedEmits, droppedLogs } = await driver.handle(wireMessage(1));
    assert.deepEqual([droppedEmits, droppedLogs], [500, 100]);
  }
  assert.deepEqual([driver.unasked.length, driver.logs[0]?.length], [4000, 16 * 1024]);
});

Deno.test("state is at most 1 MiB and what fits into a frame; more is a TypeError", async () => {
  using folder = new TempFolder();
  const code = pluginCode(`onMessage(message, c) {
    try { c.state.set("k", "x".repeat(message.json())); c.log.info("kept"); }
    catch (error) { c.log.info(error.name); }
  },`);
  await using driver = await BootDriver.ready(code, { runtime: folder.path });
  for (const size of [10, 900_000, 1024 * 1024]) await driver.handle(wireMessage(size));
  assert.deepEqual(driver.logs, ["kept", "kept", "TypeError"]);
});

Deno.test("km that goes away ends the plugin", async () => {
  using folder = new TempFolder();
  await using driver = await BootDriver.ready(pluginCode("onShutdown() {}"), { runtime: folder.path });
  const end = await driver.sandbox.end(20_000);
  assert.deepEqual([end.exitCode, end.signal], [0, null]);
});

Deno.test("a bootstrap that cannot understand km ends, and says why", async () => {
  verifies("plugin-frames");
  using folder = new TempFolder();
  await using driver = await BootDriver.ready(pluginCode(""), { runtime: folder.path });
  await driver.sandbox.send(Uint8Array.of(0xff, 0xff), []);
  assert.equal((await driver.ended).exitCode, 1);
  assert.match(driver.stderr, /cannot understand km: /);
});

Deno.test("a frame of a later km is answered by a failure, and the plugin goes on", async () => {
  verifies("plugin-frames");
  using folder = new TempFolder();
  await using driver = await BootDriver.ready(pluginCode(""), { runtime: folder.path });
  // id 99, and field 99, which this protocol does not have.
  const failed = await driver.answerTo(99, Uint8Array.of(0x08, 99, 0x9a, 0x06, 0x00));
  assert.deepEqual([failed.kind, "code" in failed && failed.code], ["failed", "unknown_frame"]);
  assert.deepEqual(await driver.ask({ kind: "ping" }), { kind: "pong" });
});
