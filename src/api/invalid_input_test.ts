import assert from "node:assert/strict";
import { TestApi } from "./testing_api.ts";

const KEY = { name: "ci", scopes: ["read"] };

Deno.test.each(
  [
    ["/api/activity?since=yesterdayy", "since", 'Cannot read "yesterdayy" as a time (since)'],
    ["/api/activity?limit=0", "limit", 'Cannot read "limit": not a whole number from 1 to 1000'],
    ["/api/activity?server=", "server", 'Cannot read "server": it is empty'],
    ["/api/activity?server=a&server=b", "server", '"server" is given more than once'],
    [
      "/api/activity?direction=up",
      "direction",
      '"direction" must be one of client_to_server, server_to_client',
    ],
    ["/api/stats?by=colour", "by", '"by" must be one of server, tool, method, client, outcome, day'],
    ["/api/search", "q", '"q" is missing'],
    ["/api/short-ids", "ids", '"ids" is missing'],
    ["/api/overview?utcOffsetMinutes=abc", "utcOffsetMinutes", '"utcOffsetMinutes" must be a number'],
    ["/api/overview?utcOffsetMinutes=1.5", "utcOffsetMinutes", '"utcOffsetMinutes" must be a whole number'],
    ["/api/overview?utcOffsetMinutes=-900", "utcOffsetMinutes", '"utcOffsetMinutes" must be at least -840'],
    ["/api/stream?after=abc", "after", 'Cannot read "after": it is not a cursor'],
    ["/api/stream?after=", "after", 'Cannot read "after": it is not a cursor'],
  ] as const,
)("GET %s says what is wrong with %s", async (path, field, message) => {
  using api = new TestApi();
  const response = await api.get(path);
  const { error } = await response.json();
  assert.deepEqual([response.status, error.code, error.field, error.message], [
    400,
    "invalid",
    field,
    message,
  ]);
});

Deno.test.each(
  [
    [{ ...KEY, name: undefined }, "name", '"name" is missing'],
    [{ ...KEY, name: "" }, "name", '"name" must have at least 1 character'],
    [{ ...KEY, name: "x".repeat(65) }, "name", '"name" must have at most 64 characters'],
    [{ ...KEY, name: 7 }, "name", '"name" must be text'],
    [{ ...KEY, scopes: [] }, "scopes", '"scopes" must have at least 1 entry'],
    [{ ...KEY, scopes: "read" }, "scopes", '"scopes" must be a list'],
    [{ ...KEY, scopes: ["write"] }, "scopes.0", '"scopes.0" must be one of ingest, read, sessions, admin'],
    [[], "body", "The body must be an object"],
  ] as const,
)("POST /api/keys says what is wrong with %j", async (body, field, message) => {
  using api = new TestApi();
  const response = await api.send("POST", "/api/keys", body);
  const { error } = await response.json();
  assert.deepEqual([response.status, error.code, error.field, error.message], [
    400,
    "invalid",
    field,
    message,
  ]);
});

Deno.test.each(
  [
    [{ olderthan: "7d" }, "olderthan", 'The body has no field "olderthan"', null],
    [{ all: false }, "all", '"all" must be true', null],
    [{ olderThan: "7x" }, "olderThan", 'Cannot read "7x" as a duration (olderThan)', /./],
  ] as const,
)("POST /api/prune says what is wrong with %j", async (body, field, message, hint) => {
  using api = new TestApi();
  const response = await api.send("POST", "/api/prune", body);
  const { error } = await response.json();
  assert.deepEqual([response.status, error.code, error.field, error.message], [
    400,
    "invalid",
    field,
    message,
  ]);
  if (hint !== null) assert.match(error.hint, hint);
});

Deno.test("GET /api/activity says how a time is written", async () => {
  using api = new TestApi();
  const { error } = await (await api.get("/api/activity?since=yesterdayy")).json();
  assert.match(error.hint, /24h/);
});

Deno.test("a browser's Last-Event-ID that is no cursor opens the stream all the same", async () => {
  const asked: (string | null)[] = [];
  const streams = {
    open({ after }: { readonly after: string | null }) {
      asked.push(after);
      return () => {};
    },
    recheck() {},
    counters: () => ({ streams: 0, filters: 0, slow: 0, queuedBytes: 0, resyncs: 0 }),
  };
  using api = new TestApi({ streams });
  const response = await api.get("/api/stream?after=3", { "Last-Event-ID": "abc" });
  await response.body?.cancel();
  assert.deepEqual([response.status, asked], [200, ["abc"]]);
});
