import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import type { Identity } from "../../auth/identity.ts";
import { encodeFrame, FRAME } from "../../core/session_wire.ts";
import { verifies } from "../../../tests/verifies.ts";
import { settle, SocketTest } from "./testing_socket.ts";

const MIB = 1024 * 1024;
const input = (seq: number, text: string) =>
  encodeFrame({ type: FRAME.input, session: 1, seq, bytes: new TextEncoder().encode(text) });
const output = (size: number) =>
  encodeFrame({ type: FRAME.output, session: 1, seq: 0, bytes: new Uint8Array(size) });

Deno.test("SessionSocket closes who does not authenticate within 5 s, and cuts off who takes no close", async () => {
  const test = new SocketTest();
  const socket = test.open();
  await test.timer.pass(4_999);
  equal(socket.code, null);
  await test.timer.pass(1);
  equal(socket.code, 4401);
  equal(test.cuts, 0);
  await test.timer.pass(5_000);
  equal(test.cuts, 1);
  equal(test.sockets.count, 0);
});

Deno.test("SessionSocket pings every 10 s, measures the answer, and drops a peer that is silent for 30 s", async () => {
  verifies("session-socket-heartbeat");
  const test = new SocketTest();
  const socket = await test.openAs();
  await test.timer.pass(10_000);
  const ping = socket.messages.find(({ type }) => type === "ping");
  match(ping?.timestamp ?? "", /Z$/);
  await test.timer.pass(42);
  socket.receive({ type: "pong", message_id: ping?.message_id, data: { sent: ping?.timestamp } });
  deepEqual(socket.said("latency"), [{ event: "latency", ms: 42 }]);
  await test.timer.pass(29_900);
  equal(socket.code, null);
  await test.timer.pass(101);
  equal(socket.code, 4408);
  await settle();
});

Deno.test("SessionSocket ends with its token, unless that is renewed before", async () => {
  verifies("session-socket-auth");
  const test = new SocketTest();
  const [renewed, forgotten] = [await test.openAs(), await test.openAs("read", "client-2")];
  const live = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 10_000) {
      for (const socket of [renewed, forgotten]) if (!socket.closed) socket.receive({ type: "ping" });
      await test.timer.pass(10_000);
    }
  };
  await live(14 * 60_000);
  const grant = { access: "write" as const, sessions: null };
  const { token } = await test.authenticator.issueSessionToken(
    { name: "token", via: "token", scopes: [] },
    grant,
  );
  renewed.receive({ type: "auth", message_id: "again", data: { token } });
  await live(2 * 60_000);
  deepEqual([renewed.code, forgotten.code], [null, 4401]);
  test.authenticator.isRevoked = true;
  test.sockets.recheck();
  await settle();
  equal(renewed.code, 4401);
});

Deno.test("SessionSocket sends nothing more to who has 1 MiB unread, and asks for one snapshot when it is read", async () => {
  verifies("session-backpressure");
  const test = new SocketTest();
  const socket = await test.openAs();
  await test.attach(socket);
  const [viewer] = test.viewers;
  socket.reads = false;
  let taken = 0;
  while (viewer?.output(output(64 * 1024))) taken++;
  equal(taken, 16);
  const before = socket.messages.length;
  for (let at = 0; at < 50_000; at++) {
    viewer?.output(output(1000));
    for (const tell of test.listeners) tell("s-1", { event: "notification", text: `${at}` });
  }
  for (let at = 0; at < 100; at++) socket.receive({ type: "ping" });
  await test.timer.pass(100);
  equal(socket.messages.length, before, "not even an answer");
  ok(socket.bufferedAmount < 2 * MIB);
  equal(test.calls.includes("drained"), false);
  socket.reads = true;
  socket.bufferedAmount = 63 * 1024;
  await test.timer.pass(40);
  deepEqual(test.calls.filter((call) => call === "drained"), ["drained"]);
  deepEqual(socket.said("notification"), [{ event: "notification", text: "49999" }], "the newest alone");
});

Deno.test("SessionSocket no longer counts who reads nothing for 10 s, and drops them after 60 s; a slow reader stays", async () => {
  verifies("session-backpressure");
  const test = new SocketTest();
  const socket = await test.openAs();
  await test.attach(socket);
  socket.reads = false;
  while (test.viewers[0]?.output(output(MIB)));
  for (let s = 0; s < 90; s += 5) {
    socket.bufferedAmount -= 1; // Very slow, but it reads.
    socket.receive({ type: "ping" });
    await test.timer.pass(5_000);
  }
  deepEqual([socket.code, test.calls], [null, []]);
  for (let s = 0; s < 20; s += 5) {
    socket.receive({ type: "ping" });
    await test.timer.pass(5_000);
  }
  ok(test.calls.includes("discount"));
  for (let s = 0; s < 50; s += 5) {
    socket.receive({ type: "ping" });
    await test.timer.pass(5_000);
  }
  equal(socket.code, 4408);
});

