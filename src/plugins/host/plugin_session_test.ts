import assert from "node:assert/strict";
import { verifies } from "../../../tests/verifies.ts";
import type { WireMessage } from "../wire/encode.ts";
import { FakeTimers } from "./fake_timers.ts";
import { PluginSession, type SessionEnd } from "./plugin_session.ts";
import { type Answer, FakeSandbox, handleAll, NO_SANDBOX, polite } from "./session_for_tests.ts";

interface Run {
  readonly session: PluginSession;
  readonly timers: FakeTimers;
  readonly told: unknown[];
  readonly ends: SessionEnd[];
  plugin(): FakeSandbox;
}

function open(answer: Answer, niceness = 0): Run {
  const timers = new FakeTimers();
  const [told, ends]: [unknown[], SessionEnd[]] = [[], []];
  let plugin: FakeSandbox | undefined;
  const session = new PluginSession({
    launch: (options) => Promise.resolve(plugin = new FakeSandbox(options, answer)),
    sandbox: { ...NO_SANDBOX, niceness },
    plugin: { name: "quiet", version: "1.0.0", requiredTier: "free" },
    kmVersion: "1.2.3",
    licence: { tier: "free", customerId: null, expiresAtS: null },
    configJson: "{}",
    state: new Map([["seen", "3"]]),
    messageMs: 100,
    timers,
    on: {
      onLog: (level, text) => told.push([level, text]),
      onEmit: (eventId, what) => told.push([eventId, what.type]),
      onSetState: (key, valueJson) => told.push([key, valueJson]),
      onRefused: ({ permission, value }) => told.push([permission, value]),
      onStderr: (text) => told.push(text),
      onEnd: (end) => ends.push(end),
    },
  });
  return { session, timers, told, ends, plugin: () => plugin as FakeSandbox };
}

function message(id: string): WireMessage {
  return {
    data: new Uint8Array(3),
    direction: "client_to_server",
    correlationId: "run",
    event: {
      id,
      timeUs: 1,
      server: "s",
      kind: "request",
      method: "ping",
      tool: null,
      rpcId: null,
      sizeBytes: 3,
      truncated: false,
      format: "json",
      answersId: null,
      durationUs: null,
      client: null,
    },
  };
}

const NONE = { messages: 0, bytes: 0 };

Deno.test("PluginSession: handshake, batch, ping, shutdown in the words of the highest version of both", async () => {
  verifies("plugin-handshake");
  const { session, plugin, ends } = open(polite());
  await session.start();
  assert.equal(session.protocolVersion, 2);
  assert.equal((await session.handle([message("a"), message("b")], NONE)).messages, 2);
  await session.ping();
  await session.shutdown("done");
  assert.deepEqual(plugin().frames.map(({ id, body }) => [id, body.case]), [
    [1, "load"],
    [2, "hello"],
    [3, "configure"],
    [4, "handleMessages"],
    [5, "ping"],
    [6, "shutdown"],
  ]);
  const configure = plugin().frames[2]?.body;
  assert.equal(configure?.case === "configure" && configure.value.state[0]?.valueJson, "3");
  assert.deepEqual(ends.map(({ why, lostMessages }) => [why, lostMessages]), [["asked", 0]]);
});

Deno.test("PluginSession: what comes unasked is told in order", async () => {
  const { session, told } = open(polite((frame, plugin) => {
    plugin.say(0, { case: "log", value: { level: 2, text: "hello" } });
    plugin.say(0, {
      case: "emit",
      value: { what: { case: "metric", value: { name: "n", value: 1, unit: "1" } } },
    });
    plugin.say(0, { case: "setState", value: { key: "k", valueJson: "[1]" } });
    plugin.say(0, { case: "refused", value: { what: "import", value: "node:net" } });
    handleAll(frame, plugin);
  }));
  await session.start();
  await session.handle([message("a")], NONE);
  assert.deepEqual(told, [["info", "hello"], [null, "metric"], ["k", "[1]"], ["import", "node:net"]]);
});

