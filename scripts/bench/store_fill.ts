/** Fills a store with made-up traffic, for the benches that need a large one. @module */
import { join } from "node:path";
import { type Database, openDatabase } from "../../src/store/database.ts";
import { EventWriter } from "../../src/store/event_writer.ts";
import { indexPending } from "../../src/store/search.ts";
import { readSummary } from "../../src/store/summary.ts";
import { Traffic } from "./store_traffic.ts";

const DAY_US = 86_400 * 1e6;
/** Requests and responses of one batch, as the recorder sends them under load. */
export const BATCH_PAIRS = 500;
/** A tool that is called once, in the middle of the large store, and a word that only that call holds. */
export const RARE_TOOL = "tool_used_once";
export const RARE_WORD = "xylophone";

/** How the filling of a large store went. */
export interface Filling {
  readonly eventsPerSecond: number;
  readonly indexedPerSecond: number;
  readonly slowestStepMs: number;
  readonly sizeBytes: number;
  readonly rawBytes: number;
}

/** Fills `home`'s store with a week of traffic over ten servers; null when it has as many events already. */
export function fillLargeStore(home: string, events: number): Filling | null {
  using db = openDatabase(join(home, "km.db"), { mode: "write" });
  if (readSummary(db).events >= events) return null;
  const nowUs = Date.now() * 1000;
  const traffic = new Traffic({ startUs: nowUs - 7 * DAY_US, stepUs: Math.floor(7 * DAY_US / events) });
  const rareAt = Math.floor(events / 2 / 1000) * 1000;
  const eventsPerSecond = fill(db, traffic, events, BATCH_PAIRS, (done) => done === rareAt);
  const started = performance.now();
  let slowestStepMs = 0;
  for (let left = 1; left > 0;) {
    const before = performance.now();
    left = indexPending(db, { maxEvents: 2000 });
    slowestStepMs = Math.max(slowestStepMs, performance.now() - before);
  }
  const indexedPerSecond = events / (performance.now() - started) * 1000;
  const { sizeBytes } = readSummary(db);
  return { eventsPerSecond, indexedPerSecond, slowestStepMs, sizeBytes, rawBytes: traffic.rawBytes };
}

/** Appends `events` events; returns events per second of appending alone. */
export function fill(
  db: Database,
  traffic: Traffic,
  events: number,
  pairs: number,
  isRare?: (done: number) => boolean,
): number {
  const writer = new EventWriter(db);
  let spentMs = 0;
  for (let done = 0; done < events; done += pairs * 2) {
    const batch = isRare?.(done) ? traffic.rareBatch(pairs, RARE_TOOL, RARE_WORD) : traffic.batch(pairs);
    const started = performance.now();
    writer.append(batch);
    spentMs += performance.now() - started;
  }
  return events / spentMs * 1000;
}
