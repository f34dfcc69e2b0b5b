import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { KmError } from "../core/error.ts";
import type { Batch } from "../core/event.ts";
import { IdMaker } from "../core/id.ts";
import { CHANNEL, createTap, TapReader, TapWriter } from "../core/tap.ts";
import { verifies } from "../../tests/verifies.ts";
import { payloadText, TEST_RUN } from "./playbook_for_tests.ts";
import { Recorder, type ServerExit, type TapSource } from "./recorder.ts";
import type { RecordSink } from "./store_sink.ts";
import { Transcriber } from "./transcriber.ts";

const EXIT: ServerExit = { timeUs: 9_000_000, exitCode: 0, signal: null, reason: "server exited" };
const encoder = new TextEncoder();

/** A store that refuses until it is allowed, and remembers what it took. */
class FakeStore implements RecordSink {
  refusal: Error | null = null;
  readonly batches: Batch[] = [];
  appends = 0;
  chores = 0;
  tidied = 0;
  closed = false;
  #onAppend = Promise.withResolvers<void>();

  append(batch: Batch): void {
    this.appends++;
    this.#onAppend.resolve();
    this.#onAppend = Promise.withResolvers();
    if (this.refusal !== null) throw this.refusal;
    this.batches.push(structuredClone(batch));
  }

  /** Resolves with the next call of `append`. */
  nextAppend(): Promise<void> {
    return this.#onAppend.promise;
  }

  tidy(): boolean {
    this.tidied++;
    return this.chores-- > 0;
  }

  close(): void {
    this.closed = true;
  }

  get events(): Batch["events"] {
    return this.batches.flatMap((batch) => batch.events);
  }
}

/** The tap, woken by `poke`: on the main thread nothing keeps the event loop alive for Atomics.waitAsync. */
class PokedTap implements TapSource {
  readonly writer: TapWriter;
  readonly #reader: TapReader;
  #poke: () => void = () => {};

  constructor(maxBytes: number) {
    const shared = createTap(maxBytes);
    this.writer = new TapWriter(shared);
    this.#reader = new TapReader(shared);
  }

  read(...args: Parameters<TapReader["read"]>): number {
    return this.#reader.read(...args);
  }

  get ended(): boolean {
    return this.#reader.ended;
  }

