/// <reference lib="deno.worker" />
/** Runs in a thread that answers questions: one open database, one question after another. @module */
import { answerQuery } from "../api/queries.ts";
import { type ErrorCode, KmError } from "../core/error.ts";
import { type Database, openDatabase } from "../store/database.ts";
import { fileIdentity } from "../store/database_file.ts";
import type { AnswerMessage, QueryMessage, QueryStart } from "./query_messages.ts";

/** Answers that say nothing about the database. */
const HARMLESS: readonly ErrorCode[] = ["not_found", "ambiguous", "usage"];

const scope = self as unknown as DedicatedWorkerGlobalScope; // as: this module runs only as a worker
const encoder = new TextEncoder();
let start: QueryStart = { database: "", cacheKib: 0 };
let open: { readonly database: Database; readonly file: string | null } | null = null;

scope.onmessage = ({ data }: MessageEvent<QueryStart | QueryMessage>) => {
  if ("id" in data) answer(data);
  else start = data;
};

function answer({ id, name, args }: QueryMessage): void {
  try {
    const json = encoder.encode(answerQuery(currentDatabase(), name, args as never)); // as: checked by QueryThread.query
    scope.postMessage({ id, json } satisfies AnswerMessage, [json.buffer]);
  } catch (error) {
    const { code, message, hint } = error instanceof KmError ? error : new KmError("internal", String(error));
    // A damaged or vanished file may be mended or replaced: a fresh handle finds out.
    if (!HARMLESS.includes(code)) close();
    scope.postMessage({ id, error: { code, message, hint } } satisfies AnswerMessage);
  }
}

/** The database that is at the path now: one that was removed or replaced holds what nobody writes any more. */
function currentDatabase(): Database {
  const file = fileIdentity(start.database);
  if (open !== null && open.file !== file) close();
  open ??= { database: openOrMake(), file };
  return open.database;
}

/** Somebody deleted it: there is nothing, which is no failure. A home that is gone is one, and ends the daemon. */
function openOrMake(): Database {
  const { database, cacheKib } = start;
  if (fileIdentity(database) === null) {
    openDatabase(database, { mode: "write", makesFolder: false })[Symbol.dispose]();
  }
  return openDatabase(database, { mode: "read", cacheKib });
}

function close(): void {
  open?.database[Symbol.dispose]();
  open = null;
}
