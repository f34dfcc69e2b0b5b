import assert from "node:assert/strict";
import { verifies } from "../../tests/verifies.ts";
import { formatTimeUs } from "../core/clock.ts";
import { KmError } from "../core/error.ts";
import { type Event, EVENT_KINDS, type EventRecord, type Run } from "../core/event.ts";
import type { EventFilter } from "../core/filter.ts";
import { iterateCalls, listCalls } from "./calls.ts";
import { openDatabase } from "./database.ts";
import { dataVersion, eventsAfter, findEvent, iterateEvents, lastSeq, listEvents } from "./events.ts";
import { EventWriter } from "./event_writer.ts";
import { indexPending } from "./search.ts";
import { makeCall, makeEvent, makeRun, MINUTE_US, NOON_US, randomFrom, TempStore } from "./testing.ts";

interface Stored {
  readonly event: EventRecord;
  readonly run: Run;
}

const METHODS = ["tools/call", "tools/list", "ping", null];
const TOOLS = ["echo", "read", "", null, null];
const KINDS = EVENT_KINDS;

/** Random events of several runs, in several batches; part of them indexed. */
function fillRandomly(store: TempStore, random: () => number, events: number): Stored[] {
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)] as T;
  const runs = [0, 1, 2, 3].map((i) =>
    makeRun({ correlationId: `run-${i}`, server: i < 3 ? `server-${i % 2}` : "rare" })
  );
  const stored: Stored[] = [];
  let timeUs = NOON_US;
  while (stored.length < events) {
    const run = random() < 0.02 ? runs[3] as Run : runs[Math.floor(random() * 3)] as Run;
    const batch = Array.from({ length: 1 + Math.floor(random() ** 4 * 400) }, () => {
      timeUs += Math.floor(random() * 500_000);
      const large = random() < 0.02 ? "x".repeat(3000) : "";
      return makeEvent(pick(KINDS), timeUs, {
        method: pick(METHODS),
        tool: random() < 0.001 ? "rare" : pick(TOOLS),
        direction: pick(["client_to_server", "server_to_client", null] as const),
        text: `{"n":${stored.length},"word":"w${Math.floor(random() * 50)} common","large":"${large}"}`,
      });
    });
    stored.push(...batch.map((event) => ({ event, run })));
    store.append({ run, events: batch });
    if (random() < 0.02) indexPending(store.db, { maxEvents: 500 });
  }
  return stored;
}

function isMatch({ event, run }: Stored, filter: EventFilter): boolean {
  const text = new TextDecoder().decode(event.payload ?? undefined);
  return (filter.sinceUs === undefined || event.timeUs >= filter.sinceUs) &&
    (filter.untilUs === undefined || event.timeUs < filter.untilUs) &&
    (filter.server === undefined || run.server === filter.server) &&
    (filter.correlationId === undefined || run.correlationId === filter.correlationId) &&
    (filter.method === undefined || event.method === filter.method) &&
    (filter.tool === undefined || event.tool === filter.tool) &&
    (filter.kind === undefined || event.kind === filter.kind) &&
    (filter.direction === undefined || event.direction === filter.direction) &&
    (filter.search === undefined || new RegExp(`\\b${filter.search}`).test(text));
}

Deno.test("listEvents(), iterateEvents() and eventsAfter() find what a plain loop finds, for random filters", () => {
  verifies("store-search");
  using store = new TempStore();
  const random = randomFrom(11);
  const stored = fillRandomly(store, random, 5000);
  const endUs = (stored.at(-1) as Stored).event.timeUs;
  const maybe = <T>(make: () => T, share = 0.25) => random() < share ? make() : undefined;
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)] as T;
  for (let round = 0; round < 50; round++) {
    const filter: EventFilter = {
      sinceUs: maybe(() => Math.floor(NOON_US + random() * (endUs - NOON_US))),
      untilUs: maybe(() => Math.floor(NOON_US + random() * (endUs - NOON_US))),
      server: maybe(() => pick(["server-0", "server-1", "rare", "unknown"])),
      correlationId: maybe(() => pick(["run-0", "run-3"]), 0.1),
      method: maybe(() => pick(["ping", "tools/call", "unknown"])),
      tool: maybe(() => pick(["echo", "rare", ""])),
      kind: maybe(() => pick(KINDS)),
      direction: maybe(() => pick(["client_to_server", "server_to_client"] as const)),
      search: maybe(() => pick(["w7", "common", "w49 com", "absent"]), 0.2),
    };
    const expected = stored.filter((row) => isMatch(row, filter)).map((row) => row.event.id);
    const name = `round ${round}: ${JSON.stringify(filter)}`;
    const limit = pick([1, 50, 10_000]);
    assert.deepEqual(
      listEvents(store.db, filter, limit).map((event) => event.id),
      expected.toReversed().slice(0, limit),
      name,
    );
    assert.deepEqual([...iterateEvents(store.db, filter)].map((event) => event.id), expected, name);
    assert.deepEqual(follow(store, filter, 300), expected, name);
    if (round === 25) { while (indexPending(store.db, { maxEvents: 3000 }) > 0); }
  }
});

