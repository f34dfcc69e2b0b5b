import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import type { Event } from "../../src/core/event.ts";
import { EXIT_CODES } from "../../src/core/error.ts";
import { openDatabase } from "../../src/store/database.ts";
import { checkIntegrity } from "../../src/store/summary.ts";
import { SmallDisk, unlessTmpfs } from "../fakes/small_disk.ts";
import { testUnless } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { RunningDaemon } from "./daemon.ts";
import { readJson, TempFolder, until } from "./harness.ts";
import { makeEvents, sendEvents, type SentAnswer, type SentEvent } from "./ingest.ts";

/** Bytes that no compression makes smaller, as text. */
function noise(length: number): string {
  return crypto.getRandomValues(new Uint8Array(length)).toBase64();
}

async function storedIds(home: string): Promise<Set<string>> {
  return new Set((await readJson<Event>(["events", "--limit", "100000"], home)).map(({ id }) => id));
}

async function resultOf(sending: Promise<SentAnswer>): Promise<SentAnswer["body"]> {
  const { status, body } = await sending;
  assert.equal(status, 202, JSON.stringify(body));
  return body;
}

async function statusOf(daemon: RunningDaemon, path: string): Promise<number> {
  const response = await daemon.get(path);
  await response.body?.cancel();
  return response.status;
}

function assertSound(home: string): void {
  using db = openDatabase(`${home}/km.db`, { mode: "read" });
  assert.deepEqual(checkIntegrity(db), []);
}

/** Another process that holds the store's lock until it is disposed of: this one. */
function lockStore(home: string): Disposable {
  const db = new DatabaseSync(`${home}/km.db`, { timeout: 5000 });
  db.exec("BEGIN IMMEDIATE");
  return {
    [Symbol.dispose]() {
      if (db.isOpen) db.close();
    },
  };
}

Deno.test("kill -9 of km serve under ingest: every acknowledged event is there, the rest may be sent again", async () => {
  verifies("fault-kill-ingest", "api-ingest-idempotent", "api-ingest-whole");
  await using daemon = await RunningDaemon.start();
  const acknowledged: SentEvent[] = [];
  const unanswered: SentEvent[][] = [];
  const enough = Promise.withResolvers<void>();
  const senders = Array.from({ length: 16 }, async () => {
    for (;;) {
      const events = makeEvents(100);
      try {
        await resultOf(sendEvents(daemon, events));
      } catch {
        unanswered.push(events);
        return;
      }
      acknowledged.push(...events);
      if (acknowledged.length > 10_000) enough.resolve();
    }
  });
  await enough.promise;
  daemon.process.kill("SIGKILL");
  await Promise.all(senders);
  await daemon.process.exit();

  const stored = await storedIds(daemon.home);
  assert.deepEqual(acknowledged.filter(({ id }) => !stored.has(id)), []);
  for (const events of unanswered) {
    // A batch is there whole or not at all.
    assert([0, events.length].includes(events.filter(({ id }) => stored.has(id)).length));
  }
  await using again = await RunningDaemon.start([], { home: daemon.home });
  for (const events of unanswered) {
    const { accepted, duplicate } = await resultOf(sendEvents(again, events));
    assert.equal(accepted + duplicate, events.length);
  }
  assert.equal((await storedIds(daemon.home)).size, acknowledged.length + unanswered.flat().length);
  assertSound(daemon.home);
});

Deno.test("km serve waits for a store that another process locks for 2 s, and answers meanwhile", async () => {
  verifies("fault-store-locked");
  await using daemon = await RunningDaemon.start();
  let isAnswered = false;
  let sending: Promise<SentAnswer>;
  {
    using _lock = lockStore(daemon.home);
    const begin = performance.now();
    sending = sendEvents(daemon, makeEvents(10)).finally(() => isAnswered = true);
    assert.equal(await statusOf(daemon, "/health"), 200);
    assert.equal(await statusOf(daemon, "/api/activity"), 200);
    await until(() => performance.now() - begin > 2000, "two seconds to pass");
    assert.equal(isAnswered, false);
  }
  assert.deepEqual(await resultOf(sending), { accepted: 10, duplicate: 0, rejected: [] });
});

