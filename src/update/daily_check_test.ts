/** The daily look with a clock of our own and a real server that counts. @module */
import assert from "node:assert/strict";
import { TempFolder } from "../../tests/e2e/harness.ts";
import { putRelease, standInKm } from "../../tests/fakes/release_folder.ts";
import { ReleaseServer } from "../../tests/fakes/release_server.ts";
import { testKey } from "../../tests/fakes/test_release_key.ts";
import { verifies } from "../../tests/verifies.ts";
import { NO_FILE, parseConfig } from "../config/config.ts";
import { checkDaily, type DailyCheck, mayCheck, untoldVersion } from "./daily_check.ts";
import { changeUpdateState, NO_UPDATE_STATE, pendingVersion, readUpdateState } from "./state.ts";

const START = Date.parse("2026-11-21T12:00:00Z");
const HOUR_MS = 3_600_000;
const [SIGNER, STRANGER] = [testKey(1), testKey(3)];
const LOOK = ["/stable.json", "/stable.json.sig"];

class World implements AsyncDisposable {
  readonly #folder = new TempFolder();
  readonly releases: string = `${this.#folder.path}/releases`;
  readonly statePath: string = `${this.#folder.path}/home/update.json`;
  readonly server: ReleaseServer = new ReleaseServer(this.releases);
  hours = 0;

