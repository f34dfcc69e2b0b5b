import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { verifies } from "../../tests/verifies.ts";
import { KmError } from "../core/error.ts";
import type { Batch, Outcome } from "../core/event.ts";
import { listCalls } from "./calls.ts";
import { formatId } from "./codes.ts";
import { openDatabase } from "./database.ts";
import { EventWriter } from "./event_writer.ts";
import { findEvent, lastSeq, listEvents } from "./events.ts";
import { readStats, readTotals } from "./stats.ts";
import { checkIntegrity, readSummary } from "./summary.ts";
import {
  DAY_US,
  makeCall,
  makeChange,
  makeEvent,
  makeRun,
  makeTool,
  MINUTE_US,
  NOON_US,
  TempFolder,
  TempStore,
} from "./testing.ts";

const RANGE = { sinceUs: NOON_US - DAY_US, untilUs: NOON_US + DAY_US };

function callsByOutcome(store: TempStore): Record<string, number> {
  return Object.fromEntries(
    readStats(store.db, { ...RANGE, by: "outcome" }).map((row) => [row.key, row.calls]),
  );
}

function dump(store: TempStore): unknown {
  const tables = ["runs", "shapes", "events", "blocks", "payloads", "series", "rollups", "traffic", "tools"];
  return tables.map((table) => store.db.all(`SELECT * FROM ${table} ORDER BY 1, 2, 3`));
}

Deno.test("append() of the same batch again changes nothing", () => {
  verifies("store-idempotent");
  using store = new TempStore();
  const calls = ["ok", "error", "open", "cancelled"] as const;
  const made = calls.map((outcome, i) =>
    makeCall(NOON_US + i * MINUTE_US, outcome, { text: "x".repeat(3000) })
  );
  const batch = {
    events: made.flatMap((call) => [call.request, call.response]),
    calls: made.map((call) => call.change),
    tools: [makeTool("echo", NOON_US)],
  };
  store.append(batch);
  const before = dump(store);
  store.append(batch);
  assert.deepEqual(dump(store), before);
});

Deno.test("append() adds only what is missing of a batch that overlaps another", () => {
  verifies("store-idempotent");
  using store = new TempStore();
  const [first, second, third] = [0, 1, 2].map((i) => makeCall(NOON_US + i * 5000)) as [Call, Call, Call];
  store.append({ events: [first.request, first.response, second.request], calls: [first.change] });
  store.append({
    events: [second.request, second.response, third.request, third.response, third.response],
    calls: [first.change, second.change, third.change],
  });
  assert.equal(readSummary(store.db).events, 6);
  assert.deepEqual(callsByOutcome(store), { ok: 3 });
  assert.equal(readTotals(store.db, RANGE).messages, 6);
  assert.equal(findEvent(store.db, second.request.id).counterpart?.id, second.response.id);
});
type Call = ReturnType<typeof makeCall>;

Deno.test("append() links a response to a request of an earlier batch, both ways", () => {
  using store = new TempStore();
  const { request, response, change } = makeCall(NOON_US);
  store.append({ events: [request], calls: [makeChange(request, "open")] });
  assert.deepEqual(listCalls(store.db, {}, 9).map((call) => [call.outcome, call.responseId]), [[
    "open",
    null,
  ]]);
  store.append({ events: [response], calls: [{ ...change, previous: "open" }] });
  const [call] = listCalls(store.db, {}, 9);
  assert.deepEqual([call?.outcome, call?.responseId, call?.durationMs], ["ok", response.id, 1]);
  assert.equal(findEvent(store.db, request.id).counterpart?.id, response.id);
  assert.equal(findEvent(store.db, response.id).counterpart?.id, request.id);
});

const MOVES: readonly (readonly [steps: readonly Outcome[], counted: Record<string, number>])[] = [
  [["open"], {}],
  [["open", "ok"], { ok: 1 }],
  [["open", "cancelled", "late"], { late: 1 }],
  [["cancelled", "late"], { late: 1 }],
  [["open", "hung"], { hung: 1 }],
  [["tool_error"], { tool_error: 1 }],
];

