import assert from "node:assert/strict";
import { verifies } from "../../tests/verifies.ts";
import { type Context, definePlugin, type Json } from "./mod.ts";
import { fakeMessage, tryPlugin } from "./testing.ts";

const BASE = { name: "a-plugin", version: "1.0.0" };

Deno.test("tryPlugin() tells all that a plugin gave out", async () => {
  verifies("plugin-sdk");
  const message = fakeMessage({ id: 1, method: "tools/call", params: { name: "read_file" } });
  const plugin = definePlugin({
    ...BASE,
    async onMessage(message, { emit, log, console, state }) {
      await Promise.resolve();
      emit.finding({ key: "k", severity: "critical", title: "T", message });
      emit.metric({ name: "calls", value: 1 });
      emit.annotation({ key: "note", value: "v", message });
      state.set("seen", [message.event.tool, ...(state.get("seen") ?? [])]);
      log.warning("careful");
      console("\u001b[31mred\u001b[0m line");
    },
    onShutdown: (reason, { log }) => log.info(`until ${reason}`),
  });
  const tried = await tryPlugin(plugin, [message], {
    state: { seen: ["before"] },
    shutdownReason: "the end",
  });
  const eventId = message.event.id;
  assert.deepEqual(tried, {
    findings: [{
      type: "finding",
      key: "k",
      severity: "critical",
      title: "T",
      detail: "",
      server: "test-server",
      tool: "read_file",
      eventId,
    }],
    metrics: [{ type: "metric", name: "calls", value: 1, unit: "1", eventId: null }],
    annotations: [{ type: "annotation", key: "note", value: "v", eventId }],
    logs: [
      { level: "warning", text: "careful" },
      { level: "info", text: "red line" },
      { level: "info", text: "until the end" },
    ],
    console: ["\u001b[31mred\u001b[0m line"],
    errors: [],
    state: { seen: ["read_file", "before"] },
    accepted: true,
  });
});

Deno.test("tryPlugin() gives errors of a handler to onError, and goes on", async () => {
  const heard: string[] = [];
  const plugin = definePlugin({
    ...BASE,
    onMessage(message) {
      if (message.event.rpcId === "1") throw new Error("first");
      heard.push(message.event.rpcId ?? "");
    },
    onError: ({ code, message, on }) => void heard.push(`${code} ${message} ${on?.event.rpcId}`),
  });
  const tried = await tryPlugin(plugin, [fakeMessage({ id: 1 }), fakeMessage({ id: 2 })]);
  assert.deepEqual(heard, ["handler Error: first 1", "2"]);
  assert.equal(tried.errors.length, 1);
});

Deno.test("tryPlugin() gives no message to a plugin that does not accept the licence", async () => {
  const plugin = definePlugin({
    ...BASE,
    requiredTier: "pro",
    authenticate: ({ tier }) => ({ accepted: tier !== "free", reason: "no licence" }),
    onMessage: (_message, { log }) => log.info("called"),
  });
  const messages = [fakeMessage({ id: 1 })];
  assert.deepEqual(await tryPlugin(plugin, messages).then(({ accepted, logs }) => [accepted, logs.length]), [
    false,
    0,
  ]);
  const licence = { tier: "pro", customerId: "c", expiresAtS: null } as const;
  const tried = await tryPlugin(plugin, messages, { licence });
  assert.deepEqual([tried.accepted, tried.logs.length], [true, 1]);
});

Deno.test.each(
  [
    ["no severity", ({ emit }) => emit.finding({ key: "k", title: "t" } as never), /severity must be/],
    [
      "empty key",
      ({ emit }) => emit.finding({ key: "", severity: "info", title: "t" }),
      /key must not be empty/,
    ],
    [
      "long title",
      ({ emit }) => emit.finding({ key: "k", severity: "info", title: "t".repeat(513) }),
      /title has 513 characters; 512 are allowed/,
    ],
    ["no number", ({ emit }) => emit.metric({ name: "n", value: NaN }), /value must be a finite number/],
    ["no message", ({ emit }) => emit.annotation({ key: "k", value: "v" } as never), /message is missing/],
    ["state of no JSON", ({ state }) => state.set("k", undefined as never), /is no JSON/],
    ["large state", ({ state }) => state.set("k", "x".repeat(1024 * 1024)), /1048576 are allowed/],
    ["many keys", ({ state }) => {
      for (let i = 0; i <= 4096; i++) state.set(`k${i}`, i);
    }, /more than 4096 keys/],
    ["much state", ({ state }) => {
      for (let i = 0; i < 5; i++) state.set(`k${i}`, "é".repeat(128 * 1024));
    }, /makes it more than 1048576 bytes/],
  ] as const satisfies [string, (context: Context<Record<string, Json>>) => void, RegExp][],
)(
  "a context refuses what km would not take: %s",
  async (_name, say, expected) => {
    const plugin = definePlugin({ ...BASE, onMessage: (_message, context) => say(context as Context) });
    const { errors: [error] } = await tryPlugin(plugin, [fakeMessage({ id: 1 })]);
    assert.ok(error?.cause instanceof TypeError, error?.message);
    assert.match(error.message, expected);
  },
);

Deno.test("state counts bytes, and gives back what is deleted or replaced", async () => {
  const plugin = definePlugin({
    ...BASE,
    onMessage(_message, { state }) {
      for (let i = 0; i < 50; i++) {
        state.set("a", "x".repeat(900_000));
        state.delete("a");
        state.delete("a");
        state.set("b", "x".repeat(900_000));
        state.set("b", { small: i });
      }
      const value = state.get("b");
      value.small = "changed";
    },
  });
  const tried = await tryPlugin(plugin, [fakeMessage({ id: 1 })]);
  assert.deepEqual([tried.errors, tried.state], [[], { b: { small: 49 } }]);
});

Deno.test("a message's json() is undefined where there is none, or not all of it", async () => {
  const seen: unknown[] = [];
  const plugin = definePlugin({ ...BASE, onMessage: (message) => void seen.push(message.json()) });
  await tryPlugin(plugin, [
    fakeMessage({ id: 1 }),
    fakeMessage({ id: 1 }, { event: { truncated: true } }),
    fakeMessage({ id: 1 }, { event: { format: "text" } }),
    fakeMessage({ id: 1 }, { event: { format: null } }),
  ]);
  assert.deepEqual(seen, [{ id: 1 }, undefined, undefined, undefined]);
});
