import { deepEqual, equal } from "node:assert/strict";
import { makeCall, makeRun, NOON_US } from "../../store/testing.ts";
import { TestApi } from "../testing_api.ts";

Deno.test("GET /api/short-ids shortens ids so far that each still names one event", async () => {
  using api = new TestApi();
  const { batch } = makeCall(NOON_US, "ok");
  api.store.append(batch);
  const ids = (batch.events ?? []).map(({ id }) => id);
  const ask = async (query: string) =>
    await (await api.get(`/api/short-ids?ids=${ids.join(",")}${query}`)).json();
  const { ids: short } = await ask("");
  equal(short.length, ids.length);
  for (const [index, id] of ids.entries()) {
    equal(id.startsWith(short[index]), true);
    equal(ids.filter((other) => other.startsWith(short[index])).length, 1);
  }
  deepEqual((await ask("&least=36")).ids, ids);
});

for (const ids of ["", "x", "019f1d2c", `${"019f1d2c-8a41-7000-8000-000000000001,".repeat(201)}`]) {
  Deno.test(`GET /api/short-ids refuses ids=${ids.slice(0, 40)}`, async () => {
    using api = new TestApi();
    const response = await api.get(`/api/short-ids?ids=${ids}`);
    equal(response.status, 400);
    equal((await response.json()).error.field, "ids");
  });
}

Deno.test("GET /api/server-names names every server, the one that was started last first", async () => {
  using api = new TestApi();
  api.store.append({ run: makeRun({ correlationId: "a", server: "old", startedUs: NOON_US }) });
  api.store.append({ run: makeRun({ correlationId: "b", server: "new", startedUs: NOON_US + 1 }) });
  deepEqual(await (await api.get("/api/server-names")).json(), { servers: ["new", "old"] });
});

for (const path of ["/api/short-ids?ids=019f1d2c-8a41-7000-8000-000000000001", "/api/server-names"]) {
  Deno.test(`GET ${path.split("?")[0]} needs credentials`, async () => {
    using api = new TestApi();
    equal((await api.app.request(path)).status, 401);
  });
}
