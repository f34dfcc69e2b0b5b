// deno-lint-ignore-file no-console -- a script; its output is the figures
/**
 * The recorder of `serve_streams.ts`, in a process of its own. Arguments: database, events per second. Writes a batch every 10 ms, as a
 * recorder does under load, each event with the time of its commit's beginning; ends at SIGTERM.
 * @module
 */
import type { EventRecord } from "../../src/core/event.ts";
import { openDatabase } from "../../src/store/database.ts";
import { EventWriter } from "../../src/store/event_writer.ts";
import { Traffic } from "./store_traffic.ts";

const TICK_MS = 10;
const [path = "", perSecond = "1000"] = Deno.args;
using db = openDatabase(path, { mode: "write" });
const writer = new EventWriter(db);
const traffic = new Traffic({ startUs: Date.now() * 1000, stepUs: 1000 });
const started = performance.now();
let written = 0;
let isEnding = false;
Deno.addSignalListener("SIGTERM", () => isEnding = true);
while (!isEnding) {
  const due = Math.floor((performance.now() - started) / 1000 * Number(perSecond));
  const pairs = Math.floor((due - written) / 2);
  if (pairs > 0) {
    const batch = traffic.batch(pairs);
    const timeUs = Math.round((performance.timeOrigin + performance.now()) * 1000);
    const events: EventRecord[] = batch.events.map((event) => ({ ...event, timeUs }));
    writer.append({ ...batch, events });
    written += events.length;
  }
  await new Promise((resolve) => setTimeout(resolve, TICK_MS));
}
console.log(JSON.stringify({ eventsPerSecond: written / (performance.now() - started) * 1000 }));
