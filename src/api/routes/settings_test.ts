import { deepEqual, equal, match } from "node:assert/strict";
import { SETTINGS } from "../../config/settings.ts";
import { verifies } from "../../../tests/verifies.ts";
import { makeCall, NOON_US, TempStore } from "../../store/testing.ts";
import { SettingSchema, SettingsSchema } from "../schemas.ts";
import { TestApi, type TestApiOptions } from "../testing_api.ts";

function serve(store: TempStore, scopes: TestApiOptions["scopes"] = ["admin"]) {
  const api = new TestApi({ store, scopes });
  return {
    paths: api.paths,
    get: () => api.get("/api/settings"),
    put: (key: string, body: unknown) => api.send("PUT", `/api/settings/${key}`, body),
  };
}

Deno.test("GET /api/settings tells every setting, where things are and how much is stored", async () => {
  using store = new TempStore();
  for (const timeUs of [NOON_US, NOON_US - 1e6, NOON_US + 60e6, NOON_US]) {
    store.append(makeCall(timeUs).batch);
  }
  const { get, paths } = serve(store, ["read"]);
  const answer = await get();
  equal(answer.status, 200);
  const { settings, paths: told, store: summary } = SettingsSchema.parse(await answer.json());
  deepEqual(settings.map(({ key }) => key), SETTINGS.map(({ key }) => key));
  deepEqual(told, paths);
  equal(summary.events, 8);
  equal(summary.oldest, "2026-11-21T11:59:59.000000Z");
  equal(summary.newest, "2026-11-21T12:01:00.001000Z");
});

Deno.test("PUT /api/settings/:key changes one setting and keeps the file's comments; null takes it out", async () => {
  using store = new TempStore();
  const { put, get, paths } = serve(store);
  Deno.writeTextFileSync(paths.config, '// mine\n{\n  // slow server\n  "grace": "4s"\n}\n');
  const setting = SettingSchema.parse(await (await put("retention.days", { value: "30" })).json());
  deepEqual([setting.value, setting.source, setting.default], ["30", "file", "7"]);
  const text = Deno.readTextFileSync(paths.config);
  match(text, /\/\/ mine[^]*\/\/ slow server\n {2}"grace": "4s"/);
  match(text, /"days": 30/);
  const back = SettingSchema.parse(await (await put("retention.days", { value: null })).json());
  deepEqual([back.value, back.source], ["7", "default"]);
  const { settings } = SettingsSchema.parse(await (await get()).json());
  equal(settings.find(({ key }) => key === "grace")?.value, "4s");
});

Deno.test("PUT /api/settings/:key loses none of several changes at once", async () => {
  using store = new TempStore();
  const { put, get } = serve(store);
  const changes = [["grace", "5s"], ["killAfter", "6s"], ["retention.days", "8"], [
    "bufferSize",
    "1MB",
  ]] as const;
  const answers = await Promise.all(changes.map(([key, value]) => put(key, { value })));
  deepEqual(answers.map(({ status }) => status), [200, 200, 200, 200]);
  const { settings } = SettingsSchema.parse(await (await get()).json());
  for (const [key, value] of changes) equal(settings.find((each) => each.key === key)?.value, value);
});

Deno.test.each([
  ["retention.days", { value: "soon" }, 400, "value"],
  ["retention.days", { value: 5 }, 400, "value"],
  ["retention.days", {}, 400, "value"],
  ["ingest.maxEvents", { value: "0" }, 400, "value"],
  ["ingest.maxBodyBytes", { value: "0MB" }, 400, "value"],
  ["output", { value: "printer" }, 400, "value"],
  ["model", { value: "no-such-model" }, 400, "value"],
  ["retention.day", { value: "5" }, 404, "key"],
  ["constructor", { value: "5" }, 404, "key"],
])("PUT /api/settings/%s %o is refused and writes nothing", async (key, body, status, field) => {
  verifies("api-errors");
  using store = new TempStore();
  const { put, paths } = serve(store);
  const answer = await put(key, body);
  equal(answer.status, status);
  equal((await answer.json()).error.field, field);
  equal(Deno.readDirSync(paths.home).some(({ name }) => name.startsWith("config")), false);
});

Deno.test("PUT /api/settings/:key needs the scope admin", async () => {
  using store = new TempStore();
  const { put, get } = serve(store, ["read"]);
  equal((await put("grace", { value: "1s" })).status, 403);
  equal((await get()).status, 200);
  equal((await serve(store, null).get()).status, 401);
});

Deno.test("PUT /api/settings/model takes what has a price, and says what was meant by another name", async () => {
  using store = new TempStore();
  const { put } = serve(store);
  for (const value of ["openai/gpt-5", "ollama/llama3", "none", null]) {
    equal((await put("model", { value })).status, 200, `${value}`);
  }
  const { error } = await (await put("model", { value: "claude-sonet-4-5" })).json();
  equal(error.message, 'No price of a model "claude-sonet-4-5" is known');
  match(error.hint, /^did you mean .*"claude-sonnet-4-5"/);
});
