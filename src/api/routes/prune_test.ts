import { deepEqual, equal } from "node:assert/strict";
import { verifies } from "../../../tests/verifies.ts";
import { lastSeq, listEvents } from "../../store/events.ts";
import { type PruneLimits, pruneStore } from "../../store/prune.ts";
import { makeCall, TempStore } from "../../store/testing.ts";
import { PruneSchema } from "../schemas.ts";
import { TestApi, type TestApiOptions } from "../testing_api.ts";

const DAY_US = 86_400_000_000;

/** One call for each of so many days ago, and the route that deletes them. */
function serve(
  store: TempStore,
  daysAgo: readonly number[],
  scopes: TestApiOptions["scopes"] = ["admin"],
) {
  for (const days of daysAgo) store.append(makeCall(Date.now() * 1000 - days * DAY_US).batch);
  const pruner = { prune: (limits: PruneLimits) => pruneStore(store.folder.databasePath, limits) };
  const api = new TestApi({ store, scopes, pruner });
  return {
    paths: api.paths,
    post: (body: unknown) => api.send("POST", "/api/prune", body),
  };
}

Deno.test("POST /api/prune deletes what is older than asked, and says how much", async () => {
  using store = new TempStore();
  const { post } = serve(store, [10, 5, 1]);
  const answer = await post({ olderThan: "3d" });
  equal(answer.status, 200);
  deepEqual(PruneSchema.parse(await answer.json()), { deleted: 4 });
  equal(listEvents(store.db, {}, 9).length, 2);
});

Deno.test("POST /api/prune without a field does what the settings say now", async () => {
  using store = new TempStore();
  const { post, paths } = serve(store, [10, 5, 1]);
  deepEqual(await (await post({})).json(), { deleted: 2 }); // the default: 7 days
  Deno.writeTextFileSync(paths.config, '{"retention": {"days": 2}}');
  deepEqual(await (await post({})).json(), { deleted: 2 });
});

Deno.test("POST /api/prune without a field is a 400 and deletes nothing while nobody can read how long events are kept", async () => {
  verifies("api-errors");
  using store = new TempStore();
  Deno.writeTextFileSync(`${store.folder.path}/config.jsonc`, '{"retention": {"dayz": 365}}');
  const { post } = serve(store, [10, 1]);
  const answer = await post({});
  equal(answer.status, 400);
  equal(
    (await answer.json()).error.message,
    'Cannot prune as the settings say: Unknown setting "retention.dayz"',
  );
  equal(listEvents(store.db, {}, 9).length, 4);
  deepEqual(await (await post({ olderThan: "3d" })).json(), { deleted: 2 });
});

Deno.test("POST /api/prune with all leaves nothing, and says whether the file was wiped", async () => {
  using store = new TempStore();
  const { post } = serve(store, [5, 1, 0]);
  for (const days of [-1, -60_000]) store.append(makeCall(Date.now() * 1000 - days * DAY_US).batch); // clocks of others
  const head = lastSeq(store.db);
  const answer = PruneSchema.parse(await (await post({ all: true })).json());
  equal(answer.deleted, 10);
  equal(typeof answer.wiped, "boolean");
  equal(listEvents(store.db, {}, 9).length, 0);
  equal(lastSeq(store.db), head);
});

Deno.test.each([
  [{ olderThan: "soon" }, "olderThan"],
  [{ olderThan: "3d", all: true }, "all"],
  [{ all: false }, "all"],
  [{ olderThen: "3d" }, "olderThen"],
  [[], "body"],
])("POST /api/prune %o is a 400 that names the field, and deletes nothing", async (body, field) => {
  verifies("api-errors");
  using store = new TempStore();
  const { post } = serve(store, [10]);
  const answer = await post(body);
  equal(answer.status, 400);
  equal((await answer.json()).error.field, field);
  equal(listEvents(store.db, {}, 9).length, 2);
});

Deno.test("POST /api/prune needs the scope admin", async () => {
  using store = new TempStore();
  equal((await serve(store, [10], ["read", "ingest"]).post({ all: true })).status, 403);
  equal(listEvents(store.db, {}, 9).length, 2);
});
