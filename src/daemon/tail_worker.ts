/** Runs in the tail's thread. @module */
import { type MessagePort, parentPort } from "node:worker_threads";
import type { ToTail } from "./tail_messages.ts";
import { TailReader } from "./tail_reader.ts";

const port = parentPort as MessagePort; // as: this module runs only as a thread
let reader: TailReader | null = null;

port.on("message", (message: ToTail) => {
  if (message.kind !== "open") return reader?.handle(message);
  reader = new TailReader({
    path: message.path,
    post: (answer, transfer) => port.postMessage(answer, transfer),
  });
});
