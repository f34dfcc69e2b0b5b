import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { verifies } from "../../tests/verifies.ts";
import { openDatabase, schemaVersion } from "./database.ts";
import { listEvents } from "./events.ts";
import { MIGRATIONS } from "./migrations.ts";
import { readStats } from "./stats.ts";
import { MINUTE_US, NOON_US, TempFolder } from "./testing.ts";
import { listedTools } from "./tools.ts";

/** A database as the first km left it: a run, a call in its rollups, a tool. */
const M001_ROWS = `
  INSERT INTO runs VALUES (1, 'run-1', 'files', '["node"]', NULL, 7, ${NOON_US}, NULL, NULL, 'tester', NULL, NULL, NULL, NULL, 9, 'x', 'h');
  INSERT INTO shapes VALUES (1, 1, NULL, 7, NULL, NULL);
  INSERT INTO events (seq, id, time_us, shape, flags, size) VALUES (1, x'0199d000000070008000000000000001', ${NOON_US}, 1, 0, 0);
  INSERT INTO series VALUES (1, 'files', 'tester', 'tools/call', 'read', 1);
  INSERT INTO rollups SELECT value, ${
  NOON_US / 1e6
} / value * value, 1, 3, 10, 20, 5, ${NOON_US}, x'' FROM json_each('[60, 3600, 86400]');
  INSERT INTO tools VALUES ('files', 'read', 400, 100, x'${
  "0a".repeat(32)
}', ${NOON_US}, ${NOON_US}, ${NOON_US});`;
/** How the first km wrote a tool. */
const M001_WRITE_TOOL = `
  INSERT INTO tools VALUES (?, ?, ?, ?, ?, ?, ?, NULL)
  ON CONFLICT DO UPDATE SET definition_bytes = excluded.definition_bytes, definition_tokens = excluded.definition_tokens,
    sha256 = excluded.sha256, last_listed_us = max(last_listed_us, excluded.last_listed_us)`;

function makeOldStore(path: string): void {
  using db = openDatabase(path, { mode: "write", migrations: MIGRATIONS.slice(0, 1) });
  db.exec(M001_ROWS);
  assert.equal(schemaVersion(db), 1);
}

Deno.test.each(["read", "write"] as const)(
  "openDatabase() to %s migrates a store of m001, which keeps its data",
  (mode) => {
    verifies("store-migrations");
    using folder = new TempFolder();
    makeOldStore(folder.databasePath);
    using db = openDatabase(folder.databasePath, { mode });
    assert.equal(schemaVersion(db), MIGRATIONS.length);
    assert.equal(listEvents(db, {}, 10).length, 1);
    const range = { sinceUs: NOON_US - MINUTE_US, untilUs: NOON_US + MINUTE_US };
    assert.deepEqual(readStats(db, { ...range, by: "tool" }).map(({ key, calls }) => [key, calls]), [[
      "read",
      3,
    ]]);
    const [tool] = listedTools(db);
    assert.deepEqual([tool?.tool, tool?.definitionBytes, tool?.changedUs, tool?.previousSha256], [
      "read",
      400,
      null,
      null,
    ]);
  },
);

Deno.test("a km of m001 that still runs goes on writing tools after the migration, and their changes are seen", () => {
  verifies("store-migrations");
  using folder = new TempFolder();
  makeOldStore(folder.databasePath);
  // As a monitor that began before the update: it opened the file when it was of m001, and never looks again.
  const old = new DatabaseSync(folder.databasePath);
  using _closed = { [Symbol.dispose]: () => old.close() };
  const write = old.prepare(M001_WRITE_TOOL);
  using db = openDatabase(folder.databasePath, { mode: "write" });
  const later = NOON_US + MINUTE_US;
  write.run("files", "read", 500, 120, new Uint8Array(32).fill(11), later, later);
  const [tool] = listedTools(db);
  assert.deepEqual([tool?.definitionBytes, tool?.changedUs, tool?.previousSha256], [
    500,
    later,
    "0a".repeat(32),
  ]);
});