const UNASKED: readonly (readonly [string, Answer])[] = [
  ["an answer to a frame that asked nothing", (_, plugin) => plugin.say(77, { case: "pong", value: {} })],
  ["an answer of another kind", ({ id }, plugin) => plugin.say(id, { case: "pong", value: {} })],
  ["a second answer", (frame, plugin) => [0, 1].forEach(() => handleAll(frame, plugin))],
  ["an answer without a question", (_, plugin) => plugin.say(0, { case: "handled", value: { messages: 1 } })],
  ["a log that answers", ({ id }, plugin) => plugin.say(id, { case: "log", value: { level: 2, text: "x" } })],
  ["a frame without a body", (_, plugin) => plugin.say(0, undefined)],
  [
    "more messages than it was given",
    ({ id }, plugin) => plugin.say(id, { case: "handled", value: { messages: 9 } }),
  ],
];

Deno.test.each(UNASKED)("PluginSession: %s ends the plugin as a protocol error", async (_, answer) => {
  verifies("abuse-unasked");
  const { session, ends } = open(polite(answer));
  await session.start();
  await session.handle([message("a")], NONE).catch(() => {});
  assert.deepEqual(ends.map(({ why }) => why), ["protocol"]);
  await assert.rejects(session.ping(), { code: "plugin_failed" });
});

Deno.test("PluginSession: a batch may take its time for each message, and not more", async () => {
  verifies("plugin-limits", "abuse-silence");
  const { session, timers, ends } = open(polite(() => {}));
  await session.start();
  const handling = session.handle([message("a"), message("b"), message("c")], NONE);
  const failed = assert.rejects(handling, { code: "plugin_failed" });
  await timers.pass(299);
  assert.equal(ends.length, 0);
  await timers.pass(1);
  await failed;
  assert.deepEqual(ends.map(({ why, detail, lostMessages }) => [why, detail, lostMessages]), [
    ["limit", "it took longer than 300 ms for 3 messages", 3],
  ]);
});

Deno.test("PluginSession: a batch has more time and has its end, where it gets a processor only while nobody else wants one", async () => {
  verifies("plugin-limits");
  const { session, timers, ends } = open(polite(() => {}), 19);
  await session.start();
  const failed = assert.rejects(session.handle([message("a")], NONE), { code: "plugin_failed" });
  await timers.pass(10_099);
  assert.equal(ends.length, 0);
  await timers.pass(1);
  await failed;
  assert.equal(ends[0]?.detail, "it took longer than 10100 ms for 1 message");
});

Deno.test("PluginSession: one that never shakes hands is ended", async () => {
  verifies("abuse-silence");
  const { session, timers, ends } = open(() => {});
  const failed = assert.rejects(session.start(), { code: "plugin_failed" });
  await timers.pass(60_000);
  await failed;
  assert.deepEqual(ends.map(({ why, detail }) => [why, detail]), [["limit", "it was not ready within 60 s"]]);
});

Deno.test("PluginSession: a silent one is asked, and ended when it does not answer", async () => {
  verifies("abuse-silence");
  const { session, timers, plugin, ends } = open(polite(() => {}));
  await session.start();
  await timers.pass(15_000);
  assert.equal(plugin().frames.at(-1)?.body.case, "ping");
  await timers.pass(10_000);
  assert.deepEqual(ends.map(({ why }) => why), ["limit"]);
});

Deno.test("PluginSession: a silent one that answers goes on", async () => {
  const { session, timers, plugin, ends } = open(polite());
  await session.start();
  await timers.pass(60_000);
  assert.equal(ends.length, 0);
  assert.equal(plugin().frames.filter(({ body }) => body.case === "ping").length, 4);
  await session.shutdown("done");
});