for (const together of [true, false]) {
  for (const [steps, counted] of MOVES) {
    Deno.test(`append() counts a call that goes ${steps.join(", ")} ${together ? "in one batch" : "in several"} once`, () => {
      verifies("store-rollups");
      using store = new TempStore();
      const request = makeEvent("request", NOON_US);
      const changes = steps.map((outcome, i) =>
        makeChange(request, outcome, { previous: steps[i - 1] ?? null, durationUs: 1000 * (i + 1) })
      );
      if (together) store.append({ events: [request], calls: changes });
      else {changes.forEach((change, i) =>
          store.append({ events: i === 0 ? [request] : [], calls: [change] })
        );}
      // What was told already, told again, changes nothing.
      for (const change of changes) store.append({ calls: [change] });
      assert.deepEqual(callsByOutcome(store), counted);
      const total = readTotals(store.db, RANGE);
      assert.equal(total.calls, Object.keys(counted).length);
      assert.equal(total.tokens, total.calls * 25);
      if (total.calls > 0) assert.ok(Math.abs((total.p50Ms ?? 0) - steps.length) < 0.05 * steps.length);
    });
  }
}

Deno.test("append() updates a run, and null leaves what is known", () => {
  using store = new TempStore();
  store.append({ run: makeRun({ client: "cursor", serverTitle: "Files" }) });
  store.append({ run: makeRun({ client: null, endedUs: NOON_US + 5, exitCode: 3 }) });
  const rows = store.db.all("SELECT client, server_title, ended_us, exit_code FROM runs").map((row) => ({
    ...row,
  }));
  assert.deepEqual(rows, [{ client: "cursor", server_title: "Files", ended_us: NOON_US + 5, exit_code: 3 }]);
});

Deno.test("append() writes nothing while another process holds the lock, and everything afterwards", () => {
  using folder = new TempFolder();
  using db = openDatabase(folder.databasePath, { mode: "write", busyTimeoutMs: 1 });
  const writer = new EventWriter(db);
  const batch = { run: makeRun(), tools: [makeTool("echo", NOON_US)], ...makeCall(NOON_US).batch } as Batch;
  const other = new DatabaseSync(folder.databasePath);
  other.exec("BEGIN IMMEDIATE");
  for (let i = 0; i < 3; i++) {
    assert.throws(
      () => writer.append(batch),
      (error) => error instanceof KmError && error.code === "store_locked",
    );
  }
  other.exec("ROLLBACK");
  other.close();
  assert.equal(lastSeq(db), 0);
  writer.append(batch);
  assert.equal(listEvents(db, {}, 10).length, 2);
});

Deno.test("append() that fails in the middle leaves nothing, and what it learned is forgotten", () => {
  using store = new TempStore();
  const good = makeCall(NOON_US);
  const bad = { ...makeEvent("request", NOON_US, { tool: "new tool" }), id: "no id at all" };
  assert.throws(
    () => store.append({ events: [good.request, good.response, bad], calls: [good.change] }),
    TypeError,
  );
  assert.equal(readSummary(store.db).events, 0);
  assert.equal(readSummary(store.db).runs, 0);
  store.append(good.batch);
  assert.equal(listEvents(store.db, { tool: "echo", server: "files" }, 10).length, 2);
});

Deno.test("append() says that the disk is full, keeps what was there, and goes on when there is room", async (test) => {
  using folder = new TempFolder();
  const mounted = Deno.uid() === 0 && Deno.build.os === "linux" && mount(folder.path);
  if (!mounted) {
    return void await test.step({
      name: "skipped: mounting a small tmpfs needs root",
      ignore: true,
      fn() {},
    });
  }
  try {
    using db = openDatabase(folder.databasePath, { mode: "write" });
    const writer = new EventWriter(db);
    const filler = join(folder.path, "filler");
    writer.append({ run: makeRun(), tools: [], ...makeCall(NOON_US).batch } as Batch);
    assert.throws(() => Deno.writeFileSync(filler, new Uint8Array(64 * 1024 * 1024)));
    const batch = { run: makeRun(), tools: [], ...largeBatch() } as Batch;
    assert.throws(
      () => writer.append(batch),
      (error) => error instanceof KmError && error.code === "store_full",
    );
    assert.equal(listEvents(db, {}, 1000).length, 2);
    Deno.removeSync(filler);
    writer.append(batch);
    assert.equal(listEvents(db, {}, 1000).length, 202);
    assert.deepEqual(checkIntegrity(db), []);
  } finally {
    new Deno.Command("umount", { args: [folder.path] }).outputSync();
  }
});

function mount(path: string): boolean {
  try {
    return new Deno.Command("mount", { args: ["-t", "tmpfs", "-o", "size=8m", "tmpfs", path] }).outputSync()
      .success;
  } catch {
    return false;
  }
}

