import assert from "node:assert/strict";
import { zstdCompressSync } from "node:zlib";
import type { Call, Event } from "../../src/core/event.ts";
import { verifies } from "../verifies.ts";
import { RunningDaemon } from "./daemon.ts";
import { readJson, runKm, TempFolder } from "./harness.ts";
import { makeEvents, sendBody, sendEvents } from "./ingest.ts";

Deno.test("POST /api/events/batch gives a home what another one recorded, as it was", async () => {
  verifies("api-ingest-batch", "api-ingest-pairs");
  using recorded = new TempFolder();
  const demo = await runKm(["demo", "--home", recorded.path], { home: recorded.path });
  assert.equal(demo.code, 0, demo.err);
  await using daemon = await RunningDaemon.start();

  const { out } = await runKm(["events", "--json", "--limit", "100000"], { home: recorded.path });
  const answer = await sendBody(daemon, out, { "Content-Type": "application/x-ndjson" });
  const count = out.trim().split("\n").length;
  assert(count > 10);
  assert.deepEqual(answer.body, { accepted: count, duplicate: 0, rejected: [] });

  const copied = await runKm(["events", "--json", "--limit", "100000"], { home: daemon.home });
  assert.deepEqual(copied.out.split("\n"), out.split("\n"));
  const read = <T>(home: string, ...args: string[]) => readJson<T>([...args, "--since", "24h"], home);
  assert.deepEqual(
    await read<Call>(daemon.home, "calls", "--limit", "1000"),
    await read<Call>(recorded.path, "calls", "--limit", "1000"),
  );
  const statsOf = async (home: string) => {
    const [stats] = await readJson<Record<string, unknown>>(["stats", "--since", "24h"], home);
    return { ...stats, since: null, until: null };
  };
  assert.deepEqual(await statsOf(daemon.home), await statsOf(recorded.path));
});

Deno.test("POST /api/events/batch reads a compressed body that comes in pieces of unknown number", async () => {
  verifies("api-ingest-batch");
  await using daemon = await RunningDaemon.start();
  const body = zstdCompressSync(JSON.stringify({ events: makeEvents(2000) }));
  const pieces = ReadableStream.from((function* () {
    for (let at = 0; at < body.length; at += 1000) yield new Uint8Array(body.subarray(at, at + 1000));
  })());
  const answer = await sendBody(daemon, pieces, {
    "Content-Type": "application/json",
    "Content-Encoding": "zstd",
  });
  assert.deepEqual(answer.body, { accepted: 2000, duplicate: 0, rejected: [] });
});

Deno.test("POST /api/events/batch answers 413 and 429 with Retry-After where the settings say so", async () => {
  verifies("api-limits");
  await using daemon = await RunningDaemon.start([], {
    env: {
      KM_INGEST_MAX_BODY_BYTES: "100KB",
      KM_INGEST_MAX_WAITING_BYTES: "60KB",
      KM_INGEST_MAX_EVENTS: "50",
    },
  });
  const status = async (events: readonly unknown[]) => (await sendEvents(daemon, events)).status;
  assert.equal(await status(makeEvents(51)), 413);
  assert.equal(await status(makeEvents(1, { payload: "x".repeat(200_000) })), 413);
  const busy = await sendEvents(daemon, makeEvents(1, { payload: "x".repeat(70_000) }));
  assert.equal(busy.status, 429);
  assert.match(busy.retryAfter ?? "", /^\d+$/);
  assert.equal(await status(makeEvents(50)), 202);
});

Deno.test("POST /api/events/batch writes what it answers before km serve stops", async () => {
  verifies("serve-graceful-stop");
  await using daemon = await RunningDaemon.start();
  const sending = Array.from({ length: 40 }, async () => {
    const events = makeEvents(200);
    const response = await sendEvents(daemon, events).catch(() => null);
    return response?.status === 202 ? events : [];
  });
  await Promise.race(sending);
  daemon.process.kill("SIGTERM");
  const taken = (await Promise.all(sending)).flat();
  assert.equal((await daemon.process.ended(10_000)).code, 0);
  const stored = new Set(
    (await readJson<Event>(["events", "--limit", "100000"], daemon.home)).map(({ id }) => id),
  );
  assert(taken.length > 0);
  assert.deepEqual(taken.filter(({ id }) => !stored.has(id)), []);
});
