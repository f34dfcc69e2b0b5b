import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { encodeFrame, FRAME } from "../../src/core/session_wire.ts";
import { verifies } from "../verifies.ts";
import { until } from "./harness.ts";
import { Refused, SessionsDaemon, SocketClient } from "./sessions.ts";

const encoder = new TextEncoder();

Deno.test("a WebSocket of sessions: attach, type, see, each message acknowledged by its id", async () => {
  verifies("session-socket");
  await using km = await SessionsDaemon.start();
  const session = await km.runCat();
  using client = await km.socket();
  const attached = await client.command({ action: "attach", write: true }, String(session.number));
  equal(attached["number"], session.number);
  equal(attached["input"], 0);
  await until(() => client.frames.length > 0, "a snapshot");
  equal(client.frames[0]?.type, FRAME.snapshot);
  client.type(session.number, 0, "hello ");
  client.type(session.number, 6, "world");
  await client.untilOutput(session.number, "hello world");
  await until(() => client.events("input").at(-1)?.["through"] === 11, "the acknowledgement");
  ok(client.events("input").length <= 2, "acknowledged together");
  await client.command({ action: "detach" }, session.id);
  const before = client.output(session.number);
  await km.ask("POST", `/api/sessions/${session.id}/input`, { keys: "unseen" });
  await km.untilScreen(session.number, "unseen");
  equal(client.output(session.number), before, "who has detached sees no more");
  using bound = await km.socket({ path: `/api/sessions/${session.number}/ws` });
  equal((await bound.command({ action: "attach" }))["number"], session.number, "bound: no session is named");
});

Deno.test("input over a WebSocket: what comes twice is typed once, what has a gap before it is refused", async () => {
  verifies("session-socket-once");
  await using km = await SessionsDaemon.start();
  const { id, number } = await km.runCat();
  const clientId = crypto.randomUUID();
  using first = await km.socket({ clientId });
  await first.command({ action: "attach", write: true }, id);
  first.type(number, 0, "abc");
  first.type(number, 0, "abc");
  first.type(number, 2, "cde");
  await first.untilOutput(number, "abcde");
  first.type(number, 9, "lost");
  await until(() => first.messages.some(({ data }) => data?.["code"] === "input_gap"), "the gap to be told");
  const gap = first.messages.find(({ data }) => data?.["code"] === "input_gap");
  equal(gap?.data?.["through"], 5);
  await first.end();

  using second = await km.socket({ clientId });
  const attached = await second.command({ action: "attach", write: true, since: 0 }, id);
  equal(attached["input"], 5, "it is remembered how much was taken");
  second.type(number, 3, "defg");
  using stranger = await km.socket();
  equal(
    (await stranger.command({ action: "attach", write: true }, id))["input"],
    0,
    "of another client, nothing",
  );
  stranger.type(number, 0, "!");
  await second.untilOutput(number, "!");
  equal(second.output(number), "readyabcdefg!");
});

Deno.test("a command that is sent again after a reconnect runs once", async () => {
  verifies("session-socket-once");
  await using km = await SessionsDaemon.start();
  const script = 'echo up; while printf "$ "; read line; do echo "ran <$line>"; done';
  const { id, number } = await km.run(["/bin/sh", "-c", script]);
  await km.untilScreen(number, "up");
  const clientId = crypto.randomUUID();
  const twice = async (data: Record<string, unknown>, messageId: string) => {
    for (let time = 0; time < 2; time++) {
      using client = await km.socket({ clientId });
      await client.command(data, id, messageId);
      await client.end();
    }
  };
  await twice({ action: "send", text: "one" }, "command-1");
  await twice({ action: "send", text: "two", id: "chosen" }, "command-2");
  await twice({ action: "input", keys: "three\r" }, "command-3");
  await km.untilScreen(number, "ran <three>");
  using client = await km.socket();
  await client.command({ action: "send", text: "last" }, id);
  await km.untilScreen(number, "ran <last>");
  const { body } = await km.ask("GET", `/api/sessions/${id}/screen`);
  const ran = (body.screen as string[]).filter((line) => line.startsWith("ran <")).map((line) => line.trim());
  deepEqual(ran.toSorted(), ["ran <last>", "ran <one>", "ran <three>", "ran <two>"]);
});

Deno.test("one WebSocket shows many sessions, and tells who watches of all of them", async () => {
  verifies("session-socket");
  await using km = await SessionsDaemon.start();
  using client = await km.socket();
  deepEqual((await client.command({ action: "watch" }))["sessions"], []);
  const sessions = [await km.runCat(), await km.runCat(), await km.runCat()];
  for (const { id } of sessions) {
    await until(() => client.events("session", id).length > 0, "the start to be told");
    await client.command({ action: "attach", write: true }, id);
  }
  sessions.forEach(({ number }, at) => client.type(number, 0, `to ${at}`));
  for (const [at, { number }] of sessions.entries()) {
    await client.untilOutput(number, `to ${at}`);
    ok(!client.output(number).includes(`to ${(at + 1) % 3}`), "nobody else's output");
  }
  const [first, , last] = sessions;
  await km.ask("DELETE", `/api/sessions/${first?.id}`);
  await until(
    () => client.events("state", first?.id).some(({ change }) => JSON.stringify(change).includes("exited")),
    "the end",
  );
  await km.ask("DELETE", `/api/sessions/${first?.id}?remove=true`);
  await until(() => client.events("removed", first?.id).length === 1, "the removal");
  client.type(last?.number ?? 0, 4, "still");
  await client.untilOutput(last?.number ?? 0, "still");
});

