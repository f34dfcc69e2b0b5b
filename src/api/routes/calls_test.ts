import { deepEqual, equal } from "node:assert/strict";
import { verifies } from "../../../tests/verifies.ts";
import { listCalls } from "../../store/calls.ts";
import {
  makeCall,
  makeChange,
  makeEvent,
  makeRun,
  MINUTE_US,
  NOON_US,
  TempStore,
} from "../../store/testing.ts";
import { CallDetailSchema, CallsSchema } from "../schemas.ts";
import { TestApi } from "../testing_api.ts";

function serve(store: TempStore) {
  const api = new TestApi({ store, scopes: ["read"] });
  return (path: string, headers: Record<string, string> = {}) => api.get(`/api/calls${path}`, headers);
}

/** A notification that names what is in `params`. */
function notify(method: string, timeUs: number, params: object, fromClient = false) {
  return makeEvent("notification", timeUs, {
    method,
    tool: null,
    rpcId: null,
    direction: fromClient ? "client_to_server" : "server_to_client",
    text: JSON.stringify({ jsonrpc: "2.0", method, params }),
  });
}

Deno.test("GET /api/calls lists calls as km calls --json, page by page", async () => {
  verifies("api-calls");
  using store = new TempStore();
  for (let i = 0; i < 5; i++) {
    store.append(makeCall(NOON_US + i * MINUTE_US, i === 2 ? "tool_error" : "ok").batch);
  }
  const get = serve(store);
  const all = listCalls(store.db, {}, 9);
  const first = CallsSchema.parse(await (await get("?limit=3")).json());
  deepEqual(first.calls, all.slice(0, 3));
  store.append(makeCall(NOON_US + 9 * MINUTE_US).batch);
  const second = CallsSchema.parse(await (await get(`?limit=3&cursor=${first.nextCursor}`)).json());
  deepEqual(second, { calls: all.slice(3), nextCursor: null });
  const failed = CallsSchema.parse(await (await get("?outcome=tool_error")).json());
  deepEqual(failed.calls.map(({ time }) => time), ["2026-11-21T12:02:00.000000Z"]);
  const lines = await get("?limit=1", { Accept: "application/x-ndjson" });
  equal(await lines.text(), `${JSON.stringify(listCalls(store.db, {}, 1)[0])}\n`);
  equal(typeof lines.headers.get("Km-Next-Cursor"), "string");
});

Deno.test.each([["outcome=good", "outcome"], ["cursor=5w", "cursor"], ["limit=0", "limit"], [
  "tool=",
  "tool",
]])(
  "GET /api/calls?%s is a 400 that names the field",
  async (query, field) => {
    verifies("api-errors");
    using store = new TempStore();
    const answer = await serve(store)(`?${query}`);
    equal(answer.status, 400);
    equal((await answer.json()).error.field, field);
  },
);

Deno.test("GET /api/calls/:id tells the story of one call: progress by its token, its cancellation, its answer", async () => {
  verifies("api-calls");
  using store = new TempStore();
  const ask = (token: unknown, rpcId: string, timeUs: number) =>
    makeCall(timeUs, "late", {
      rpcId,
      text: JSON.stringify({ id: 1, method: "tools/call", params: { _meta: { progressToken: token } } }),
    }, 5 * MINUTE_US);
  const mine = ask("job-1", "7", NOON_US);
  const other = ask(1, '"7"', NOON_US + 1);
  const progress = (token: unknown, minutes: number) =>
    notify("notifications/progress", NOON_US + minutes * MINUTE_US, {
      progressToken: token,
      progress: minutes,
    });
  const cancel = (requestId: unknown, minutes: number) =>
    notify("notifications/cancelled", NOON_US + minutes * MINUTE_US, { requestId }, true);
  const [p1, p2, foreign, cancelled] = [
    progress("job-1", 1),
    progress("job-1", 2),
    progress(1, 2),
    cancel(7, 3),
  ];
  store.append({
    events: [mine.request, other.request],
    calls: [makeChange(mine.request, "open"), makeChange(other.request, "open")],
  });
  store.append({ events: [p1, foreign, notify("notifications/message", NOON_US + MINUTE_US, {}), p2] });
  // The same token and id in another run are somebody else's.
  store.append({
    run: makeRun({ correlationId: "run-2" }),
    events: [progress("job-1", 2), cancel(7, 3)],
  });
  store.append({ events: [cancelled, cancel("7", 4)] });
  store.append({ events: [mine.response], calls: [{ ...mine.change, previous: "open" }] });
  store.append({ events: [progress("job-1", 6)] }); // after the answer: a new use of the token
  for (const id of [mine.request.id, mine.response.id]) {
    const detail = CallDetailSchema.parse(await (await serve(store)(`/${id}`)).json());
    deepEqual(
      detail.timeline.map(({ offsetMs, event }) => [offsetMs / 60_000, event.id]),
      [[0, mine.request.id], [1, p1.id], [2, p2.id], [3, cancelled.id], [5, mine.response.id]],
    );
    equal(detail.call.outcome, "late");
    equal(detail.request.id, mine.request.id);
    equal(detail.response?.id, mine.response.id);
    equal(detail.complete, true);
  }
  const unanswered = CallDetailSchema.parse(await (await serve(store)(`/${other.request.id}`)).json());
  equal(unanswered.response, null);
  deepEqual(unanswered.timeline.map(({ event }) => event.kind), ["request", "notification", "notification"]);
});

Deno.test("GET /api/calls/:id is 404 for an event that belongs to no call", async () => {
  verifies("api-errors");
  using store = new TempStore();
  const alone = makeEvent("log", NOON_US);
  store.append({ events: [alone] });
  for (const id of [alone.id, "ffff"]) {
    const answer = await serve(store)(`/${id}`);
    equal(answer.status, 404);
    equal((await answer.json()).error.code, "not_found");
  }
});
