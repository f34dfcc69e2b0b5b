/// <reference lib="deno.worker" />
/** Runs in the writer thread: stores what was sent, group by group; prunes when told; does the store's chores when nothing else is to do. @module */
import { systemClock } from "../core/clock.ts";
import { KmError } from "../core/error.ts";
import { createRedactor } from "../core/redact.ts";
import { addRemoved, NOTHING_REMOVED } from "../core/removed.ts";
import { writeGroup } from "../recorder/ingest/group_writer.ts";
import { Ingester } from "../recorder/ingest/ingester.ts";
import { StoreSink } from "../recorder/store_sink.ts";
import type { IngestCommand, IngestReport, IngestSettings, PruneRequest } from "./ingest_messages.ts";

/** One try to get the lock waits this long. */
const BUSY_TIMEOUT_MS = 250;
/** Ids and statistics touch pages all over a large store, in KiB. */
const CACHE_KIB = 16 * 1024;
/** Chores are done when nothing came for this long, */
const IDLE_MS = 1_000;
/** with a pause between two slices: others write, too. */
const CHORE_PAUSE_MS = 20;
/** While events come without a pause, a slice so often. */
const BUSY_CHORE_MS = 500;
/** Events grow old without a message. */
const CHORES_EVERY_MS = 60_000;

/** What the thread holds once it was told where. */
interface Writer {
  readonly sink: StoreSink;
  readonly ingester: Ingester;
}

const scope = self as unknown as DedicatedWorkerGlobalScope; // as: this module runs only as a worker
let writer: Writer | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;
let choreMs = 0;
/** How far this thread's clock is ahead of the one that tells the deadlines. */
let aheadMs = 0;

scope.onmessage = ({ data }: MessageEvent<IngestCommand>) => {
  switch (data.type) {
    case "start":
      aheadMs = performance.now() - data.nowMs;
      writer = open(data.settings);
      return planChores(IDLE_MS);
    case "change":
      if (writer !== null) writer = change(writer, data.settings);
      planChores(IDLE_MS);
      return report({ type: "changed" });
    case "store":
      if (writer === null) return;
      report({
        type: "stored",
        answers: writeGroup(writer.ingester, data.bodies, () => performance.now() - aheadMs),
      });
      if (performance.now() - choreMs > BUSY_CHORE_MS) doChores();
      return planChores(IDLE_MS);
    case "prune":
      return void prune(data.id, data.options);
    case "stop":
      clearTimeout(timer);
      writer?.sink.close();
      return report({ type: "stopped" });
  }
};

function open({ database, retention, redact, secrets, limits }: IngestSettings): Writer {
  const sink = new StoreSink(database, retention, systemClock.nowUs, {
    busyTimeoutMs: BUSY_TIMEOUT_MS,
    cacheKib: CACHE_KIB,
    makesFolder: false,
  });
  return { sink, ingester: makeIngester(sink, { redact, secrets, limits }) };
}

/** The same store with other settings. Runs under way are found again in it. */
function change({ sink }: Writer, settings: IngestSettings): Writer {
  sink.retain(settings.retention);
  return { sink, ingester: makeIngester(sink, settings) };
}

function makeIngester(
  sink: StoreSink,
  { redact, secrets, limits }: Pick<IngestSettings, "redact" | "secrets" | "limits">,
): Ingester {
  return new Ingester({ sink, redactor: redact ? createRedactor(secrets) : null, limits });
}

function planChores(delayMs: number): void {
  clearTimeout(timer);
  timer = setTimeout(() => planChores(doChores() ? CHORE_PAUSE_MS : CHORES_EVERY_MS), delayMs);
}

/** One slice; false when nothing is left to do, or the store cannot be used now. */
function doChores(): boolean {
  choreMs = performance.now();
  try {
    return writer?.sink.tidy() ?? false;
  } catch {
    return false;
  }
}

/** In slices, so that events that come meanwhile are stored between two. */
async function prune(id: number, { erase = false, ...options }: PruneRequest): Promise<void> {
  try {
    if (writer === null) throw new KmError("store_unavailable", "Cannot prune: the daemon is starting");
    const { sink } = writer;
    // What is recorded from now on stays.
    const untilSeq = erase ? sink.lastSeq() : undefined;
    let removed = NOTHING_REMOVED;
    for (let isDone = false; !isDone;) {
      const step = sink.prune({ ...options, untilSeq });
      removed = addRemoved(removed, step);
      isDone = step.done;
      await new Promise((resolve) => setTimeout(resolve));
    }
    const answer = erase ? { ...removed, wiped: sink.erase() } : removed;
    report({ type: "pruned", id, answer });
  } catch (error) {
    const { code, message, hint } = error instanceof KmError ? error : new KmError("internal", String(error));
    report({ type: "failed", id, error: { code, message, hint } });
  }
}

function report(message: IngestReport): void {
  scope.postMessage(message);
}
