import assert from "node:assert/strict";
import { dirname } from "node:path";
import { retentionAt } from "../config/settings_in_force.ts";
import { type Batch, newRun } from "../core/event.ts";
import { IdMaker } from "../core/id.ts";
import { openDatabase } from "../store/database.ts";
import { verifies } from "../../tests/verifies.ts";
import { usedBytes } from "../store/retention.ts";
import { readSummary } from "../store/summary.ts";
import { StoreSink } from "./store_sink.ts";

const DAY_US = 24 * 3600 * 1_000_000;

function batchAt(timeUs: number): Batch {
  const ids = new IdMaker();
  return {
    run: newRun({
      correlationId: "run",
      server: "server",
      command: "[]",
      pid: 1,
      startedUs: timeUs,
    }),
    events: [{
      id: ids.next(timeUs),
      timeUs,
      direction: null,
      kind: "lifecycle",
      method: null,
      tool: null,
      rpcId: null,
      sizeBytes: 0,
      truncated: false,
      sha256: null,
      format: "json",
      payload: new TextEncoder().encode("{}"),
      answersId: null,
      durationUs: null,
    }],
    calls: [],
    tools: [],
  };
}

async function eventsKept(days: number): Promise<number> {
  const dir = await Deno.makeTempDir();
  try {
    const path = `${dir}/km.db`;
    const sink = new StoreSink(path, { days, maxBytes: null }, () => 1000 * DAY_US);
    sink.append(batchAt(990 * DAY_US));
    sink.append(batchAt(999 * DAY_US));
    while (sink.tidy());
    sink.close();
    using database = openDatabase(path, { mode: "read" });
    return readSummary(database).events;
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("StoreSink.tidy() deletes what is older than the retention", async () => {
  assert.equal(await eventsKept(7), 1);
});

Deno.test("StoreSink.tidy() keeps everything when the retention is 0 days", async () => {
  assert.equal(await eventsKept(0), 2);
});

for (
  const [change, text, kept] of [
    ["was raised", '{"retention": {"days": 365}}', 1],
    ["was lifted", '{"retention": {"days": 0}}', 1],
    ["was lowered", '{"retention": {"days": 1}}', 0],
    ["cannot be read any more", '{"retention": ', 1],
  ] as const
) {
  Deno.test(`StoreSink.tidy() deletes by the retention as it is now, when that ${change} since the start`, async () => {
    verifies("store-retention");
    const dir = await Deno.makeTempDir();
    const configPath = `${dir}/config.jsonc`;
    await Deno.writeTextFile(configPath, '{"retention": {"days": 30}}');
    let nowUs = 1000 * DAY_US;
    const sink = new StoreSink(`${dir}/km.db`, retentionAt(configPath), () => nowUs);
    try {
      sink.append(batchAt(nowUs));
      while (sink.tidy());
      await Deno.writeTextFile(configPath, text);
      nowUs += (change === "was raised" || change === "was lifted" ? 60 : 10) * DAY_US;
      while (sink.tidy());
      using database = openDatabase(`${dir}/km.db`, { mode: "read" });
      assert.equal(readSummary(database).events, kept);
    } finally {
      sink.close();
      await Deno.remove(dir, { recursive: true });
    }
  });
}

for (
  const [what, text, variable] of [
    ["is broken", '{"retention": {"days": 365}', undefined],
    ["has a bad value", '{"retention": {"days": "365x"}}', undefined],
    ["has a misspelt key", '{"retention": {"dayz": 365}}', undefined],
    ["comes after a bad variable", '{"retention": {"days": 3}}', "365x"],
  ] as const
) {
  Deno.test(`StoreSink.tidy() deletes nothing when its file ${what} from the start`, async () => {
    verifies("store-retention");
    const dir = await Deno.makeTempDir();
    const configPath = `${dir}/config.jsonc`;
    await Deno.writeTextFile(configPath, text);
    const env = (name: string) => name === "KM_RETENTION_DAYS" ? variable : undefined;
    const sink = new StoreSink(`${dir}/km.db`, retentionAt(configPath, env), () => 1000 * DAY_US);
    try {
      sink.append(batchAt(900 * DAY_US));
      while (sink.tidy());
      using database = openDatabase(`${dir}/km.db`, { mode: "read" });
      assert.equal(readSummary(database).events, 1);
    } finally {
      sink.close();
      await Deno.remove(dir, { recursive: true });
    }
  });
}

Deno.test("StoreSink.retain() with null keeps everything, and with days deletes again", async () => {
  const dir = await Deno.makeTempDir();
  const sink = new StoreSink(`${dir}/km.db`, null, () => 1000 * DAY_US);
  const eventsLeft = () => {
    while (sink.tidy());
    using database = openDatabase(`${dir}/km.db`, { mode: "read" });
    return readSummary(database).events;
  };
  try {
    sink.append(batchAt(900 * DAY_US));
    assert.equal(eventsLeft(), 1);
    sink.retain({ days: 200, maxBytes: null });
    assert.equal(eventsLeft(), 1);
    sink.retain(null);
    assert.equal(eventsLeft(), 1);
    sink.retain({ days: 7, maxBytes: null });
    assert.equal(eventsLeft(), 0);
  } finally {
    sink.close();
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("StoreSink.appendAll() fails when the database is removed while it writes, and writes to the next one", async () => {
  const dir = await Deno.makeTempDir();
  const path = `${dir}/km.db`;
  const sink = new StoreSink(path, () => ({ days: 0, maxBytes: null }), () => 1000 * DAY_US);
  const batch = { ...batchAt(999 * DAY_US), origin: "api:test" };
  const ids = batch.events.map(({ id }) => id);
  const remove = () => ["", "-wal", "-shm"].forEach((suffix) => Deno.removeSync(path + suffix));
  try {
    sink.append(batchAt(998 * DAY_US));
    assert.throws(() => sink.appendAll(ids, () => (remove(), [batch])), { code: "store_unavailable" });
    sink.appendAll(ids, () => [batch]);
    using database = openDatabase(path, { mode: "read" });
    assert.equal(readSummary(database).events, 1);
  } finally {
    sink.close();
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("StoreSink.tidy() deletes nothing for a size that was raised since the start", async () => {
  verifies("store-retention");
  const dir = await Deno.makeTempDir();
  const retention = { days: 0, maxBytes: 1e6 };
  const sink = new StoreSink(`${dir}/km.db`, () => ({ ...retention }), () => 1000 * DAY_US);
  try {
    while (sink.tidy());
    retention.maxBytes = 1e9;
    for (let i = 0; i < 200; i++) {
      const batch = batchAt(990 * DAY_US + i);
      const payload = crypto.getRandomValues(new Uint8Array(10_000));
      sink.append({ ...batch, events: batch.events.map((event) => ({ ...event, payload })) });
      sink.tidy();
    }
    using database = openDatabase(`${dir}/km.db`, { mode: "read" });
    assert.equal(readSummary(database).events, 200);
  } finally {
    sink.close();
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("StoreSink.tidy() deletes out of turn what makes the database larger than it may be", async () => {
  verifies("store-retention");
  const dir = await Deno.makeTempDir({ prefix: "km-recorder-" });
  try {
    const sink = new StoreSink(`${dir}/km.db`, { days: 0, maxBytes: 1e6 }, () => 1000 * DAY_US);
    while (sink.tidy());
    for (let i = 0; i < 400; i++) {
      const batch = batchAt(990 * DAY_US + i);
      const payload = crypto.getRandomValues(new Uint8Array(10_000));
      sink.append({ ...batch, events: batch.events.map((event) => ({ ...event, payload })) });
      sink.tidy();
    }
    sink.close();
    using database = openDatabase(`${dir}/km.db`, { mode: "read" });
    assert.ok(usedBytes(database) < 1.2e6, String(usedBytes(database)));
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

const LOSSES: Record<string, (path: string) => Promise<void>> = {
  "the folder is removed": (path) => Deno.remove(dirname(path), { recursive: true }),
  "the file is renamed": (path) => Deno.rename(path, `${path}.old`),
  "another file takes its place": async (path) => {
    for (const suffix of ["-wal", "-shm"]) await Deno.remove(path + suffix);
    openDatabase(`${path}.new`, { mode: "write" })[Symbol.dispose]();
    await Deno.rename(`${path}.new`, path);
  },
};

for (const [loss, lose] of Object.entries(LOSSES)) {
  Deno.test(`StoreSink.append() writes to the database at its path again when ${loss}`, async () => {
    const dir = await Deno.makeTempDir();
    const path = `${dir}/home/km.db`;
    let nowUs = DAY_US;
    const sink = new StoreSink(path, { days: 0, maxBytes: null }, () => nowUs);
    try {
      sink.append(batchAt(DAY_US));
      await lose(path);
      nowUs += 1_000_000;
      sink.append(batchAt(nowUs));
      sink.append(batchAt(nowUs));
      using database = openDatabase(path, { mode: "read" });
      assert.equal(readSummary(database).events, 2);
    } finally {
      sink.close();
      await Deno.remove(dir, { recursive: true });
    }
  });
}

Deno.test("StoreSink.tidy() ends the runs of a km that was killed", async () => {
  const dir = await Deno.makeTempDir();
  const path = `${dir}/km.db`;
  const sink = new StoreSink(path, { days: 0, maxBytes: null }, () => DAY_US);
  try {
    sink.append(batchAt(DAY_US));
    using database = openDatabase(path, { mode: "write" });
    database.run("UPDATE runs SET km_start = 'an earlier boot 1'");
    while (sink.tidy());
    assert.deepEqual(database.get("SELECT ended_us FROM runs")?.ended_us, DAY_US);
  } finally {
    sink.close();
    await Deno.remove(dir, { recursive: true });
  }
});
