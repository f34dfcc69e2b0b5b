import assert from "node:assert/strict";
import { verifies } from "../../tests/verifies.ts";
import { until } from "../../tests/e2e/harness.ts";
import { formatTimeUs, systemClock } from "../core/clock.ts";
import { IdMaker } from "../core/id.ts";
import type { IngestAnswer } from "../recorder/ingest/group_writer.ts";
import { openDatabase } from "../store/database.ts";
import { listEvents } from "../store/events.ts";
import { DAY_US, TempFolder } from "../store/testing.ts";
import { IngestThread, type IngestThreadOptions } from "./ingest_thread.ts";

const ids = new IdMaker();

function optionsOf(folder: TempFolder, changes: Partial<IngestThreadOptions> = {}): IngestThreadOptions {
  return {
    maxWaitingBytes: 1024 * 1024,
    settings: {
      database: folder.databasePath,
      retention: { days: 0, maxBytes: null },
      redact: true,
      secrets: ["the-token-of-this-daemon"],
      limits: { maxBodyBytes: 1e6, maxInflatedBytes: 1e6, maxEvents: 1000, maxStoredBytes: 1e6 },
    },
    ...changes,
  };
}

function send(thread: IngestThread, count = 1, changes: Record<string, unknown> = {}): Promise<IngestAnswer> {
  const timeUs = systemClock.nowUs() - 2 * DAY_US;
  const events = Array.from({ length: count }, () => ({
    id: ids.next(timeUs),
    time: formatTimeUs(timeUs),
    correlationId: "run-1",
    server: "files",
    kind: "log",
    payload: "line",
    ...changes,
  }));
  const bytes = new TextEncoder().encode(JSON.stringify({ events }));
  return thread.take({ bytes, encoding: "identity", format: "batch", origin: "api:test" });
}

function accepted(answer: IngestAnswer): number {
  assert(answer.kind === "taken", JSON.stringify(answer));
  return answer.result.accepted;
}

function statusOf(answer: IngestAnswer): number {
  return answer.kind === "taken" ? 202 : answer.refusal.status;
}

function texts(folder: TempFolder): unknown[] {
  using db = openDatabase(folder.databasePath, { mode: "read" });
  return listEvents(db, {}, 1000).map(({ payload }) => payload);
}

Deno.test("IngestThread stores what waits in groups, and km's own secrets never", async () => {
  verifies("api-ingest-redacts");
  using folder = new TempFolder();
  await using thread = new IngestThread(optionsOf(folder));
  const answers = await Promise.all(Array.from({ length: 20 }, () => send(thread, 5)));
  assert.equal(answers.reduce((sum, answer) => sum + accepted(answer), 0), 100);
  assert.equal(accepted(await send(thread, 1, { payload: "x the-token-of-this-daemon y" })), 1);
  assert.equal(texts(folder)[0], "x [redacted:known-secret] y");
});

Deno.test("IngestThread refuses with 429 what does not fit into its queue, and takes it later", async () => {
  verifies("api-limits");
  using folder = new TempFolder();
  await using thread = new IngestThread(optionsOf(folder, { maxWaitingBytes: 5000 }));
  const answers = await Promise.all(Array.from({ length: 5 }, () => send(thread, 10)));
  assert.deepEqual(answers.map(statusOf), [202, 202, 202, 429, 429]);
  assert.equal(accepted(await send(thread, 10)), 10);
});

/** A thread that dies with its first group, and is the real one the second time. */
function mortalWorker(folder: TempFolder): URL {
  const marker = `${folder.path}/died`;
  const source = `
    try { Deno.statSync(${JSON.stringify(marker)}); await import(${
    JSON.stringify(new URL("./ingest_worker.ts", import.meta.url).href)
  }); } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      self.onmessage = ({ data }) => {
        if (data.type !== "store") return;
        Deno.writeTextFileSync(${JSON.stringify(marker)}, "");
        throw new Error("on purpose");
      };
    }`;
  const path = `${folder.path}/worker.ts`;
  Deno.writeTextFileSync(path, source);
  return new URL(`file://${path}`);
}

Deno.test("IngestThread starts its thread again when that dies, and answers what it worked on with 503", async () => {
  verifies("api-ingest-whole");
  using folder = new TempFolder();
  await using thread = new IngestThread(optionsOf(folder, { worker: mortalWorker(folder) }));
  const first = await send(thread);
  assert(first.kind === "refused");
  assert.deepEqual([first.refusal.status, first.refusal.retryAfterS], [503, 1]);
  assert.equal(accepted(await send(thread)), 1);
});

Deno.test("IngestThread goes on in a new file when its database was removed: what it took is in it", async () => {
  using folder = new TempFolder();
  await using thread = new IngestThread(optionsOf(folder));
  assert.equal(accepted(await send(thread)), 1);
  for (const suffix of ["", "-wal", "-shm"]) Deno.removeSync(folder.databasePath + suffix);
  assert.equal(accepted(await send(thread)), 1);
  assert.equal(texts(folder).length, 1);
});