function follow(store: TempStore, filter: EventFilter, limit: number): string[] {
  const ids: string[] = [];
  for (let seq = 0; seq < lastSeq(store.db);) {
    const page = eventsAfter(store.db, seq, filter, limit);
    assert.ok(page.lastSeq > seq);
    ids.push(...page.events.map((event: Event) => event.id));
    seq = page.lastSeq;
  }
  return ids;
}

Deno.test("listEvents() of nothing and with limit 0 is empty", () => {
  using store = new TempStore();
  assert.deepEqual(listEvents(store.db, {}, 50), []);
  assert.deepEqual(listEvents(store.db, { search: "x", sinceUs: 1 }, 50), []);
  store.append(makeCall(NOON_US).batch);
  assert.deepEqual(listEvents(store.db, {}, 0), []);
});

Deno.test("listEvents() puts what a slow process wrote late where it belongs in time", () => {
  using store = new TempStore();
  const [early, late] = [makeEvent("log", NOON_US), makeEvent("log", NOON_US + MINUTE_US)];
  store.append({ events: [late] });
  store.append({ events: [early] });
  assert.deepEqual(listEvents(store.db, {}, 9).map((event) => event.id), [late.id, early.id]);
  assert.deepEqual(listEvents(store.db, { sinceUs: NOON_US + 1 }, 9).map((event) => event.id), [late.id]);
  assert.deepEqual(listEvents(store.db, { untilUs: NOON_US + 1 }, 9).map((event) => event.id), [early.id]);
});

const encode = (text: string) => new TextEncoder().encode(text);
const PAYLOADS: readonly (readonly [name: string, record: Partial<EventRecord>, payload: unknown])[] = [
  ["JSON is its value", { payload: encode('{"a":[1,"é",null]}') }, { a: [1, "é", null] }],
  [
    "JSON that was cut is text",
    { payload: encode('{"a":[1'), truncated: true, sha256: "ab".repeat(32) },
    '{"a":[1',
  ],
  ["text is text, with its BOM", { payload: encode("\ufeffhello\0"), format: "text" }, "\ufeffhello\0"],
  ["JSON that does not parse is text", { payload: encode("{a}") }, "{a}"],
  ["bytes are base64", { payload: new Uint8Array([255, 0, 254]), format: "bytes" }, { base64: "/wD+" }],
  ["nothing is null", { payload: null }, null],
  ["empty text is empty", { payload: new Uint8Array(), format: "text" }, ""],
  ["large JSON is its value", { payload: encode(JSON.stringify({ big: "y".repeat(9000) })) }, {
    big: "y".repeat(9000),
  }],
];

for (const [name, record, payload] of PAYLOADS) {
  Deno.test(`findEvent(): ${name}`, () => {
    using store = new TempStore();
    const event = makeEvent("notification", NOON_US, record);
    store.append({ events: [makeEvent("log", NOON_US), event, makeEvent("log", NOON_US)] });
    const found = findEvent(store.db, event.id);
    assert.deepEqual(found.event.payload, payload);
    assert.equal(found.sha256, event.sha256);
    assert.equal(found.event.truncated, event.truncated);
  });
}

