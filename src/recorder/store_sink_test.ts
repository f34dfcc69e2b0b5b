import assert from "node:assert/strict";
import type { Batch } from "../core/event.ts";
import { IdMaker } from "../core/id.ts";
import { openDatabase } from "../store/database.ts";
import { readSummary } from "../store/summary.ts";
import { StoreSink } from "./store_sink.ts";

const DAY_US = 24 * 3600 * 1_000_000;

function batchAt(timeUs: number): Batch {
  const ids = new IdMaker();
  return {
    run: {
      correlationId: "run",
      server: "server",
      command: "[]",
      cwd: null,
      pid: 1,
      startedUs: timeUs,
      endedUs: null,
      exitCode: null,
      client: null,
      clientVersion: null,
      serverTitle: null,
      serverVersion: null,
      protocolVersion: null,
    },
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
