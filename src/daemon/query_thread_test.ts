import { equal, rejects } from "node:assert/strict";
import { verifies } from "../../tests/verifies.ts";
import { openDatabase } from "../store/database.ts";
import { EventWriter } from "../store/event_writer.ts";
import { makeCall, makeRun, NOON_US, TempFolder } from "../store/testing.ts";
import { QueryThread } from "./query_thread.ts";

function record(path: string, timeUs: number): void {
  using db = openDatabase(path, { mode: "write" });
  const { batch } = makeCall(timeUs);
  new EventWriter(db).append({ run: makeRun(), events: [], calls: [], tools: [], ...batch });
}

async function countEvents(reader: QueryThread, search?: string): Promise<number> {
  const filter = search === undefined ? {} : { search };
  const args = { filter, limit: 100, from: undefined, format: "json" } as const;
  const json = new TextDecoder().decode(await reader.query("activity", args));
  return JSON.parse(json).events.length;
}

Deno.test("QueryThread follows a database that was deleted, is missing, or was replaced by another", async () => {
  using folder = new TempFolder();
  const path = folder.databasePath;
  record(path, NOON_US);
  using reader = new QueryThread(path);
  for (const search of [undefined, "tools"]) {
    equal(await countEvents(reader, search), 2);
    for (const suffix of ["", "-wal", "-shm"]) Deno.removeSync(path + suffix);
    equal(await countEvents(reader, search), 0);
    for (const suffix of ["", "-wal", "-shm"]) Deno.removeSync(path + suffix);
    record(path, NOON_US);
    record(path, NOON_US + 1e6);
    equal(await countEvents(reader, search), 4);
    for (const suffix of ["", "-wal", "-shm"]) Deno.removeSync(path + suffix, { recursive: true });
    record(path, NOON_US);
  }
});

Deno.test("QueryThread tells a failure by its code, and answers on", async () => {
  verifies("api-errors");
  using folder = new TempFolder();
  record(folder.databasePath, NOON_US);
  using reader = new QueryThread(folder.databasePath);
  await rejects(reader.query("event", { id: "ffff" }), { code: "not_found" });
  equal(await countEvents(reader), 2);
});

Deno.test("QueryThread answers lists while a search takes its time", async () => {
  using folder = new TempFolder();
  record(folder.databasePath, NOON_US);
  using reader = new QueryThread(folder.databasePath);
  await countEvents(reader);
  const order: string[] = [];
  // The thread of searches is not even started yet; were there one thread, the search would come first.
  const search = countEvents(reader, "tools").then(() => order.push("search"));
  await countEvents(reader).then(() => order.push("list"));
  await search;
  equal(order.join(), "list,search");
});
