/// <reference lib="deno.worker" />
/** Runs in the tail's thread. @module */
import type { FromTail, ToTail } from "./tail_messages.ts";
import { TailReader } from "./tail_reader.ts";

const scope = self as unknown as DedicatedWorkerGlobalScope; // as: this module runs only as a worker
let reader: TailReader | null = null;

scope.onmessage = ({ data }: MessageEvent<ToTail>) => {
  if (data.kind !== "open") return reader?.handle(data);
  reader = new TailReader({
    path: data.path,
    post: (message: FromTail, transfer) => scope.postMessage(message, transfer),
  });
};
