import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { verifies } from "../../tests/verifies.ts";
import { type ErrorCode, KmError } from "../core/error.ts";
import { openDatabase, schemaVersion } from "./database.ts";
import { APPLICATION_ID } from "./database_file.ts";
import { EventWriter } from "./event_writer.ts";
import { type Migration, MIGRATIONS, SCHEMA_VERSION } from "./migrations.ts";
import { checkIntegrity } from "./summary.ts";
import { makeCall, makeRun, NOON_US, TempFolder } from "./testing.ts";

const NEXT: Migration = {
  name: "m999_colours",
  sql: "CREATE TABLE colours (name TEXT) STRICT; INSERT INTO colours VALUES ('red')",
};

function refuses(work: () => unknown, code: ErrorCode): KmError {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof KmError, String(error));
    assert.equal(error.code, code, error.message);
    return error;
  }
  assert.fail(`nothing was refused, expected ${code}`);
}

function modeOf(path: string): string {
  return ((Deno.statSync(path).mode ?? 0) & 0o777).toString(8);
}

function filesOf(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map((entry) => entry.name).sort();
}

Deno.test("openDatabase() makes the folder 0700 and every file 0600", () => {
  verifies("store-permissions");
  using folder = new TempFolder();
  const home = join(folder.path, "deep", "home");
  using db = openDatabase(join(home, "km.db"), { mode: "write" });
  new EventWriter(db).append({ run: makeRun(), events: [], calls: [], tools: [] });
  assert.equal(modeOf(home), "700");
  assert.deepEqual(filesOf(home), ["km.db", "km.db-shm", "km.db-wal"]);
  for (const name of filesOf(home)) assert.equal(modeOf(join(home, name)), "600", name);
});

Deno.test("openDatabase() narrows a folder and a file that others could read", () => {
  verifies("store-permissions");
  using folder = new TempFolder();
  openDatabase(folder.databasePath, { mode: "write" })[Symbol.dispose]();
  Deno.chmodSync(folder.path, 0o755);
  Deno.chmodSync(folder.databasePath, 0o644);
  openDatabase(folder.databasePath, { mode: "write" })[Symbol.dispose]();
  assert.deepEqual([modeOf(folder.path), modeOf(folder.databasePath)], ["700", "600"]);
});

Deno.test("openDatabase() writes down which migrations ran", () => {
  verifies("store-migrations");
  using folder = new TempFolder();
  using db = openDatabase(folder.databasePath, { mode: "write" });
  assert.equal(schemaVersion(db), SCHEMA_VERSION);
  const names = db.all<{ name: string }>("SELECT name FROM migrations ORDER BY version").map((row) =>
    row.name
  );
  assert.deepEqual(names, MIGRATIONS.map((migration) => migration.name));
  assert.equal(db.get<{ journal_mode: string }>("PRAGMA journal_mode")?.journal_mode, "wal");
});

for (const mode of ["write", "read"] as const) {
  Deno.test(`openDatabase() in ${mode} mode brings an older database up to date and keeps its data`, () => {
    verifies("store-migrations");
    using folder = new TempFolder();
    {
      using db = openDatabase(folder.databasePath, { mode: "write" });
      new EventWriter(db).append({
        run: makeRun(),
        tools: [],
        events: [makeCall(NOON_US).request],
        calls: [],
      });
    }
    using db = openDatabase(folder.databasePath, { mode, migrations: [...MIGRATIONS, NEXT] });
    assert.equal(schemaVersion(db), SCHEMA_VERSION + 1);
    assert.deepEqual(
      db.all("SELECT (SELECT count(*) FROM events) AS events, name FROM colours").map((row) => ({ ...row })),
      [
        { events: 1, name: "red" },
      ],
    );
  });

  Deno.test(`openDatabase() in ${mode} mode refuses a newer database and touches nothing`, () => {
    verifies("store-newer-refused");
    using folder = new TempFolder();
    openDatabase(folder.databasePath, { mode: "write", migrations: [...MIGRATIONS, NEXT] })[Symbol.dispose]();
    const before = Deno.readFileSync(folder.databasePath);
    const error = refuses(() => openDatabase(folder.databasePath, { mode }), "store_newer");
    assert.match(error.message, /a newer km made it/);
    assert.deepEqual(Deno.readFileSync(folder.databasePath), before);
    assert.deepEqual(filesOf(folder.path), ["km.db"]);
  });
}

Deno.test("openDatabase() undoes a migration that fails, all of it", () => {
  verifies("store-migrations");
  using folder = new TempFolder();
  openDatabase(folder.databasePath, { mode: "write" })[Symbol.dispose]();
  const broken = { name: "m999_broken", sql: "CREATE TABLE half (x) ; INSERT INTO nowhere VALUES (1)" };
  assert.throws(() =>
    openDatabase(folder.databasePath, { mode: "write", migrations: [...MIGRATIONS, broken] })
  );
  using db = openDatabase(folder.databasePath, { mode: "write" });
  assert.equal(schemaVersion(db), SCHEMA_VERSION);
  assert.equal(db.get("SELECT 1 FROM sqlite_schema WHERE name = 'half'"), undefined);
});

