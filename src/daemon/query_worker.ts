/// <reference lib="deno.worker" />
/** Runs in a thread that answers questions: one open database, one question after another. @module */
import { answerQuery } from "../api/queries.ts";
import { type ErrorCode, KmError } from "../core/error.ts";
import { type Database, openDatabase } from "../store/database.ts";
import { fileIdentity } from "../store/database_file.ts";
import type { AnswerMessage, QueryMessage } from "./query_messages.ts";

/** Stats and lists of a large store touch many pages again and again, in KiB. */
const CACHE_KIB = 32 * 1024;
/** Answers that say nothing about the database. */
const HARMLESS: readonly ErrorCode[] = ["not_found", "ambiguous", "usage"];

const scope = self as unknown as DedicatedWorkerGlobalScope; // as: this module runs only as a worker
const encoder = new TextEncoder();
let path = "";
let open: { readonly database: Database; readonly file: string | null } | null = null;

scope.onmessage = ({ data }: MessageEvent<string | QueryMessage>) => {
  if (typeof data === "string") path = data;
  else answer(data);
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
  const file = fileIdentity(path);
  if (open !== null && open.file !== file) close();
  open ??= { database: openOrMake(), file };
  return open.database;
}

/** Somebody deleted it: there is nothing, which is no failure. */
function openOrMake(): Database {
  if (fileIdentity(path) === null) openDatabase(path, { mode: "write" })[Symbol.dispose]();
  return openDatabase(path, { mode: "read", cacheKib: CACHE_KIB });
}

function close(): void {
  open?.database[Symbol.dispose]();
  open = null;
}
