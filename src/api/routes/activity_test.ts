import { deepEqual, equal, match, notEqual } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { verifies } from "../../../tests/verifies.ts";
import type { Event } from "../../core/event.ts";
import { eventJson } from "../../store/event_json.ts";
import { lastSeq, listEvents } from "../../store/events.ts";
import { makeCall, makeEvent, makeRun, MINUTE_US, NOON_US, TempStore } from "../../store/testing.ts";
import { ErrorBody } from "../errors.ts";
import { ActivitySchema } from "../schemas.ts";
import { TestApi, type TestApiOptions } from "../testing_api.ts";

const WRITER = fileURLToPath(new URL("../../store/testing_writer.ts", import.meta.url));

function serve(store: TempStore, scopes: TestApiOptions["scopes"] = ["read"]) {
  const api = new TestApi({ store, scopes });
  return {
    get: (query: string, headers: Record<string, string> = {}) => api.get(`/api/activity${query}`, headers),
    async list(query = "") {
      const response = await api.get(`/api/activity${query}`);
      equal(response.status, 200);
      equal(response.headers.get("Content-Type"), "application/json");
      return ActivitySchema.parse(await response.json());
    },
  };
}

/** Two servers, two tools, all kinds that a filter can tell apart, one minute after another. */
function variedStore(): TempStore {
  const store = new TempStore();
  store.append({ ...makeCall(NOON_US, "ok", { tool: "echo", text: '{"say":"the quick fox"}' }).batch });
  store.append({
    run: makeRun({ correlationId: "run-2", server: "web" }),
    ...makeCall(NOON_US + MINUTE_US, "error", {
      tool: "fetch",
      method: "tools/call",
      text: '{"say":"a dog"}',
    }).batch,
  });
  store.append({
    events: [makeEvent("notification", NOON_US + 2 * MINUTE_US, { method: "notifications/x", tool: null })],
  });
  return store;
}

Deno.test("GET /api/activity lists events, newest first, as km events --json has them", async () => {
  verifies("api-activity");
  using store = variedStore();
  const { events, nextCursor, streamCursor, complete } = await serve(store).list();
  deepEqual(events, listEvents(store.db, {}, 50));
  equal(events.length, 5);
  equal(nextCursor, null);
  equal(streamCursor, String(lastSeq(store.db)));
  equal(complete, true);
});

Deno.test.each([
  ["server=web", 2],
  ["tool=echo", 2],
  ["method=notifications/x", 1],
  ["kind=request", 2],
  ["direction=client_to_server", 2],
  ["correlation=run-2", 2],
  ["search=quick%20fox", 2],
  ["search=FOX", 2],
  ["search=nothing-like-it", 0],
  ["since=2026-11-21T12:01:00Z", 3],
  ["until=2026-11-21T12:01:00Z", 2],
  ["since=2026-11-21T12:01:00Z&until=2026-11-21T12:02:00Z&kind=request", 1],
  ["since=2020-01-01&limit=3", 3],
  ["server=nobody", 0],
])("GET /api/activity?%s takes the filters of km events", async (query, count) => {
  verifies("api-activity");
  using store = variedStore();
  equal((await serve(store).list(`?${query}`)).events.length, count);
});

Deno.test.each([
  ["limit=0", "limit"],
  ["limit=1001", "limit"],
  ["limit=ten", "limit"],
  ["limit=1e2", "limit"],
  ["kind=reqest", "kind"],
  ["direction=up", "direction"],
  ["since=last%20week", "since"],
  ["until=2026-02-30", "until"],
  ["since=5m&until=10m", "until"],
  ["server=", "server"],
  ["search=", "search"],
  ["cursor=abc", "cursor"],
  ["cursor=", "cursor"],
  ["cursor=-1", "cursor"],
  ["cursor=1x", "cursor"],
  ["cursor=99999999999999999999", "cursor"],
  ["server=a&server=b", "server"],
])("GET /api/activity?%s is a 400 that names the field", async (query, field) => {
  verifies("api-errors");
  using store = variedStore();
  const response = await serve(store).get(`?${query}`);
  equal(response.status, 400);
  const { error } = ErrorBody.parse(await response.json());
  equal(error.field, field);
});

