/** Opening the database. The one place that holds a `DatabaseSync`; its errors leave as KmError. @module */
import { createHash } from "node:crypto";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { KmError } from "../core/error.ts";
import { APPLICATION_ID, inspectFile, otherTables, prepareFile, readHeaderVersion } from "./database_file.ts";
import { type Migration, MIGRATIONS } from "./migrations.ts";
import { toStoreError } from "./sqlite_error.ts";

/** What can be bound to a statement. */
export type SqlValue = SQLInputValue;
/** A row as it comes: the query knows its columns, so readers name their type. */
export type Row = Record<string, string | number | Uint8Array | null>;

export interface OpenOptions {
  /** `write` makes what is missing and migrates; `read` changes nothing. */
  readonly mode: "write" | "read";
  /** False: a folder that is missing stays so, and nothing can be opened in it. */
  readonly makesFolder?: boolean | undefined;
  /** True: what others may do with the file and its folder stays, for a check that is to change nothing. There must be a file. */
  readonly keepsModes?: boolean;
  /** How long a statement waits for another process's lock, in ms. It blocks the thread. */
  readonly busyTimeoutMs?: number;
  /** Memory for pages, in KiB. */
  readonly cacheKib?: number;
  /** The schema to bring the file to; only tests give another. */
  readonly migrations?: readonly Migration[];
}

/** Long enough for another process's largest batch (77 ms at most, measured 2026-11-21), short enough to come back and queue. */
const DEFAULT_BUSY_TIMEOUT_MS = 250;
const DEFAULT_CACHE_KIB = 8 * 1024;
/** The write-ahead log is written back at this many pages (16 MB): a quarter of the waits for the disk of SQLite's 1,000. */
const CHECKPOINT_PAGES = 4000;
/** The write-ahead log is cut back to this after a checkpoint, in bytes. */
const JOURNAL_LIMIT_BYTES = 16 * 1024 * 1024;

/** An open database. Not for two threads. */
export class Database implements Disposable {
  readonly path: string;
  readonly #sqlite: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(sqlite: DatabaseSync, path: string) {
    this.#sqlite = sqlite;
    this.path = path;
  }

  /** Runs statements that give nothing back. */
  exec(sql: string): void {
    this.#guard(() => this.#sqlite.exec(sql));
  }

  /** Runs one statement; returns how many rows it changed. */
  run(sql: string, ...values: SqlValue[]): number {
    return this.#guard(() => Number(this.#statement(sql).run(...values).changes));
  }

  /** The first row, if any. */
  get<T = Row>(sql: string, ...values: SqlValue[]): T | undefined {
    // As: the query names its columns; `T` says which they are.
    return this.#guard(() => this.#statement(sql).get(...values) as T | undefined);
  }

  /** All rows. */
  all<T = Row>(sql: string, ...values: SqlValue[]): T[] {
    // As: see `get`.
    return this.#guard(() => this.#statement(sql).all(...values) as T[]);
  }

  /** The compiled statement itself, for the one hot loop (inserting events). Its errors are SQLite's own. */
  statement(sql: string): StatementSync {
    return this.#guard(() => this.#statement(sql));
  }

  /** Runs `work` in one write transaction: all of it or nothing. @throws {KmError} store_locked when another process keeps the lock */
  transaction<T>(work: () => T): T {
    return this.#guard(() => {
      this.#sqlite.exec("BEGIN IMMEDIATE");
      try {
        const result = work();
        this.#sqlite.exec("COMMIT");
        return result;
      } catch (error) {
        if (this.#sqlite.isTransaction) this.#sqlite.exec("ROLLBACK");
        throw error;
      }
    });
  }

  /** Runs `work` on one unchanging view of the data. */
  snapshot<T>(work: () => T): T {
    return this.#guard(() => {
      this.#sqlite.exec("BEGIN");
      try {
        return work();
      } finally {
        if (this.#sqlite.isTransaction) this.#sqlite.exec("COMMIT");
      }
    });
  }

  [Symbol.dispose](): void {
    this.#statements.clear();
    if (this.#sqlite.isOpen) this.#sqlite.close();
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#sqlite.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw toStoreError(error, `Cannot use database "${this.path}"`);
    }
  }
}

/**
 * Opens the database at `path`.
 * @throws {KmError} not_found in read mode when there is none; store_newer when a newer km made it (nothing is touched);
 * store_unavailable, store_locked, store_full; store_corrupt when it is damaged or not km's (nothing is touched)
 */
export function openDatabase(path: string, options: OpenOptions): Database {
  const migrations = options.migrations ?? MIGRATIONS;
  if (inspectFile(path)) refuseNewer(path, readHeaderVersion(path), migrations.length);
  else if (options.mode === "read") throw nothingRecorded(path);
  if (options.mode === "write" && !options.keepsModes) {
    prepareFile(path, { makesFolder: options.makesFolder ?? true });
  }
  const database = connect(path, options);
  try {
    const version = checkVersion(database, migrations);
    if (options.mode === "write") configureWriter(database);
    if (version < migrations.length) {
      if (options.mode === "read") return migrateForReader(database, path, options);
      migrate(database, migrations);
    }
    checkTables(database, migrations);
    return database;
  } catch (error) {
    database[Symbol.dispose]();
    throw error;
  }
}