Deno.test("findEvent() gives every field of the contract, in its order", () => {
  using store = new TempStore();
  const { request, response, batch } = makeCall(
    NOON_US + 123,
    "ok",
    { rpcId: '"seven"', text: '{"x":1}' },
    2500,
  );
  store.append(batch);
  assert.equal(
    JSON.stringify(findEvent(store.db, response.id).event),
    JSON.stringify({
      id: response.id,
      time: formatTimeUs(NOON_US + 2623),
      correlationId: "run-1",
      server: "files",
      direction: "server_to_client",
      kind: "response",
      method: "tools/call",
      tool: "echo",
      rpcId: "seven",
      sizeBytes: 7,
      truncated: false,
      durationMs: 2.5,
      payload: { x: 1 },
    }),
  );
  assert.equal(findEvent(store.db, request.id).event.durationMs, null);
  assert.equal(findEvent(store.db, response.id).call?.id, request.id);
});

Deno.test("findEvent() takes a prefix of the id, in any case, with or without hyphens", () => {
  using store = new TempStore();
  const event = makeEvent("log", NOON_US);
  store.append({ events: [event] });
  for (
    const prefix of [
      event.id,
      event.id.slice(0, 9),
      event.id.replaceAll("-", ""),
      event.id.toUpperCase(),
      "0",
    ]
  ) {
    assert.equal(findEvent(store.db, prefix).event.id, event.id, prefix);
  }
});

Deno.test("findEvent() lists the candidates of a prefix that several ids have", () => {
  using store = new TempStore();
  const events = [1, 2, 3].map((i) => makeEvent("log", NOON_US + i));
  store.append({ events });
  assert.throws(() => findEvent(store.db, (events[0] as EventRecord).id.slice(0, 8)), (error) => {
    assert.ok(error instanceof KmError && error.code === "ambiguous");
    for (const event of events) assert.ok(error.hint?.includes(event.id));
    return true;
  });
});

for (const prefix of ["f0", "", "zz", "not an id", "0".repeat(40), "'; DROP TABLE events; --", "é"]) {
  Deno.test(`findEvent() says that no id begins with ${JSON.stringify(prefix)}`, () => {
    using store = new TempStore();
    store.append(makeCall(NOON_US).batch);
    assert.throws(
      () => findEvent(store.db, prefix),
      (error) => error instanceof KmError && error.code === "not_found",
    );
  });
}

Deno.test("eventsAfter() and dataVersion() follow what another connection writes", () => {
  using store = new TempStore();
  store.append({ events: [makeEvent("log", NOON_US)] });
  const start = lastSeq(store.db);
  const version = dataVersion(store.db);
  using other = openDatabase(store.folder.databasePath, { mode: "write" });
  const event = makeEvent("log", NOON_US - MINUTE_US);
  new EventWriter(other).append({
    run: makeRun({ correlationId: "other" }),
    events: [event],
    calls: [],
    tools: [],
  });
  assert.notEqual(dataVersion(store.db), version);
  const page = eventsAfter(store.db, start, {}, 100);
  assert.deepEqual(page.events.map((found) => found.id), [event.id]);
  assert.deepEqual(eventsAfter(store.db, page.lastSeq, {}, 100).events, []);
});

Deno.test("listCalls() and iterateCalls() filter by outcome, tool and time", () => {
  using store = new TempStore();
  const outcomes = ["ok", "error", "ok", "tool_error", "open", "cancelled", "ok", "hung"] as const;
  const calls = outcomes.map((outcome, i) =>
    makeCall(NOON_US + i * MINUTE_US, outcome, { tool: i % 2 ? "odd" : "even" })
  );
  for (const call of calls) store.append(call.batch);
  for (const outcome of new Set(outcomes)) {
    const expected = calls.filter((call) => call.change.outcome === outcome).map((call) => call.request.id);
    assert.deepEqual([...iterateCalls(store.db, { outcome })].map((call) => call.id), expected, outcome);
    assert.deepEqual(
      listCalls(store.db, { outcome }, 50).map((call) => call.id),
      expected.toReversed(),
      outcome,
    );
  }
  assert.deepEqual(listCalls(store.db, { tool: "odd" }, 2).map((call) => call.outcome), [
    "hung",
    "cancelled",
  ]);
  assert.equal(listCalls(store.db, { sinceUs: NOON_US + 3 * MINUTE_US, outcome: "ok" }, 50).length, 1);
  assert.equal(listCalls(store.db, { server: "unknown" }, 50).length, 0);
});
