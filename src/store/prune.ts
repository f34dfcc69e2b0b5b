/** Deletes what is old, what is too much, or everything, while others go on recording. @module */
import { addRemoved, NOTHING_REMOVED, type Removed } from "../core/removed.ts";
import { openDatabase } from "./database.ts";
import { eraseLeftovers, wipeFreePages } from "./erase.ts";
import { lastSeq } from "./last_seq.ts";
import { pruneStep } from "./retention.ts";

/** What somebody asks to be deleted; nothing given: what the settings say. */
export interface PruneRequest {
  readonly olderThanMs?: number | undefined;
  readonly maxBytes?: number | undefined;
  readonly all?: boolean | undefined;
}

/** What goes. */
export interface PruneLimits {
  readonly olderThanUs?: number;
  readonly maxBytes?: number;
  /** True: all that was recorded goes, whatever its time, statistics and names too, and nothing deleted stays readable in the file. */
  readonly erase: boolean;
}

/** What went. */
export interface Pruned extends Removed {
  /** With `erase`: false when deleted bytes may still be in the file, because another program uses it. */
  readonly wiped?: boolean;
}

/** Events deleted in one transaction: about 20 ms. */
const STEP_EVENTS = 2000;
/** Shortest and longest pause after a step, in ms: who waits for the lock looks again every 25 ms at first. */
const LEAST_PAUSE_MS = 2;
const LONGEST_PAUSE_MS = 50;
/** How long to wait for somebody else's transaction, in ms. */
const LOCK_MS = 5000;
const DAY_US = 86_400_000_000;

/** What a request means now. */
export function pruneLimits(
  { olderThanMs, maxBytes, all = false }: PruneRequest,
  options: {
    readonly nowUs: number;
    /** Asked only when it counts. */
    readonly retention: () => { readonly days: number; readonly maxBytes: number | null };
  },
): PruneLimits {
  const { nowUs } = options;
  if (all) return { olderThanUs: nowUs, erase: true };
  if (olderThanMs === undefined && maxBytes === undefined) {
    const retention = options.retention();
    return {
      erase: false,
      ...(retention.days > 0 && { olderThanUs: nowUs - retention.days * DAY_US }),
      ...(retention.maxBytes !== null && { maxBytes: retention.maxBytes }),
    };
  }
  return {
    erase: false,
    ...(olderThanMs !== undefined && { olderThanUs: nowUs - olderThanMs * 1000 }),
    ...(maxBytes !== undefined && { maxBytes }),
  };
}

/** Deletes it from the database at `path`, in steps that let others write in between. @throws {KmError} store_… */
export async function pruneStore(path: string, { erase, ...limits }: PruneLimits): Promise<Pruned> {
  using db = openDatabase(path, { mode: "write", busyTimeoutMs: LOCK_MS });
  // What is recorded from now on stays.
  const untilSeq = erase ? lastSeq(db) : undefined;
  let removed = NOTHING_REMOVED;
  for (;;) {
    const started = performance.now();
    const step = pruneStep(db, { ...limits, untilSeq, maxEvents: STEP_EVENTS });
    removed = addRemoved(removed, step);
    if (step.done) break;
    await pause(Math.min(LONGEST_PAUSE_MS, Math.max(LEAST_PAUSE_MS, performance.now() - started)));
  }
  if (!erase) return removed;
  eraseLeftovers(db);
  return { ...removed, wiped: wipeFreePages(db) };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