Deno.test("km serve says 503 when another process does not give the store back, stores nothing of it, and recovers", async () => {
  verifies("fault-store-locked", "api-ingest-whole");
  await using daemon = await RunningDaemon.start();
  const events = makeEvents(10);
  {
    using _lock = lockStore(daemon.home);
    const answers = await Promise.all([sendEvents(daemon, events), sendEvents(daemon, makeEvents(5))]);
    for (const answer of answers) {
      assert.equal(answer.status, 503);
      assert.match(answer.retryAfter ?? "", /^\d+$/);
      assert.equal(answer.body.error?.code, "store_locked");
    }
  }
  assert.equal((await storedIds(daemon.home)).size, 0);
  assert.equal((await resultOf(sendEvents(daemon, events))).accepted, 10);
});

testUnless(
  unlessTmpfs(),
  "km serve on a full disk says 507, stores nothing of it, and goes on by itself once there is room",
  async () => {
    verifies("fault-disk-full", "api-ingest-whole");
    using disk = new SmallDisk("6m");
    await using daemon = await RunningDaemon.start([], { home: `${disk.path}/home` });
    const acknowledged: SentEvent[] = [];
    let refused: SentEvent[] = [];
    for (let i = 0; i < 60 && refused.length === 0; i++) {
      const events = Array.from({ length: 10 }, () => makeEvents(1, { payload: noise(20_000) })).flat();
      const { status, body: { error } } = await sendEvents(daemon, events);
      if (status === 202) {
        acknowledged.push(...events);
        continue;
      }
      refused = events;
      assert.deepEqual([status, error?.code], [507, "store_full"]);
      assert.match(error?.message ?? "", /the disk is full$/);
      assert.match(error?.hint ?? "", /free some space on this disk; deleting needs a little first/);
    }
    assert(
      acknowledged.length > 0 && refused.length > 0,
      `${acknowledged.length} taken, ${refused.length} refused`,
    );
    assert.equal(await statusOf(daemon, "/health"), 200);

    disk.resize("64m");
    assert.equal((await resultOf(sendEvents(daemon, refused))).accepted, refused.length);
    const stored = await storedIds(daemon.home);
    assert.deepEqual(acknowledged.filter(({ id }) => !stored.has(id)), []);
    assert.equal(stored.size, acknowledged.length + refused.length);
    assertSound(daemon.home);
  },
);

Deno.test("km serve whose home is removed says so and ends; it never makes the home again", async () => {
  verifies("serve-one-per-home");
  using folder = new TempFolder();
  await using daemon = await RunningDaemon.start([], { home: `${folder.path}/home` });
  const { url, token, home } = daemon;
  const headers = { Authorization: `Bearer ${token}` };
  const keys = await fetch(`${url}/api/keys`, {
    method: "POST",
    headers: { ...headers, "Content-Type": "application/json" },
    body: JSON.stringify({ name: "reader", scopes: ["read"] }),
  });
  const { key } = await keys.json() as { key: string };
  await Deno.remove(home, { recursive: true });
  for (const Authorization of [headers.Authorization, `Bearer ${key}`]) {
    for (const path of ["/api/activity", "/ready", "/metrics"]) {
      await fetch(url + path, { headers: { Authorization } }).then(
        (answer) => answer.body?.cancel(),
        () => {},
      );
    }
  }
  const { code, err } = await daemon.process.ended();
  assert.equal(code, EXIT_CODES.store_unavailable);
  assert.match(err, /km: error: Cannot go on serving .* was removed or replaced/);
  await assert.rejects(Deno.stat(home), Deno.errors.NotFound);
});

Deno.test("km serve whose lock is another's ends, and leaves alone what is there", async () => {
  verifies("serve-one-per-home");
  await using daemon = await RunningDaemon.start();
  const { home } = daemon;
  Deno.removeSync(`${home}/daemon.lock`);
  await using other = await RunningDaemon.start([], { home });
  assert.equal((await daemon.process.ended()).code, EXIT_CODES.store_unavailable);
  assert.equal(other.record.pid, other.process.pid);
  assert.equal(await statusOf(other, "/api/activity"), 200);
});