Deno.test("SessionSocket takes input that the program has no room for when it comes again", async () => {
  const test = new SocketTest();
  const socket = await test.openAs();
  await test.attach(socket);
  test.isFull = true;
  socket.receive(input(0, "ab"));
  socket.receive(input(2, "cd"));
  const refusals = socket.messages.filter(({ type }) => type === "error");
  deepEqual(refusals.map(({ data }) => [data?.["code"], data?.["through"]]), [["busy", 0]], "told once");
  test.isFull = false;
  await test.timer.pass(100);
  socket.receive(input(0, "ab"));
  socket.receive(input(2, "cd"));
  socket.receive(input(1, "bcde"));
  equal(test.typed.join(""), "abcde");
  await test.timer.pass(50);
  deepEqual(socket.said("input"), [{ event: "input", through: 5 }]);
});

Deno.test("SessionSocket does what a message asks for once, and closes who floods it", async () => {
  verifies("session-limits", "session-socket-once");
  const test = new SocketTest();
  const signal = {
    type: "command",
    message_id: "x",
    session_id: "1",
    data: { action: "signal", signal: "SIGINT" },
  };
  for (let time = 0; time < 3; time++) {
    const socket = await test.openAs();
    socket.receive(signal);
    await settle();
    equal(socket.said("signalled").length, 1, "answered each time");
  }
  deepEqual(test.calls, ["SIGINT"]);
  const socket = await test.openAs();
  socket.reads = false;
  socket.bufferedAmount = 2 * MIB;
  for (let at = 0; at < 1001; at++) socket.receive({ type: "ping" });
  equal(socket.code, 4400);
});

Deno.test("SessionSockets lets strangers, however many, keep nobody out: the one that has waited longest goes", async () => {
  verifies("session-limits");
  const test = new SocketTest();
  const known = await test.openAs();
  const strangers = Array.from({ length: 64 }, () => test.open());
  deepEqual(strangers.map(({ code }) => code), strangers.map(() => null), "as many as it watches");
  const newcomer = await test.openAs();
  equal(newcomer.said("authenticated").length, 1);
  equal(strangers[0]?.code, 4401);
  deepEqual(strangers.slice(1).filter(({ code }) => code !== null), []);
  for (let at = 0; at < 200; at++) test.open();
  deepEqual(strangers.map(({ code }) => code), strangers.map(() => 4401));
  deepEqual([known.code, newcomer.code], [null, null]);
});

Deno.test("SessionSockets cuts off strangers that take no close when there are too many of them", () => {
  verifies("session-limits");
  const test = new SocketTest();
  for (let at = 0; at < 2000; at++) test.open();
  ok(test.sockets.count <= 128, `${test.sockets.count}`);
  equal(test.cuts, 2000 - test.sockets.count);
});

Deno.test("SessionSockets admits no more than it can serve", async () => {
  verifies("session-limits");
  const test = new SocketTest();
  for (let at = 0; at < 1024; at++) {
    const socket = test.open();
    const user: Identity = { name: `key ${at % 3}`, via: "key", scopes: ["sessions"] };
    const { token } = await test.authenticator.issueSessionToken(user, { access: "read", sessions: null });
    socket.receive({ type: "auth", data: { token } });
    if (at % 32 === 31) await settle();
  }
  equal(test.sockets.count, 1024);
  throws(() => test.open(), /Too many WebSockets/);
});

Deno.test("SessionSocket closes a socket that fails while it takes input, also input that waits", async () => {
  const long = "x".repeat(64 * 1024); // Acknowledged at once.
  for (const waits of [false, true]) {
    const test = new SocketTest();
    const socket = await test.openAs();
    const attach = test.attach(socket);
    if (!waits) await attach;
    test.onTyped = () => socket.isBroken = true;
    socket.receive(input(0, long));
    await attach;
    deepEqual([test.typed.length, socket.code], [1, 1001]);
  }
});

Deno.test("SessionSocket closes whose credentials cannot be checked: whenever that is tried", async () => {
  const test = new SocketTest();
  const [rechecked, beating] = [await test.openAs(), await test.openAs("read", "client-2")];
  test.authenticator.isBroken = true;
  await test.timer.pass(10_000);
  equal(beating.code, 4429);
  test.sockets.recheck();
  await settle();
  equal(rechecked.code, 4429);
});