Deno.test("GET /api/activity sends the lines of km events --json when asked for NDJSON", async () => {
  verifies("api-activity");
  using store = new TempStore();
  // A number that would be rounded, a key twice, a line end: what a parser would change.
  store.append({
    events: [
      makeEvent("request", NOON_US, {
        rpcId: "12345678901234567890",
        text: '{"a":1.0,\n"a":12345678901234567890}',
      }),
      makeEvent("log", NOON_US + 1, { format: "text", text: "two\nlines", rpcId: null }),
    ],
  });
  const response = await serve(store).get("?limit=1", { Accept: "application/x-ndjson" });
  equal(response.headers.get("Content-Type"), "application/x-ndjson");
  equal(response.headers.get("Vary"), "Accept");
  equal(response.headers.get("Km-Stream-Cursor"), "2");
  const cursor = response.headers.get("Km-Next-Cursor");
  const lines = listEvents(store.db, {}, 9).map((event) => `${eventJson(event)}\n`);
  equal(await response.text(), lines[0]);
  const rest = await serve(store).get(`?cursor=${cursor}`, { Accept: "application/x-ndjson" });
  equal(rest.headers.get("Km-Next-Cursor"), null);
  equal(await rest.text(), lines[1]);
  match(lines[1] ?? "", /12345678901234567890.*"a":1\.0, "a":12345678901234567890/);
});

Deno.test("GET /api/activity needs the scope read", async () => {
  using store = variedStore();
  equal((await serve(store, null).get("")).status, 401);
  equal((await serve(store, ["ingest"]).get("")).status, 403);
  equal((await serve(store, ["read"]).get("")).status, 200);
});

Deno.test("GET /api/activity pages stay in place while another process records", async () => {
  verifies("api-activity-cursor");
  using store = new TempStore();
  for (let i = 0; i < 40; i++) store.append(makeCall(NOON_US + i * 1000).batch);
  const { list } = serve(store);
  const writer = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", WRITER, store.folder.databasePath, "run-w", "300"],
  }).spawn();
  let isWriting = true;
  const ended = writer.status.then((status) => {
    isWriting = false;
    return status;
  });
  let disturbed = 0;
  while (isWriting) {
    const first = await list("?limit=7");
    const head = Number(first.streamCursor);
    const pages: Event[][] = [first.events];
    for (let cursor = first.nextCursor; cursor !== null;) {
      const page = await list(`?limit=97&cursor=${cursor}`);
      pages.push(page.events);
      if (Number(page.streamCursor) > head) disturbed++;
      cursor = page.nextCursor;
      await new Promise((resolve) => setTimeout(resolve)); // lets the end of the writer be heard
    }
    const ids = pages.flat().map(({ id }) => id);
    // Seqs run without a gap from 1: as many as the head says, each once.
    equal(ids.length, head);
    equal(new Set(ids).size, head);
  }
  equal((await ended).success, true);
  notEqual(disturbed, 0);
});

Deno.test("GET /api/activity ends a page early when its messages are large, and loses none", async () => {
  verifies("api-activity-cursor");
  using store = new TempStore();
  const text = JSON.stringify("x".repeat(700 * 1024));
  // Whoever sends events may say that they are small.
  for (let i = 0; i < 8; i++) {
    store.append({ events: [makeEvent("response", NOON_US + i, { text, sizeBytes: 1 })] });
  }
  const { list } = serve(store);
  const first = await list();
  equal(first.events.length, 6);
  const second = await list(`?cursor=${first.nextCursor}`);
  equal(second.events.length, 2);
  equal(second.nextCursor, null);
});

Deno.test("GET /api/activity and /api/calls are in order of recording, the last first, whatever the pages' length", async () => {
  using store = new TempStore();
  const times = [5, 1, 4, 2, 3];
  for (const minutes of times) store.append(makeCall(NOON_US + minutes * MINUTE_US).batch);
  const api = new TestApi({ store });
  for (const [path, list] of [["activity", "events"], ["calls", "calls"]] as const) {
    const seen = async (limit: number) => {
      const ids: string[] = [];
      for (let cursor: string | null = ""; cursor !== null;) {
        const from: string = cursor && `&cursor=${cursor}`;
        const page = await (await api.get(`/api/${path}?limit=${limit}${from}`)).json();
        ids.push(...page[list].map(({ id }: { id: string }) => id));
        cursor = page.nextCursor;
      }
      return ids;
    };
    const whole = await seen(50);
    equal(new Set(whole).size, list === "events" ? 10 : 5);
    for (const limit of [1, 2, 3]) deepEqual(await seen(limit), whole);
  }
  const { calls } = await (await api.get("/api/calls")).json();
  deepEqual(
    calls.map(({ time }: { time: string }) => (Date.parse(time) * 1000 - NOON_US) / MINUTE_US),
    times.toReversed(),
  );
});
