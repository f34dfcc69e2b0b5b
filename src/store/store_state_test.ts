import { deepEqual, equal } from "node:assert/strict";
import { SmallDisk, unlessTmpfs } from "../../tests/fakes/small_disk.ts";
import { testUnless } from "../../tests/skip.ts";
import { verifies } from "../../tests/verifies.ts";
import { openDatabase } from "./database.ts";
import { readStoreHealth } from "./store_state.ts";
import { makeCall, NOON_US, TempFolder, TempStore } from "./testing.ts";

Deno.test("readStoreHealth() counts what is in a store that works", () => {
  verifies("api-health");
  using store = new TempStore();
  store.append(makeCall(NOON_US, "ok").batch);
  const { state, events, sizeBytes } = readStoreHealth(store.db.path);
  deepEqual([state, events, (sizeBytes ?? 0) > 0], ["ok", 2, true]);
});

Deno.test("readStoreHealth() tells a missing store, and makes none", () => {
  verifies("api-health");
  using folder = new TempFolder();
  equal(readStoreHealth(folder.databasePath).state, "missing");
  deepEqual([...Deno.readDirSync(folder.path)], []);
});

Deno.test("readStoreHealth() tells a store that was removed under its readers", () => {
  verifies("api-health");
  using store = new TempStore();
  Deno.removeSync(store.db.path);
  equal(readStoreHealth(store.db.path).state, "missing");
});

Deno.test("readStoreHealth() tells a store whose lock another one keeps", () => {
  verifies("api-health");
  using store = new TempStore();
  using other = openDatabase(store.db.path, { mode: "write" });
  other.exec("BEGIN IMMEDIATE");
  equal(readStoreHealth(store.db.path).state, "locked");
  other.exec("ROLLBACK");
  equal(readStoreHealth(store.db.path).state, "ok");
});

Deno.test("readStoreHealth() tells a store that is none", () => {
  verifies("api-health");
  using folder = new TempFolder();
  Deno.writeTextFileSync(folder.databasePath, "no database, but long enough to have a header. ".repeat(10));
  equal(readStoreHealth(folder.databasePath).state, "corrupt");
});

testUnless(unlessTmpfs(), "readStoreHealth() tells a full disk, and when there is room again", () => {
  verifies("api-health");
  using disk = new SmallDisk("16m");
  const path = `${disk.path}/km.db`;
  openDatabase(path, { mode: "write" })[Symbol.dispose]();
  equal(readStoreHealth(path).state, "ok");
  disk.resize("2m");
  equal(readStoreHealth(path).state, "full");
  disk.resize("16m");
  equal(readStoreHealth(path).state, "ok");
});
