/** What was recorded, and whether it is sound. @module */

import { readEnv } from "../../config/environment.ts";
import { KmError } from "../../core/error.ts";
import { type Database, openDatabase } from "../../store/database.ts";
import { checkIntegrity, type KnownServer, knownServers, readSummary } from "../../store/summary.ts";
import { findProgram } from "../find_program.ts";
import { formatBytes, plural } from "../../core/quantity.ts";
import { type Check, fail, ok, warn } from "./check.ts";
import { closing, modeOf, openToOthers } from "./file_modes.ts";

/** A recorder holds the lock for less than 100 ms; who holds it longer than this keeps others from recording, in ms. */
const WRITE_PATIENCE_MS = 2000;

/** Runs all checks of this file. */
export function storeChecks(path: string): Check[] {
  try {
    using db = openDatabase(path, { mode: "read" });
    return [
      permissionCheck(path),
      contentCheck(db, path),
      writeCheck(path),
      integrityCheck(db),
      ...knownServers(db).map((server) => serverCheck(server)),
    ];
  } catch (error) {
    if (!(error instanceof KmError)) throw error;
    if (error.code === "not_found") return [ok("database", "nothing recorded yet")];
    return [fail("database", error.message, error.hint ?? "move the file away; km makes a new one")];
  }
}

function permissionCheck(path: string): Check {
  const files = [path, `${path}-wal`, `${path}-shm`].filter((file) => openToOthers(modeOf(file)));
  if (files.length === 0) return ok("database.permissions", "only you can read it");
  return warn(
    "database.permissions",
    `others can read ${files.join(", ")}`,
    `chmod 600 ${files.join(" ")}`,
    closing(files),
  );
}

function contentCheck(db: Database, path: string): Check {
  const { events, runs, sizeBytes, oldest } = readSummary(db);
  const since = oldest === null ? "" : ` since ${oldest.slice(0, 10)}`;
  return ok(
    "database",
    `${path}: ${plural(events, "event")} of ${plural(runs, "run")}${since}, ${formatBytes(sizeBytes)}`,
  );
}

/** Tries what every recording does, and takes it back. */
function writeCheck(path: string): Check {
  try {
    using db = openDatabase(path, { mode: "write", busyTimeoutMs: WRITE_PATIENCE_MS, keepsModes: true });
    db.exec("BEGIN IMMEDIATE");
    db.exec("UPDATE meta SET value = value");
    db.exec("ROLLBACK");
    return ok("database.writable", "a write was tried and taken back");
  } catch (error) {
    if (!(error instanceof KmError)) throw error;
    return fail(
      "database.writable",
      `nothing is recorded: ${error.message}`,
      error.hint ?? "see the message",
    );
  }
}

function integrityCheck(db: Database): Check {
  const problems = checkIntegrity(db);
  if (problems.length === 0) return ok("database.integrity", "sound");
  return fail(
    "database.integrity",
    problems.slice(0, 3).join("; "),
    "save what can be read with km export > saved.jsonl, then move the database away",
  );
}

/** A client may have another PATH than this shell, so a missing program is no more than a warning. */
function serverCheck({ server, command }: KnownServer): Check {
  const name = `server.${server}`;
  const program = firstWord(command);
  if (program === undefined) return warn(name, "its command is not known", "start it once more through km");
  const found = findProgram(program);
  if (found !== undefined) return ok(name, found === program ? program : `${program} is ${found}`);
  return warn(
    name,
    `"${program}" is not on PATH`,
    program.includes("/")
      ? "the file is gone: correct the client's configuration"
      : `give its full path in the client's configuration (PATH here: ${readEnv("PATH") ?? "empty"})`,
  );
}

function firstWord(command: string): string | undefined {
  try {
    const words: unknown = JSON.parse(command);
    return Array.isArray(words) && typeof words[0] === "string" ? words[0] : undefined;
  } catch {
    return undefined;
  }
}