Deno.test("IngestThread.prune() removes what is old, and everything with erase", async () => {
  using folder = new TempFolder();
  await using thread = new IngestThread(optionsOf(folder));
  await send(thread, 20);
  await send(thread, 3, { time: formatTimeUs(systemClock.nowUs()) });
  assert.deepEqual(await thread.prune({ olderThanUs: systemClock.nowUs() - DAY_US }), { deleted: 20 });
  assert.equal(texts(folder).length, 3);
  const erased = await thread.prune({ olderThanUs: systemClock.nowUs(), erase: true });
  assert.equal(erased.deleted, 3);
  assert.equal(texts(folder).length, 0);
  assert.equal(accepted(await send(thread)), 1);
});

Deno.test("IngestThread that is stopped has answered everything, and takes nothing more", async () => {
  verifies("serve-graceful-stop");
  using folder = new TempFolder();
  const thread = new IngestThread(optionsOf(folder, { stopMs: 20_000 }));
  const sending = Array.from({ length: 30 }, () => send(thread, 20));
  await thread[Symbol.asyncDispose]();
  const answers = await Promise.all(sending);
  assert.equal(answers.reduce((sum, answer) => sum + accepted(answer), 0), 600);
  assert.equal(texts(folder).length, 600);
  assert.equal(statusOf(await send(thread)), 503);
});

Deno.test("IngestThread that is stopped does not wait for a store that is locked: nothing of it was acknowledged", async () => {
  verifies("serve-graceful-stop", "api-ingest-whole");
  using folder = new TempFolder();
  using db = openDatabase(folder.databasePath, { mode: "write" });
  const thread = new IngestThread(optionsOf(folder, { stopMs: 50 }));
  assert.equal(accepted(await send(thread)), 1);
  db.exec("BEGIN IMMEDIATE");
  const sending = [send(thread), send(thread)];
  await thread[Symbol.asyncDispose]();
  db.exec("ROLLBACK");
  assert.deepEqual((await Promise.all(sending)).map(statusOf), [503, 503]);
  assert.equal(texts(folder).length, 1);
});

const SECRET = "ghp_0123456789abcdefghijABCDEFGHIJ012345";

Deno.test("IngestThread.change() settles when nothing more is stored by the settings before", async () => {
  verifies("api-ingest-redacts");
  using folder = new TempFolder();
  const { settings, maxWaitingBytes } = optionsOf(folder);
  await using thread = new IngestThread({ settings: { ...settings, redact: false }, maxWaitingBytes });
  const before = Array.from({ length: 20 }, () => send(thread, 20, { payload: SECRET }));
  const changed = thread.change({ settings, maxWaitingBytes });
  const after = Array.from({ length: 20 }, () => send(thread, 20, { payload: SECRET }));
  await changed;
  const readable = () => texts(folder).filter((text) => text === SECRET).length;
  const atChange = readable();
  for (const answer of await Promise.all([...before, ...after])) accepted(answer);
  assert.equal(accepted(await send(thread, 1, { payload: SECRET })), 1);
  assert.equal(readable(), atChange);
  assert.notEqual(texts(folder)[0], SECRET);
});

Deno.test("IngestThread.change() deletes at once what is older than the new retention", async () => {
  using folder = new TempFolder();
  const { settings, maxWaitingBytes } = optionsOf(folder);
  await using thread = new IngestThread({ settings, maxWaitingBytes });
  await send(thread, 3);
  await thread.change({ settings: { ...settings, retention: { days: 1, maxBytes: null } }, maxWaitingBytes });
  await until(() => texts(folder).length === 0, "the deletion of events of two days ago");
});

Deno.test("IngestThread.change() holds for limits, and settles when its thread ends", async () => {
  verifies("api-limits");
  using folder = new TempFolder();
  using db = openDatabase(folder.databasePath, { mode: "write" });
  const { settings, maxWaitingBytes } = optionsOf(folder);
  const thread = new IngestThread({ settings, maxWaitingBytes, stopMs: 50 });
  const limits = { ...settings.limits, maxEvents: 2, maxBodyBytes: 5 };
  await thread.change({ settings: { ...settings, limits }, maxWaitingBytes: 600 });
  assert.equal(thread.limits.maxBodyBytes, 5);
  assert.deepEqual((await Promise.all([send(thread, 2), send(thread, 2)])).map(statusOf), [202, 429]);
  await thread.change({ settings: { ...settings, limits }, maxWaitingBytes });
  assert.equal(statusOf(await send(thread, 3)), 413);
  db.exec("BEGIN IMMEDIATE");
  const sending = send(thread);
  const changing = thread.change({ settings, maxWaitingBytes });
  await thread[Symbol.asyncDispose]();
  db.exec("ROLLBACK");
  await changing;
  assert.equal(statusOf(await sending), 503);
});

Deno.test("IngestThread.change() outlives the thread that it was told", async () => {
  verifies("api-ingest-redacts");
  using folder = new TempFolder();
  const { settings, maxWaitingBytes } = optionsOf(folder);
  const worker = mortalWorker(folder);
  await using thread = new IngestThread({
    settings: { ...settings, redact: false },
    maxWaitingBytes,
    worker,
  });
  const changed = thread.change({ settings, maxWaitingBytes });
  assert.equal(statusOf(await send(thread)), 503);
  await changed;
  assert.equal(accepted(await send(thread, 1, { payload: SECRET })), 1);
  assert.notEqual(texts(folder)[0], SECRET);
});
