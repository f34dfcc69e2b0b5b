/// <reference lib="deno.worker" />
/** Runs in the query thread: one open database, one question after another. @module */
import { answerQuery } from "../api/queries.ts";
import { KmError } from "../core/error.ts";
import { type Database, openDatabase } from "../store/database.ts";
import type { AnswerMessage, QueryMessage } from "./query_thread.ts";

/** Stats and lists of a large store touch many pages again and again, in KiB. */
const CACHE_KIB = 32 * 1024;

const scope = self as unknown as DedicatedWorkerGlobalScope; // as: this module runs only as a worker
const encoder = new TextEncoder();
let path = "";
let database: Database | null = null;

scope.onmessage = ({ data }: MessageEvent<string | QueryMessage>) => {
  if (typeof data === "string") path = data;
  else answer(data);
};

function answer({ id, name, args }: QueryMessage): void {
  try {
    database ??= openDatabase(path, { mode: "read", cacheKib: CACHE_KIB });
    const json = encoder.encode(answerQuery(database, name, args as never)); // as: checked by QueryThread.query
    scope.postMessage({ id, json } satisfies AnswerMessage, [json.buffer]);
  } catch (error) {
    const { code, message, hint } = error instanceof KmError ? error : new KmError("internal", String(error));
    scope.postMessage({ id, error: { code, message, hint } } satisfies AnswerMessage);
  }
}