Deno.test("openDatabase() in read mode makes nothing and says what to do", () => {
  using folder = new TempFolder();
  const error = refuses(
    () => openDatabase(join(folder.path, "none", "km.db"), { mode: "read" }),
    "not_found",
  );
  assert.match(error.hint ?? "", /nothing recorded yet/);
  assert.deepEqual(filesOf(folder.path), []);
});

Deno.test("openDatabase() says that a file is no database, and leaves it as it is", () => {
  using folder = new TempFolder();
  const text = "this is not a database, but somebody's diary\n".repeat(200);
  Deno.writeTextFileSync(folder.databasePath, text);
  for (const mode of ["write", "read"] as const) {
    refuses(() => openDatabase(folder.databasePath, { mode }), "store_corrupt");
  }
  assert.equal(Deno.readTextFileSync(folder.databasePath), text);
  assert.deepEqual(filesOf(folder.path), ["km.db"]);
});

const OTHER_DATABASES = {
  "another program's, without a version": "CREATE TABLE diary (day TEXT)",
  "another program's, with a version": "CREATE TABLE diary (day TEXT); PRAGMA user_version = 1",
  "another program's, with a high version": "CREATE TABLE diary (day TEXT); PRAGMA user_version = 99",
  "one marked as km's, without its tables":
    `CREATE TABLE diary (day TEXT); PRAGMA user_version = ${SCHEMA_VERSION}; PRAGMA application_id = ${APPLICATION_ID}`,
};

for (const [name, sql] of Object.entries(OTHER_DATABASES)) {
  Deno.test(`openDatabase() refuses ${name}, and leaves it as it is`, () => {
    using folder = new TempFolder();
    const other = new DatabaseSync(folder.databasePath);
    other.exec(sql);
    other.close();
    const tables = () => {
      using sqlite = new DatabaseSync(folder.databasePath, { readOnly: true });
      return sqlite.prepare("SELECT name FROM sqlite_schema").all().map((row) => row.name);
    };
    for (const mode of ["write", "read"] as const) {
      const error = refuses(() => openDatabase(folder.databasePath, { mode }), "store_corrupt");
      assert.match(error.message, /its tables are not those of this km/);
      assert.match(error.hint ?? "", /move it away/);
    }
    assert.deepEqual(tables(), ["diary"]);
  });
}

Deno.test("openDatabase() refuses tables of the same version but another shape", () => {
  verifies("store-migrations");
  using folder = new TempFolder();
  const earlier = MIGRATIONS.map((migration) => ({
    ...migration,
    sql: `${migration.sql}; CREATE TABLE ${migration.name}_old (x)`,
  }));
  openDatabase(folder.databasePath, { mode: "write", migrations: earlier })[Symbol.dispose]();
  for (const mode of ["write", "read"] as const) {
    const error = refuses(() => openDatabase(folder.databasePath, { mode }), "store_corrupt");
    assert.match(error.message, /its tables are not those of this km/);
  }
});

Deno.test("Database.all() says that a damaged file is damaged", () => {
  using folder = new TempFolder();
  openDatabase(folder.databasePath, { mode: "write" })[Symbol.dispose]();
  const bytes = Deno.readFileSync(folder.databasePath);
  bytes.fill(0xaa, 4096);
  Deno.writeFileSync(folder.databasePath, bytes);
  refuses(() => {
    using db = openDatabase(folder.databasePath, { mode: "write" });
    new EventWriter(db).append({ run: makeRun(), events: [], calls: [], tools: [] });
  }, "store_corrupt");
});

Deno.test("openDatabase() refuses a symbolic link", () => {
  verifies("store-permissions");
  using folder = new TempFolder();
  const target = join(folder.path, "target.db");
  Deno.writeTextFileSync(target, "");
  Deno.symlinkSync(target, folder.databasePath);
  const error = refuses(() => openDatabase(folder.databasePath, { mode: "write" }), "store_unavailable");
  assert.match(error.message, /symbolic link/);
  assert.equal(Deno.readTextFileSync(target), "");
});

Deno.test({
  name: "openDatabase() refuses a folder of another user",
  ignore: Deno.uid() !== 0,
  fn() {
    verifies("store-permissions");
    using folder = new TempFolder();
    Deno.chownSync(folder.path, 12345, 12345);
    const error = refuses(() => openDatabase(folder.databasePath, { mode: "write" }), "store_unavailable");
    assert.match(error.message, /belongs to another user/);
    assert.deepEqual(filesOf(folder.path), []);
  },
});

Deno.test("openDatabase() says that a folder cannot be made", () => {
  using folder = new TempFolder();
  const file = join(folder.path, "file");
  Deno.writeTextFileSync(file, "");
  refuses(() => openDatabase(join(file, "km.db"), { mode: "write" }), "store_unavailable");
  refuses(() => openDatabase(join(file, "km.db"), { mode: "read" }), "not_found");
});

Deno.test("Database.transaction() says that another process holds the lock, and works when it is gone", () => {
  using folder = new TempFolder();
  using db = openDatabase(folder.databasePath, { mode: "write", busyTimeoutMs: 1 });
  const other = new DatabaseSync(folder.databasePath);
  other.exec("BEGIN IMMEDIATE");
  refuses(() => db.transaction(() => {}), "store_locked");
  other.exec("ROLLBACK");
  other.close();
  assert.equal(db.transaction(() => 42), 42);
  assert.deepEqual(checkIntegrity(db), []);
});