/** The version of the schema in the file. */
export function schemaVersion(database: Database): number {
  return Number(database.get<{ user_version: number }>("PRAGMA user_version")?.user_version);
}

/** The schema version, when the database is km's or still empty. */
function checkVersion(database: Database, migrations: readonly Migration[]): number {
  // One statement, one view: another km may be making the tables right now.
  const { version, application, tables } = database.get<Header>(
    `SELECT user_version AS version, application_id AS application, (SELECT count(*) FROM sqlite_schema) AS tables
     FROM pragma_user_version, pragma_application_id`,
  ) as Header; // as: it always gives one row
  if (version === 0 && tables === 0) return 0;
  if (application !== APPLICATION_ID || version === 0) throw otherTables(database.path);
  refuseNewer(database.path, version, migrations.length);
  return version;
}

interface Header {
  readonly version: number;
  readonly application: number;
  readonly tables: number;
}

/** Checks that the tables were made by these very migrations: one that was never released may have had another shape. */
function checkTables(database: Database, migrations: readonly Migration[]): void {
  const rows = listMigrations(database);
  const same = rows.length === migrations.length &&
    rows.every((row, index) => row.sha256.toHex() === fingerprint(migrations[index] as Migration).toHex());
  if (!same) throw otherTables(database.path);
}

function listMigrations(database: Database): { readonly sha256: Uint8Array }[] {
  try {
    return database.all("SELECT sha256 FROM migrations ORDER BY version");
  } catch (error) {
    const noSuch = error instanceof KmError && /no such (table|column)/.test(error.message);
    throw noSuch ? otherTables(database.path, error) : error;
  }
}

function fingerprint(migration: Migration): Uint8Array {
  return createHash("sha256").update(migration.sql).digest();
}

function connect(path: string, options: OpenOptions): Database {
  const timeout = options.busyTimeoutMs ?? DEFAULT_BUSY_TIMEOUT_MS;
  const readOnly = options.mode === "read";
  try {
    const database = new Database(new DatabaseSync(path, { timeout, readOnly }), path);
    database.exec(
      `PRAGMA cache_size = -${options.cacheKib ?? DEFAULT_CACHE_KIB}; PRAGMA temp_store = MEMORY`,
    );
    return database;
  } catch (error) {
    throw toStoreError(error, `Cannot open database "${path}"`);
  }
}

function configureWriter(database: Database): void {
  // Only an empty file can take the vacuum mode, and only before it becomes a WAL database.
  if (database.get<{ page_count: number }>("PRAGMA page_count")?.page_count === 0) {
    database.exec("PRAGMA auto_vacuum = INCREMENTAL");
  }
  database.exec(
    `PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
     PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}; PRAGMA journal_size_limit = ${JOURNAL_LIMIT_BYTES}`,
  );
}

/** A reader of an older file brings it up to date through a writer, then reads. */
function migrateForReader(database: Database, path: string, options: OpenOptions): Database {
  database[Symbol.dispose]();
  openDatabase(path, { ...options, mode: "write" })[Symbol.dispose]();
  return openDatabase(path, options);
}

function migrate(database: Database, migrations: readonly Migration[]): void {
  database.transaction(() => {
    database.exec(
      "CREATE TABLE IF NOT EXISTS migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 BLOB NOT NULL, run_us INTEGER NOT NULL) STRICT",
    );
    // Read again: another process may have migrated while this one waited for the lock.
    for (let version = schemaVersion(database) + 1; version <= migrations.length; version++) {
      const migration = migrations[version - 1] as Migration;
      database.exec(migration.sql);
      database.run(
        "INSERT INTO migrations VALUES (?, ?, ?, CAST(unixepoch('subsec') * 1000000 AS INTEGER))",
        version,
        migration.name,
        fingerprint(migration),
      );
      database.exec(`PRAGMA user_version = ${version}; PRAGMA application_id = ${APPLICATION_ID}`);
    }
  });
  // Into the file itself, where an older km looks before it opens anything.
  database.get("PRAGMA wal_checkpoint(PASSIVE)");
}

function refuseNewer(path: string, version: number, known: number): void {
  if (version <= known) return;
  throw new KmError(
    "store_newer",
    `Cannot open database "${path}": a newer km made it (schema ${version}, this km knows ${known})`,
    { hint: "update km, or set KM_HOME to another folder" },
  );
}

function nothingRecorded(path: string): KmError {
  return new KmError("not_found", `Cannot open database "${path}": there is none`, {
    hint: 'nothing recorded yet: put "km monitor --" in front of a server\'s command, or try "km demo"',
  });
}
