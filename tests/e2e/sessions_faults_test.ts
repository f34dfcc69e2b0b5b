import { equal, ok } from "node:assert/strict";
import { connectSessions } from "../../src/client/session_socket.ts";
import { FRAME } from "../../src/core/session_wire.ts";
import { verifies } from "../verifies.ts";
import { CuttingProxy } from "./cutting_proxy.ts";
import { PATIENCE_MS, until, within } from "./harness.ts";
import { SessionsDaemon } from "./sessions.ts";
import { UnreadSocket } from "./unread_socket.ts";

const CUTS = 50;
const MIB = 1024 * 1024;

/** Numbers from 0 to below 1 that are the same for the same seed (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

Deno.test("TCP cut at 50 random places: no byte of input or output is lost or comes twice", async () => {
  verifies("session-fault-tcp-cut", "session-reconnect-exact");
  const seed = Number(Deno.env.get("KM_TEST_SEED") ?? Date.now() % 1e9);
  const next = random(seed);
  await using km = await SessionsDaemon.start();
  const { id } = await km.runCat();
  const { port } = new URL(km.url);
  // Every fifth before it is authenticated and attached.
  const life = () => Math.floor(next() < 0.2 ? next() * 2500 : 4000 + next() * 20_000);
  using proxy = new CuttingProxy(Number(port), life);
  const got: Uint8Array[] = [];
  let size = 0, snapshots = 0, opened = 0;
  const token = () => km.token();
  using link = connectSessions({
    url: `ws://127.0.0.1:${proxy.port}/api/ws`,
    getToken: token,
    onStatus: (status) => void (status === "open" && opened++),
  });
  const attaching = link.attach(id, {
    write: true,
    onSnapshot: () => snapshots++,
    onOutput: (bytes) => {
      got.push(bytes.slice());
      size += bytes.length;
    },
    onEvent() {},
    onGone: (reason) => got.push(new TextEncoder().encode(`gone: ${reason}`)),
  });
  const session = await within(attaching, PATIENCE_MS, () => `the first attach; seed ${seed}`);
  const sent: Uint8Array[] = [];
  let sentBytes = 0;
  while (proxy.cuts < CUTS) {
    const bytes = Uint8Array.from(
      { length: 1 + Math.floor(next() * 700) },
      () => 33 + Math.floor(next() * 90),
    );
    session.input(bytes);
    sent.push(bytes);
    sentBytes += bytes.length;
    await until(
      () => size > sentBytes - 8000 || proxy.cuts >= CUTS,
      () => `the echo; seed ${seed}, ${size} of ${sentBytes}`,
    );
  }
  proxy.stopCutting();
  const last = new TextEncoder().encode("THE END");
  session.input(last);
  sent.push(last);
  sentBytes += last.length;
  await until(() => size >= sentBytes, () => `all of it: ${size} of ${sentBytes} bytes; seed ${seed}`);
  const text = (parts: Uint8Array[]) =>
    new TextDecoder().decode(Uint8Array.from(parts.flatMap((part) => [...part])));
  ok(text(got) === text(sent), `what came back differs; seed ${seed}`);
  equal(snapshots, 1, `shown once, then gone on with; seed ${seed}`);
  ok(opened >= CUTS / 2, `it was connected ${opened} times; seed ${seed}`);
  const { body } = await km.ask("GET", `/api/sessions/${id}`);
  equal(body.seq, sentBytes + "ready".length, "what the program itself was given");
});

Deno.test("a viewer that never reads costs bounded memory, slows nobody, and gets one snapshot when it reads", async () => {
  verifies("session-fault-slow-viewer", "session-backpressure");
  await using km = await SessionsDaemon.start();
  const flood = (bytes: number, end: string) => `read go; head -c ${bytes} /dev/zero | base64; echo ${end};`;
  const script = `${flood(15_000_000, "first-end")} ${flood(150_000_000, "the-end")} sleep 600`;
  const { id, number } = await km.run(["/bin/sh", "-c", script]);
  using fast = await km.socket();
  await fast.command({ action: "attach", write: true }, id);
  using slow = await UnreadSocket.open(km.url, await km.token());
  await slow.attach(id);
  const ends = (end: string) => () => new TextDecoder().decode(fast.frames.at(-1)?.bytes).includes(end);
  fast.type(number, 0, "go\n");
  await until(ends("first-end"), "20 MB, for who reads", 60_000);
  // By now all that any output costs is paid for; what comes adds 200 MB to what the slow one has not read.
  const before = residentBytes(km.daemon.process.pid);
  fast.type(number, 3, "go\n");
  await until(ends("the-end"), "200 MB more, for who reads", 90_000);
  const grownBytes = residentBytes(km.daemon.process.pid) - before;
  // Garbage that is not collected yet was 33 to 83 MiB in three runs (2026-11-22).
  ok(grownBytes < 130 * MIB, `${grownBytes / MIB} MiB more for 200 MB that one of two viewers did not read`);
  const { frames, bytes } = await slow.readUntil("the-end");
  const kinds = frames.map(({ type }) => type);
  ok(bytes < 12 * MIB, `${bytes / MIB} MiB were waiting for it`);
  const snapshots = kinds.filter((type) => type === FRAME.snapshot).length;
  ok(
    snapshots >= 2 && snapshots <= 4,
    `${snapshots} snapshots: the first, and one each time that the system took all`,
  );
});

function residentBytes(pid: number): number {
  const [, kib = "0"] = /^VmRSS:\s+(\d+)/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`)) ?? [];
  return Number(kib) * 1024;
}
