/** A process of its own that writes: `testing_writer.ts <database> <correlation id> <batches>`. Not part of the program. @module */
import { KmError } from "../core/error.ts";
import type { Batch } from "../core/event.ts";
import { openDatabase } from "./database.ts";
import { EventWriter } from "./event_writer.ts";
import { indexPending } from "./search.ts";
import { makeCall, makeRun, NOON_US } from "./testing.ts";

function appendPatiently(writer: EventWriter, batch: Batch): void {
  for (;;) {
    try {
      return writer.append(batch);
    } catch (error) {
      if (!(error instanceof KmError) || error.code !== "store_locked") throw error;
    }
  }
}

if (import.meta.main) {
  const [path = "", correlationId = "", batches = "0"] = Deno.args;
  using db = openDatabase(path, { mode: "write", busyTimeoutMs: 5000 });
  const writer = new EventWriter(db);
  for (let i = 0; i < Number(batches); i++) {
    const calls = Array.from({ length: 5 }, (_, j) => makeCall(NOON_US + (i * 5 + j) * 1000));
    appendPatiently(writer, {
      run: makeRun({ correlationId }),
      events: calls.flatMap((call) => [call.request, call.response]),
      calls: calls.map((call) => call.change),
      tools: [],
    });
    if (i % 8 === 0) indexPending(db, { maxEvents: 1000 });
  }
}