Deno.test("PluginSession: one that talks and does not read is asked by time, and told one thing meanwhile", async () => {
  verifies("abuse-silence", "abuse-flood");
  const { session, timers, plugin, ends } = open(polite());
  await session.start();
  plugin().isDeaf = true;
  for (let round = 0; round < 30 && ends.length === 0; round++) {
    plugin().say(0, { case: "refused", value: { what: "import", value: "node:net" } });
    for (let i = 0; i < 1000; i++) session.tellError("refused", "x".repeat(1000));
    await timers.pass(1_000);
  }
  assert.deepEqual(ends.map(({ why, detail }) => [why, detail]), [
    ["limit", "it was silent, also when it was asked for 10000 ms"],
  ]);
  assert.ok(plugin().waitingBytes < 2000, String(plugin().waitingBytes));
});

Deno.test("PluginSession: what waits for one that does not read is bounded", async () => {
  verifies("abuse-flood");
  const { session, plugin, ends } = open(polite());
  await session.start();
  plugin().isDeaf = true;
  session.tellError("a", "x".repeat(9 * 1024 * 1024));
  assert.deepEqual(ends.map(({ why, detail }) => [why, detail]), [
    ["limit", "it did not read what km told it: 9 MiB"],
  ]);
});

Deno.test("PluginSession: what it could not be told at once is told as one", async () => {
  const { session, timers, plugin } = open(polite());
  await session.start();
  for (const what of ["a", "b", "c", "d"]) session.tellError("refused", what);
  await timers.pass(0);
  const told = plugin().frames.flatMap(({ body }) => body.case === "handleError" ? [body.value.message] : []);
  assert.deepEqual(told, ["a", "b (and 2 more)"]);
  await session.shutdown("done");
});

Deno.test("PluginSession: a flood that nobody asked for ends it; as much as it was given does not", async () => {
  verifies("abuse-flood");
  const flood = (frames: number): Answer => (frame, plugin) => {
    for (let i = 0; i < frames; i++) plugin.say(0, { case: "log", value: { level: 2, text: "x" } });
    handleAll(frame, plugin);
  };
  const loud = open(polite(flood(1000)));
  await loud.session.start();
  for (let batch = 0; batch < 40; batch++) {
    await loud.session.handle(Array.from({ length: 32 }, () => message("a")), NONE);
  }
  assert.equal(loud.ends.length, 0);
  const flooding = open(polite(flood(30_000)));
  await flooding.session.start();
  await assert.rejects(flooding.session.handle([message("a")], NONE));
  assert.match(flooding.ends[0]?.detail ?? "", /flooded km/);
});

Deno.test("PluginSession: one that says it is another than its manifest says is not started", async () => {
  const { session, ends } = open(polite(handleAll, "other"));
  await assert.rejects(session.start(), /its code says it is "other" 1.0.0/);
  assert.equal(ends.length, 1);
});

Deno.test("PluginSession: a protocol of another time is a clear message", async () => {
  const { session } = open((frame, plugin) =>
    plugin.say(frame.id, {
      case: "loaded",
      value: { name: "quiet", version: "1.0.0", protocolVersions: [9] },
    })
  );
  await assert.rejects(session.start(), (error: Error) => /speaks version 9/.test(error.message));
});

Deno.test("PluginSession: a launch that fails leaves nobody waiting", async () => {
  const session = new PluginSession({
    launch: () => Promise.reject(new Error("no such Deno")),
    sandbox: NO_SANDBOX,
    plugin: { name: "quiet", version: "1.0.0", requiredTier: "free" },
    kmVersion: "1.2.3",
    licence: { tier: "free", customerId: null, expiresAtS: null },
    configJson: "{}",
    state: new Map(),
    messageMs: 100,
    timers: new FakeTimers(),
    on: { onLog() {}, onEmit() {}, onSetState() {}, onRefused() {}, onStderr() {}, onEnd() {} },
  });
  await assert.rejects(session.start(), /no such Deno/);
  assert.equal((await session.shutdown("done")).why, "spawn_failed");
});
