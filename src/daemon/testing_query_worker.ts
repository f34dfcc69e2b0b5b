/// <reference lib="deno.worker" />
/** A thread for tests of `QueryLane`: does what the question's arguments say. Not part of the program. @module */
import type { QueryMessage, QueryStart } from "./query_messages.ts";

const scope = self as unknown as DedicatedWorkerGlobalScope; // as: this module runs only as a worker
let asked = 0;

scope.onmessage = ({ data }: MessageEvent<QueryStart | QueryMessage>) => {
  if (!("id" in data)) return;
  asked++;
  switch (data.args) {
    case "crash":
      throw new Error("broken on purpose");
    case "hang":
      return;
    default:
      // Which question it is for this thread: a new thread begins with 1.
      scope.postMessage({ id: data.id, json: new TextEncoder().encode(`${data.args} ${asked}`) });
  }
};