  async release(version: string, signer = SIGNER): Promise<void> {
    await Deno.mkdir(this.releases, { recursive: true });
    const file = await standInKm(this.#folder.path, version);
    const now = new Date(START + this.hours * HOUR_MS);
    await putRelease(this.releases, { version, signer, file, baseUrl: this.server.baseUrl, now });
  }

  get check(): DailyCheck {
    return {
      base: this.server.baseUrl,
      channel: "stable",
      keys: [SIGNER.key],
      now: new Date(START + this.hours * HOUR_MS),
      statePath: this.statePath,
      runner: { version: "0.1.0", file: "/bin/km" },
      transfer: { userAgent: "km/0.1.0" },
    };
  }

  /** What was asked since the last time. */
  asked(): string[] {
    return this.server.requests.splice(0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    this.#folder[Symbol.dispose]();
  }
}

Deno.test("checkDaily() looks once in 24 hours, however many ask", async () => {
  verifies("update-daily-check");
  await using world = new World();
  await world.release("0.2.0");
  const all = await Promise.all(Array.from({ length: 10 }, () => checkDaily(world.check)));
  assert.deepEqual(all.filter((version) => version !== null), ["0.2.0"]);
  assert.deepEqual(world.asked(), LOOK);
  world.hours = 23.9;
  assert.equal(await checkDaily(world.check), null);
  assert.deepEqual(world.asked(), []);
  world.hours = 24;
  assert.equal(await checkDaily(world.check), "0.2.0");
  assert.deepEqual(world.asked(), LOOK);
  assert.equal((Deno.statSync(world.statePath).mode ?? 0o600) & 0o777, 0o600);
});

Deno.test("checkDaily() is silent about failures and forgeries, and waits an hour", async () => {
  verifies("update-daily-check", "update-signed");
  await using world = new World();
  assert.equal(await checkDaily(world.check), null, "404");
  assert.deepEqual(world.asked(), ["/stable.json"]);
  world.hours = 0.9;
  assert.equal(await checkDaily(world.check), null);
  assert.deepEqual(world.asked(), []);
  await world.release("0.2.0", STRANGER);
  world.hours = 1;
  assert.equal(await checkDaily(world.check), null, "forged");
  assert.deepEqual(world.asked(), LOOK);
  assert.equal(await untoldVersion(world.check), null);
  await world.release("0.2.0");
  world.hours = 2;
  assert.equal(await checkDaily(world.check), "0.2.0");
});

Deno.test("checkDaily() looks again when the clock was set back, and not where nothing can be written", async () => {
  verifies("update-daily-check");
  await using world = new World();
  await world.release("0.2.0");
  assert.equal(await checkDaily(world.check), "0.2.0");
  world.hours = -1000;
  assert.equal(await checkDaily(world.check), null, "published in what is now the future");
  assert.deepEqual(world.asked(), [...LOOK, ...LOOK]);
  const nowhere = { ...world.check, statePath: "/dev/null/home/update.json" };
  assert.equal(await checkDaily(nowhere), null);
  assert.deepEqual(world.asked(), []);
});

Deno.test("untoldVersion() tells a terminal once a day, and not what was rolled back or is installed", async () => {
  verifies("update-daily-check");
  await using world = new World();
  await world.release("0.2.0");
  await checkDaily(world.check);
  assert.equal(await untoldVersion(world.check), "0.2.0");
  assert.equal(await untoldVersion(world.check), null);
  world.hours = 25;
  const { statePath } = world;
  await changeUpdateState(
    statePath,
    (state) => ({ ...state, installed: { file: "/bin/km", version: "0.2.0" } }),
  );
  assert.equal(
    await untoldVersion(world.check),
    null,
    "installed, while this process runs the version before",
  );
  await changeUpdateState(
    statePath,
    (state) => ({ ...state, installed: { file: "/other/km", version: "0.2.0" } }),
  );
  assert.equal(await untoldVersion(world.check), "0.2.0");
  world.hours = 50;
  await changeUpdateState(statePath, (state) => ({ ...state, rolledBackFrom: "0.2.0" }));
  assert.equal(await untoldVersion(world.check), null);
  assert.equal(await checkDaily(world.check), null);
  await world.release("0.2.1");
  world.hours = 75;
  assert.equal(await checkDaily(world.check), "0.2.1");
});

Deno.test("mayCheck() is false where the environment or the setting says so", () => {
  verifies("update-daily-check");
  const off = parseConfig('{"update": {"check": false}}');
  const asked = (variables: Record<string, string>, file = NO_FILE) =>
    mayCheck((name) => variables[name], file);
  assert.equal(asked({}), true);
  for (const ci of ["false", "0", ""]) assert.equal(asked({ CI: ci }), true, ci);
  assert.equal(asked({ KM_NO_UPDATE_CHECK: "0" }), false);
  for (const ci of ["true", "1", "True", "woodpecker"]) assert.equal(asked({ CI: ci }), false, ci);
  assert.equal(asked({ KM_UPDATE_CHECK: "off" }), false);
  assert.equal(asked({}, off), false);
});

Deno.test("changeUpdateState() loses nothing when many write", async () => {
  using home = new TempFolder();
  const path = `${home.path}/deeper/update.json`;
  await Promise.all(Array.from({ length: 20 }, () =>
    changeUpdateState(path, (state) => {
      const patch = Number(state.rolledBackFrom?.split(".")[2] ?? 0) + 1;
      return { ...state, rolledBackFrom: `0.0.${patch}` };
    })));
  assert.equal(readUpdateState(path).rolledBackFrom, "0.0.20");
  assert.deepEqual(Array.from(Deno.readDirSync(`${home.path}/deeper`), ({ name }) => name), ["update.json"]);
});

Deno.test("readUpdateState() takes what it can read and leaves the rest", () => {
  using home = new TempFolder();
  const path = `${home.path}/update.json`;
  assert.deepEqual(readUpdateState(path), NO_UPDATE_STATE);
  for (
    const text of [
      "",
      "[]",
      "null",
      "7",
      '{"seen": 1, "toldAt": "x", "rolledBackFrom": "v1", "installed": {}}',
    ]
  ) {
    Deno.writeTextFileSync(path, text);
    assert.deepEqual(readUpdateState(path), NO_UPDATE_STATE, text);
  }
  const seen = { stable: { version: "0.2.0", published: "2026-11-21T00:00:00Z" }, beta: { version: "new" } };
  Deno.writeTextFileSync(path, JSON.stringify({ seen }));
  const state = readUpdateState(path);
  assert.deepEqual(state.seen, { stable: seen.stable });
  const runner = { version: "0.1.0", file: "/bin/km" };
  assert.deepEqual([pendingVersion(state, runner, "stable"), pendingVersion(state, runner, "beta")], [
    "0.2.0",
    null,
  ]);
});
