import assert from "node:assert/strict";
import { TestApi } from "./testing_api.ts";

async function failure(response: Response) {
  const { error } = await response.json();
  return { status: response.status, ...error };
}

Deno.test.each(
  [
    ["/api/activity?sever=memory", "sever", 'did you mean "server"?'],
    ["/api/calls?limt=3", "limt", 'did you mean "limit"?'],
    ["/api/search?q=x&outcomes=error", "outcomes", /^it may have: q, /],
    ["/api/stats?group=tool", "group", /^it may have: .*by/],
    ["/api/stream?cursor=3", "cursor", /after/],
    ["/api/findings?since=7d", "since", "this takes none"],
    ["/api/calls/0?full=1", "full", "this takes none"],
  ] as const,
)("GET %s is refused: it has no such parameter", async (path, field, hint) => {
  using api = new TestApi();
  const error = await failure(await api.get(path));
  assert.deepEqual([error.status, error.code, error.field], [400, "invalid", field]);
  assert.equal(error.message, `The query has no parameter "${field}"`);
  if (typeof hint === "string") assert.equal(error.hint, hint);
  else assert.match(error.hint, hint);
});

Deno.test("a query is not looked at for who is nobody", async () => {
  using api = new TestApi({ scopes: null });
  assert.equal((await failure(await api.get("/api/activity?sever=memory"))).status, 401);
});

Deno.test.each(
  [
    ["DELETE", "/api/events", "POST"],
    ["PUT", "/api/events/batch", "GET, HEAD, POST"],
    ["DELETE", "/api/activity", "GET, HEAD"],
    ["PUT", "/api/keys", "GET, HEAD, POST"],
    ["GET", "/api/keys/ci", "DELETE"],
    ["POST", "/api/openapi.json", "GET, HEAD"],
    ["POST", "/health", "GET, HEAD"],
    ["POST", "/live", "GET, HEAD"],
    ["DELETE", "/assets/app.js", "GET, HEAD"],
  ] as const,
)("%s %s names what is allowed", async (method, path, allow) => {
  using api = new TestApi();
  const response = await api.request(path, { method, headers: {} });
  assert.equal(response.headers.get("Allow"), allow);
  const error = await failure(response);
  assert.deepEqual([error.status, error.code, error.hint], [405, "bad_method", `it takes: ${allow}`]);
});

Deno.test.each(["/api/nothing", "/api/openapi_json", "/api/events/1/2", "/nothing"])(
  "DELETE %s is not there",
  async (path) => {
    using api = new TestApi();
    const response = await api.request(path, { method: "DELETE", headers: {} });
    assert.equal((await failure(response)).status, 404);
  },
);