function largeBatch(): Partial<Batch> {
  const calls = Array.from({ length: 100 }, (_, i) => {
    const noise = crypto.getRandomValues(new Uint8Array(5000)).toBase64();
    return makeCall(NOON_US + i, "ok", { text: noise });
  });
  return {
    events: calls.flatMap((call) => [call.request, call.response]),
    calls: calls.map((call) => call.change),
  };
}

Deno.test("append() from several processes at once loses nothing and counts everything once", async () => {
  verifies("store-many-writers");
  using store = new TempStore();
  const [processes, batches] = [4, 40];
  const script = join(import.meta.dirname ?? ".", "testing_writer.ts");
  const children = Array.from({ length: processes }, (_, i) =>
    new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", script, store.folder.databasePath, `run-${i}`, String(batches)],
    }).output());
  for (const { code, stderr } of await Promise.all(children)) {
    assert.equal(code, 0, new TextDecoder().decode(stderr));
  }
  const summary = readSummary(store.db);
  assert.deepEqual([summary.events, summary.runs], [processes * batches * 10, processes]);
  assert.equal(
    readTotals(store.db, { sinceUs: NOON_US, untilUs: NOON_US + DAY_US }).calls,
    processes * batches * 5,
  );
  for (let i = 0; i < processes; i++) {
    assert.equal(listEvents(store.db, { correlationId: `run-${i}` }, 1000).length, batches * 10);
  }
  assert.deepEqual(checkIntegrity(store.db), []);
});

Deno.test("EventWriter.append() keeps runs apart that share a correlation id", () => {
  verifies("monitor-correlation-id");
  using store = new TempStore();
  const runs = [
    makeRun({ server: "files" }),
    makeRun({ server: "web" }),
    makeRun({ server: "files", startedUs: NOON_US + 1 }),
  ];
  for (const run of runs) {
    store.writer.append({ run, events: [makeEvent("log", NOON_US)], calls: [], tools: [] });
  }
  store.append({ run: makeRun({ server: "files", endedUs: NOON_US + 5, exitCode: 0 }) });
  const events = listEvents(store.db, { correlationId: "run-1" }, 10);
  assert.deepEqual(events.map((event) => event.server), ["files", "web", "files"]);
  const ended = store.db.all(
    "SELECT server, started_us - ? AS started, ended_us - ? AS ended FROM runs",
    NOON_US,
    NOON_US,
  );
  assert.deepEqual(ended.map((row) => Object.values(row)), [["files", 0, 5], ["web", 0, null], [
    "files",
    1,
    null,
  ]]);
});

Deno.test("appendAll() tells which ids are stored, and writes several runs in the order of their events", () => {
  using store = new TempStore();
  const [first, second, third] = [0, 1, 2].map((i) => makeCall(NOON_US + i * MINUTE_US)) as [
    Call,
    Call,
    Call,
  ];
  store.append(first.batch);
  const calls = [first, second, third];
  const other = makeRun({ correlationId: "run-2", server: "search" });
  const asked = calls.flatMap(({ request, response }) => [response.id, request.id]);
  store.writer.appendAll(asked, (known) => {
    assert.deepEqual([...known].sort(), [first.request.id, first.response.id].sort());
    return [
      { run: makeRun(), origin: "api:a", events: [second.request], calls: [], tools: [] },
      { run: other, origin: "api:a", events: [third.request], calls: [], tools: [] },
      { run: makeRun(), origin: "api:a", events: [second.response], calls: [second.change], tools: [] },
      { run: other, origin: "api:a", events: [third.response], calls: [third.change], tools: [] },
    ];
  });
  const rows = store.db.all<{ id: Uint8Array }>("SELECT id FROM events ORDER BY seq");
  assert.deepEqual(
    rows.slice(2).map(({ id }) => formatId(id)),
    [second.request, third.request, second.response, third.response].map(({ id }) => id),
  );
  const stats = readStats(store.db, { ...RANGE, by: "server" });
  assert.deepEqual(stats.map(({ key, calls }) => [key, calls]).sort(), [["files", 2], ["search", 1]]);
  assert.equal(listCalls(store.db, {}, 10).filter(({ outcome }) => outcome === "ok").length, 3);
});

Deno.test("appendAll() whose work throws leaves nothing", () => {
  using store = new TempStore();
  assert.throws(
    () =>
      store.writer.appendAll([], () => {
        throw new RangeError("no");
      }),
    RangeError,
  );
  assert.equal(lastSeq(store.db), 0);
  store.append(makeCall(NOON_US).batch);
  assert.equal(lastSeq(store.db), 2);
});