Deno.test("output as JSON, for who asks for it", async () => {
  verifies("session-socket");
  await using km = await SessionsDaemon.start();
  const { id } = await km.runCat();
  using client = await km.socket();
  await client.command({ action: "attach", format: "json", since: 0 }, id);
  await client.command({ action: "input", keys: "é→✓" }, id);
  const output = () =>
    client.messages.filter(({ type }) => type === "output").map(({ data }) =>
      data as { seq: number; base64: string }
    );
  const bytes = () => output().flatMap(({ base64 }) => [...Uint8Array.fromBase64(base64)]);
  await until(() => new TextDecoder().decode(Uint8Array.from(bytes())) === "readyé→✓", "the output");
  equal(output()[0]?.seq, 0);
  equal(client.frames.length, 0, "no binary frame");
});

Deno.test("a ping is answered with its own timestamp; messages carry theirs", async () => {
  verifies("session-socket-heartbeat");
  await using km = await SessionsDaemon.start();
  using client = await km.socket();
  const timestamp = new Date().toISOString();
  client.send({ type: "ping", message_id: "p", timestamp, data: { echo: 7 } });
  await until(() => client.messages.some(({ type }) => type === "pong"), "the pong");
  const pong = client.messages.find(({ type }) => type === "pong");
  deepEqual(pong?.data, { echo: 7, sent: timestamp });
  match(pong?.timestamp ?? "", /^\d{4}-.*Z$/);
});

Deno.test("what is no message of a client closes with 4400, what is too long with 1009", async (t) => {
  verifies("session-socket-closes", "session-limits");
  await using km = await SessionsDaemon.start();
  const { number } = await km.runCat();
  const bytes = encoder.encode("x");
  const wrong: readonly [string, string | Uint8Array<ArrayBuffer>, number][] = [
    ["no JSON", "{", 4400],
    ["no object", "[]", 4400],
    ["null", "null", 4400],
    ["no type", "{}", 4400],
    ["an unknown type", '{"type":"hello"}', 4400],
    ["what only the server sends", '{"type":"status"}', 4400],
    ["output", '{"type":"output"}', 4400],
    ["data that is no object", '{"type":"ping","data":[]}', 4400],
    ["a session that is no text", '{"type":"command","session_id":1}', 4400],
    ["an id that is too long", JSON.stringify({ type: "ping", message_id: "x".repeat(129) }), 4400],
    ["half a frame", new Uint8Array(5), 4400],
    ["a frame of no kind", new Uint8Array(20), 4400],
    ["a frame of the server", encodeFrame({ type: FRAME.output, session: number, seq: 0, bytes }), 4400],
    [
      "input for what is not attached",
      encodeFrame({ type: FRAME.input, session: number, seq: 0, bytes }),
      4400,
    ],
    ["a long text", " ".repeat(1024 * 1024 + 1), 1009],
    ["a text that is long in UTF-8 alone", `"${"€".repeat(400_000)}"`, 1009],
    ["a long frame", new Uint8Array(1024 * 1024 + 1), 1009],
  ];
  for (const [name, data, code] of wrong) {
    await t.step(name, async () => {
      using client = await km.socket();
      client.socket.send(data);
      equal((await client.untilClosed()).code, code);
    });
  }
  await t.step("a message that is one, but wrong, is only answered", async () => {
    using client = await km.socket();
    await rejects(
      client.command({ action: "dance" }),
      (error) => error instanceof Refused && error.code === "invalid",
    );
    await rejects(client.command({ action: "attach", cols: 1, rows: 1 }, String(number)), Refused);
    await rejects(client.command({ action: "signal", signal: "SIGSEGV" }, String(number)), Refused);
    await rejects(client.command({ action: "attach" }), /session_id/);
    equal(client.closed, null);
  });
});

Deno.test("an unknown session closes the socket that is bound to it with 4404, and is an answer on that for all", async () => {
  verifies("session-socket-closes");
  await using km = await SessionsDaemon.start();
  using bound = await SocketClient.open(`${km.socketUrl}/api/sessions/99/ws`);
  await rejects(bound.authenticate(await km.token()), /4404/);
  using all = await km.socket();
  await rejects(all.command({ action: "attach" }, "99"), /not_found/);
  const { id } = await km.runCat();
  equal((await all.command({ action: "attach" }, id))["event"], "attached", "the others go on");
});
