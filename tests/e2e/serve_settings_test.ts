/** Settings that are changed while km serve runs hold at once: by the API, by `km config set`, by an editor. @module */
import assert from "node:assert/strict";
import { openDatabase } from "../../src/store/database.ts";
import { verifies } from "../verifies.ts";
import { RunningDaemon } from "./daemon.ts";
import { runKm, until } from "./harness.ts";
import { makeEvents, sendEvents } from "./ingest.ts";

const SECRET = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
const DAY_MS = 24 * 3_600_000;

interface Setting {
  readonly key: string;
  readonly value: string;
  readonly source: string;
}

/** Changes a setting as the dashboard does. */
async function change(daemon: RunningDaemon, key: string, value: string | null): Promise<Setting> {
  const response = await fetch(`${daemon.url}/api/settings/${key}`, {
    method: "PUT",
    headers: { Authorization: `Bearer ${daemon.token}`, "Content-Type": "application/json" },
    body: JSON.stringify({ value }),
  });
  const answer = await response.json();
  assert.equal(response.status, 200, JSON.stringify(answer));
  return answer;
}

async function inForce(daemon: RunningDaemon, key: string): Promise<Setting | undefined> {
  const { settings }: { settings: Setting[] } = await (await daemon.get("/api/settings")).json();
  return settings.find((setting) => setting.key === key);
}

/** Sends a message with a secret; returns what `km events` shows of it. */
async function stored(daemon: RunningDaemon): Promise<unknown> {
  const [event] = makeEvents(1, { kind: "log", payload: `token ${SECRET}` });
  assert.equal((await sendEvents(daemon, [event])).body.accepted, 1);
  const { out } = await runKm(["events", "--json", "--limit", "1"], { home: daemon.home });
  const { id, payload } = JSON.parse(out);
  assert.equal(id, event?.id);
  return payload;
}

const READABLE = `token ${SECRET}`;
const REDACTED = "token [redacted:github-token]";

Deno.test("PUT /api/settings/redact holds for every event that is sent after its answer", async () => {
  verifies("web-settings", "api-ingest-redacts");
  await using daemon = await RunningDaemon.start();
  assert.equal(await stored(daemon), REDACTED);
  await change(daemon, "redact", "off");
  assert.equal(await stored(daemon), READABLE);
  const { value, source } = await change(daemon, "redact", "on");
  assert.deepEqual([value, source], ["on", "file"]);
  assert.equal(await stored(daemon), REDACTED);
  await daemon.process.stderr.text('setting redact is "on" now (file)');
});

Deno.test("km config set holds in a km serve that runs; a broken file changes nothing there, and is told", async () => {
  verifies("web-settings");
  await using daemon = await RunningDaemon.start();
  assert.equal((await runKm(["config", "set", "redact", "off"], { home: daemon.home })).code, 0);
  await daemon.process.stderr.text('setting redact is "off" now (file)');
  assert.equal(await stored(daemon), READABLE);
  Deno.writeTextFileSync(`${daemon.home}/config.jsonc`, '{"redact": ');
  await daemon.process.stderr.text("what cannot be read there changes nothing");
  const { value, source } = await inForce(daemon, "redact") ?? {};
  assert.deepEqual([value, source], ["off", "file"]);
  assert.equal(await stored(daemon), READABLE);
});

Deno.test("PUT /api/settings/:key changes nothing where the environment says otherwise, and says so", async () => {
  verifies("web-settings");
  await using daemon = await RunningDaemon.start([], { env: { KM_REDACT: "on" } });
  const { value, source } = await change(daemon, "redact", "off");
  assert.deepEqual([value, source], ["on", "environment"]);
  assert.equal(await stored(daemon), REDACTED);
});

Deno.test("PUT /api/settings/:key holds for retention, the model, streams and requests", async () => {
  verifies("web-settings");
  await using daemon = await RunningDaemon.start();
  const old = makeEvents(2, { time: new Date(Date.now() - 3 * DAY_MS).toISOString() });
  assert.equal((await sendEvents(daemon, old)).body.accepted, 2);
  await change(daemon, "retention.days", "1");
  await until(async () => {
    const { events }: { events: unknown[] } = await (await daemon.get("/api/activity")).json();
    return events.length === 0;
  }, "the deletion of events of three days ago");
  await change(daemon, "model", "claude-sonnet-4-5");
  assert.equal((await (await daemon.get("/api/overview")).json()).model, "claude-sonnet-4-5");
  await change(daemon, "serve.maxStreams", "1");
  const stream = await daemon.get("/api/stream");
  assert.equal((await (await daemon.get("/api/stream")).json()).error.code, "too_many_streams");
  await stream.body?.cancel();
  await change(daemon, "serve.maxRequestsPerMinute", "1");
  for (const status of [200, 429]) {
    const response = await daemon.get("/api/servers");
    await response.body?.cancel();
    assert.equal(response.status, status);
  }
});

Deno.test("km serve stores no token of its home, also not one that was rotated while it runs", async () => {
  verifies("api-ingest-redacts");
  await using daemon = await RunningDaemon.start();
  const before = daemon.token;
  assert.equal((await runKm(["keys", "rotate-token"], { home: daemon.home })).code, 0);
  const [event] = makeEvents(1, { kind: "log", payload: `old ${before}, new ${daemon.token}` });
  assert.equal((await sendEvents(daemon, [event])).body.accepted, 1);
  const { out } = await runKm(["events", "--json", "--limit", "1"], { home: daemon.home });
  assert.equal(JSON.parse(out).payload, "old [redacted:known-secret], new [redacted:known-secret]");
});

Deno.test("km serve tells its log why it could not answer", async () => {
  verifies("api-errors");
  await using daemon = await RunningDaemon.start();
  // A table less: nobody expects that.
  {
    using db = openDatabase(`${daemon.home}/km.db`, { mode: "write" });
    db.run("DROP TABLE runs");
  }
  const response = await daemon.get("/api/server-names");
  await response.body?.cancel();
  assert.ok(response.status >= 500, `${response.status}`);
  const log = await daemon.process.stderr.text("GET /api/server-names failed with ");
  assert.match(log, /failed with 5\d\d \w+: .*no such table/);
});