  waitAsync(): Promise<void> {
    if (this.#reader.ended) return Promise.resolve();
    return new Promise((resolve) => this.#poke = resolve);
  }

  wake(): void {
    this.#poke();
  }

  say(text: string): void {
    this.writer.push(CHANNEL.clientToServer, encoder.encode(text), 1000);
    this.wake();
  }
}

function start(
  options: {
    tapBytes?: number;
    store?: RecordSink | null;
    nowMs?: () => number;
    transcribe?: (transcriber: Transcriber) => Transcriber;
  } = {},
) {
  const tap = new PokedTap(options.tapBytes ?? 1_000_000);
  const store = new FakeStore();
  const seen: string[] = [];
  const recorder = new Recorder({
    tap,
    maxStoredBytes: 10_000,
    store: options.store === undefined ? store : options.store,
    listener: (event) => seen.push(event.kind),
    feed: null,
    transcribe: (sink) =>
      (options.transcribe ?? ((it) => it))(
        new Transcriber(TEST_RUN, { ids: new IdMaker(), redactor: null, sink }),
      ),
    nowMs: options.nowMs ?? (() => performance.now()),
  });
  return { tap, store, seen, recorder, done: recorder.run() };
}

function ping(id: number, size = 0): string {
  return JSON.stringify({ jsonrpc: "2.0", id, method: "ping", params: { pad: "x".repeat(size) } }) + "\n";
}

Deno.test("Recorder writes start, messages and exit, and says when everything is written", async () => {
  verifies("recorder-flush-on-exit");
  const { tap, store, recorder, done } = start();
  recorder.started(42);
  tap.say(ping(1));
  await store.nextAppend();
  tap.say(ping(2) + `{"jsonrpc":"2.0","method":"no line end"}`);
  tap.writer.close();
  recorder.exited(EXIT);
  assert.equal(await done, 0);
  assert.deepEqual(store.events.map((event) => event.kind), [
    "lifecycle",
    "request",
    "request",
    "notification",
    "lifecycle",
  ]);
  const last = store.batches.at(-1);
  assert.deepEqual([last?.run.pid, last?.run.exitCode, last?.run.endedUs], [42, 0, 9_000_000]);
  assert.deepEqual(JSON.parse(payloadText(store.events[0])), {
    event: "start",
    command: ["server"],
    cwd: null,
    pid: 42,
  });
  assert.equal(JSON.parse(payloadText(store.events.at(-1))).reason, "server exited");
  assert.deepEqual(last?.calls.map((call) => call.outcome), ["hung", "hung"]);
  assert.ok(store.closed);
});

Deno.test("Recorder hears of the exit when the tap was closed a while before", async () => {
  verifies("recorder-flush-on-exit");
  const { tap, recorder, done } = start();
  tap.writer.close();
  tap.wake();
  // As the main thread's message comes: by the event loop.
  setTimeout(() => recorder.exited(EXIT), 0);
  assert.equal(await done, 0);
});

Deno.test("Recorder sends a call that changed twice in one batch once", async () => {
  const { tap, store, recorder, done } = start();
  tap.say(ping(1));
  tap.writer.push(CHANNEL.serverToClient, encoder.encode(`{"jsonrpc":"2.0","id":1,"result":{}}\n`), 1001);
  recorder.exited(EXIT);
  await done;
  assert.deepEqual(
    store.batches.flatMap((batch) => batch.calls).map((call) => [call.previous, call.outcome]),
    [[null, "ok"]],
  );
});

Deno.test("Recorder keeps the batch of a locked store, and the queue tells what did not fit", async () => {
  verifies("recorder-database-locked", "recorder-gap");
  const { tap, store, recorder, done } = start({ tapBytes: 512 * 1024 });
  store.refusal = new KmError("store_locked", "Cannot write: database is locked");
  let sentMessages = 0;
  let sentBytes = 0;
  const send = () => {
    const message = ping(sentMessages++, 9_000);
    sentBytes += message.length;
    tap.say(message);
  };
  send();
  await store.nextAppend();
  await store.nextAppend();
  for (let i = 0; i < 2_000; i++) send();
  await store.nextAppend();
  store.refusal = null;
  await store.nextAppend();
  tap.writer.close();
  recorder.exited(EXIT);
  assert.equal(await done, 0);
  const recorded = store.events.filter((event) => event.kind === "request");
  const gaps = store.events.filter((event) => event.kind === "gap");
  for (const event of recorded) assert.equal(String(JSON.parse(payloadText(event)).id), event.rpcId);
  const lost = gaps.map((gap) => JSON.parse(payloadText(gap)));
  assert.ok(gaps.length > 0 && recorded.length > 10);
  assert.equal(recorded.length + lost.reduce((sum, gap) => sum + gap.messages, 0), sentMessages);
  const recordedBytes = recorded.reduce((sum, event) => sum + event.sizeBytes + 1, 0);
  assert.equal(recordedBytes + gaps.reduce((sum, gap) => sum + gap.sizeBytes, 0), sentBytes);
  assert.equal(new Set(store.events.map((event) => event.id)).size, store.events.length);
});

Deno.test("Recorder gives up after 5 s at the end, and says how many events it could not keep", async () => {
  verifies("recorder-flush-on-exit");
  let nowMs = 0;
  const { tap, store, recorder, done } = start({ nowMs: () => nowMs += 100 });
  store.refusal = new KmError("store_full", "Cannot write: disk is full");
  tap.say(ping(1) + ping(2));
  recorder.exited(EXIT);
  assert.equal(await done, 3);
  assert.deepEqual(store.events, []);
});

Deno.test("Recorder that cannot transcribe all in time counts the rest as a gap and ends the run", async () => {
  verifies("recorder-flush-on-exit", "recorder-gap");
  let nowMs = 0;
  const { tap, store, recorder, done } = start({ tapBytes: 8e6, nowMs: () => nowMs += 400 });
  const sent = Array.from({ length: 30_000 }, (_, id) => ping(id)).join("") + `{"cut`;
  tap.say(sent);
  tap.writer.push(CHANNEL.serverLog, encoder.encode("one\ntwo\n"), 1002);
  recorder.exited(EXIT);
  assert.equal(await done, 0);
  const requests = store.events.filter((event) => event.kind === "request");
  // The log's came to its end and is told at once; the message cut off is told of with the end.
  const [logGap, gap] = store.events.filter((event) => event.kind === "gap");
  assert.ok(requests.length > 1_000 && requests.length < 30_000, `${requests.length} requests`);
  const lost = JSON.parse(payloadText(gap));
  assert.equal(requests.length + lost.messages, 30_001);
  assert.equal(requests.reduce((sum, { sizeBytes }) => sum + sizeBytes + 1, 0) + lost.bytes, sent.length);
  assert.deepEqual(JSON.parse(payloadText(logGap)), { stream: "stderr", messages: 2, bytes: 8 });
  assert.equal(store.events.at(-1)?.kind, "lifecycle");
  assert.equal(store.batches.at(-1)?.run.exitCode, 0);
});

Deno.test("Recorder on a slow machine begins early enough with the end that its gap is written within 5 s", async () => {
  verifies("recorder-flush-on-exit", "recorder-gap");
  const lateMs = 700;
  let nowMs = 0;
  const { tap, store, recorder, done } = start({ tapBytes: 8e6, nowMs: () => nowMs });
  const append = store.append.bind(store);
  store.append = (batch) => {
    nowMs += 900;
    append(batch);
  };
  tap.say(Array.from({ length: 30_000 }, (_, id) => ping(id)).join(""));
  recorder.exited(EXIT, lateMs);
  assert.equal(await done, 0);
  assert.ok(lateMs + nowMs < 5_000, `took ${lateMs + nowMs} ms`);
  const requests = store.events.filter((event) => event.kind === "request");
  const gap = JSON.parse(payloadText(store.events.find((event) => event.kind === "gap")));
  assert.equal(requests.length + gap.messages, 30_000);
  assert.equal(store.events.at(-1)?.kind, "lifecycle");
});

Deno.test("Recorder writes the batch behind a refused one when the store is there again at the end", async () => {
  const { tap, store, recorder, done } = start();
  store.refusal = new KmError("store_unavailable", "Cannot write: gone");
  tap.say(ping(1));
  await store.nextAppend();
  tap.say(ping(2));
  await store.nextAppend();
  store.refusal = null;
  recorder.exited(EXIT);
  assert.equal(await done, 0);
  assert.deepEqual(store.events.map((event) => event.rpcId), ["1", "2", null]);
});

Deno.test("Recorder gives up a batch that trips over a mistake, and goes on with the next", async () => {
  const { tap, store, recorder, done } = start();
  store.refusal = new TypeError("mistake");
  tap.say(ping(1));
  await store.nextAppend();
  store.refusal = null;
  tap.say(ping(2));
  recorder.exited(EXIT);
  assert.equal(await done, 1);
  assert.deepEqual(store.events.map((event) => event.kind).sort(), ["gap", "lifecycle", "request"]);
  const gap = store.events.find((event) => event.kind === "gap");
  assert.deepEqual(JSON.parse(payloadText(gap)), { stream: "stdin", messages: 1, bytes: ping(1).length });
});

Deno.test("Recorder tells of what it gave up when several batches in turn trip over a mistake", async () => {
  verifies("recorder-gap");
  const { tap, store, recorder, done } = start();
  store.refusal = new TypeError("mistake");
  for (let i = 1; i <= 3; i++) {
    const appended = store.nextAppend();
    tap.say(ping(i));
    await appended;
  }
  store.refusal = null;
  recorder.exited(EXIT);
  assert.equal(await done, 3);
  const gaps = store.events.filter((event) => event.kind === "gap");
  assert.deepEqual(gaps.map((gap) => JSON.parse(payloadText(gap)).messages), [3]);
});

Deno.test("Recorder tells of a message that trips over a mistake", async () => {
  verifies("recorder-gap");
  const { tap, store, recorder, done } = start({
    transcribe: (transcriber) => {
      const line = transcriber.line.bind(transcriber);
      transcriber.line = (channel, each) => {
        if (new TextDecoder().decode(each.bytes).includes("trip")) throw new TypeError("mistake");
        line(channel, each);
      };
      return transcriber;
    },
  });
  tap.say(ping(1) + '{"trip":1}\n' + ping(2));
  recorder.exited(EXIT);
  assert.equal(await done, 1);
  assert.deepEqual(store.events.map((event) => event.kind).sort(), [
    "gap",
    "lifecycle",
    "request",
    "request",
  ]);
});

Deno.test("Recorder does its chores between messages that never pause, and again when the clock says so", async () => {
  verifies("store-retention");
  let nowMs = 0;
  const { tap, store, recorder, done } = start({ nowMs: () => nowMs });
  store.chores = 4;
  for (let i = 0; i < 40; i++) {
    const appended = store.nextAppend();
    tap.say(ping(i));
    await appended;
    nowMs += 300;
  }
  // The first after 5 s, then two a second until they are done, then a look every 5 s.
  assert.ok(store.tidied >= 5 && store.tidied <= 8, String(store.tidied));
  const before = store.tidied;
  nowMs += 11 * 60_000;
  for (let i = 0; i < 10 && store.tidied === before; i++) {
    tap.wake();
    await delay(30);
  }
  assert.equal(store.tidied, before + 1, "once the messages have ended");
  nowMs += 11 * 60_000;
  for (let i = 0; i < 10 && store.tidied === before + 1; i++) {
    tap.wake();
    await delay(30);
  }
  assert.equal(store.tidied, before + 2, "and again without any");
  recorder.exited(EXIT);
  assert.equal(await done, 0);
});

Deno.test("Recorder without a store still tells its listener", async () => {
  const { tap, seen, recorder, done } = start({ store: null });
  tap.say(ping(1));
  recorder.exited(EXIT);
  assert.equal(await done, 0);
  assert.deepEqual(seen, ["request", "lifecycle"]);
});

Deno.test("Recorder records on when its listener fails", async () => {
  const { tap, store, seen, recorder, done } = start();
  seen.push = () => {
    throw new TypeError("stderr is closed");
  };
  tap.say(ping(1));
  recorder.exited(EXIT);
  assert.equal(await done, 0);
  assert.deepEqual(store.events.map((event) => event.kind), ["request", "lifecycle"]);
});
