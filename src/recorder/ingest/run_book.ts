/** The runs that are being sent: the last ones in memory, older ones found again in the store. @module */
import type { Database } from "../../store/database.ts";
import { findIngestedRun, listOpenCalls } from "../../store/ingested_runs.ts";
import { type IngestDeps, IngestedRun, isStart } from "./ingested_run.ts";
import type { ReadEvent } from "./read_body.ts";

/** Runs remembered: about 2 KB each while nothing is open. */
const MAX_RUNS = 2_000;
/** Open calls remembered in all of them: about 300 bytes each. */
const MAX_OPEN_CALLS = 100_000;
/** Memory of answers in all of them whose questions have not come. */
const MAX_EARLY_BYTES = 16 * 1024 * 1024;

export class RunBook {
  readonly #deps: IngestDeps;
  /** Last used last. */
  readonly #runs = new Map<string, IngestedRun>();
  #last: { readonly key: string; readonly run: IngestedRun } | null = null;

  constructor(deps: IngestDeps) {
    this.#deps = deps;
  }

  /** The run that `event` of `origin` belongs to. Inside a transaction. */
  find(event: ReadEvent, origin: string, db: Database): IngestedRun {
    const { correlationId, server } = event.sent;
    const key = `${origin.length} ${correlationId.length} ${origin}${correlationId}${server}`;
    const run = this.#last !== null && this.#last.key === key
      ? this.#last.run
      : this.#runs.get(key) ?? this.#load(event, origin, db);
    // A correlation id may name several runs: after the end, a start is another one's.
    const next = isStart(event) && run.run.endedUs !== null && run.run.endedUs <= event.sent.timeUs
      ? IngestedRun.begin(event, this.#deps)
      : run;
    if (this.#last?.run !== next) this.#use(key, next);
    return next;
  }

  /** Forgets everything: what is in memory was perhaps never written. */
  clear(): void {
    this.#runs.clear();
    this.#last = null;
  }

  /** Forgets the runs that were not used for the longest time. Between transactions. */
  shrink(): void {
    let open = 0;
    let earlyBytes = 0;
    for (const run of this.#runs.values()) {
      open += run.openCalls;
      earlyBytes += run.earlyBytes;
    }
    for (const [key, run] of this.#runs) {
      if (this.#runs.size <= MAX_RUNS && open <= MAX_OPEN_CALLS && earlyBytes <= MAX_EARLY_BYTES) return;
      open -= run.openCalls;
      earlyBytes -= run.earlyBytes;
      this.#runs.delete(key);
      if (this.#last?.run === run) this.#last = null;
    }
  }

  #use(key: string, run: IngestedRun): void {
    this.#runs.delete(key);
    this.#runs.set(key, run);
    this.#last = { key, run };
  }

  #load(event: ReadEvent, origin: string, db: Database): IngestedRun {
    const server = this.#deps.names.clean(event.sent.server);
    const stored = findIngestedRun(db, { correlationId: event.sent.correlationId, server, origin });
    if (stored === null) return IngestedRun.begin(event, this.#deps);
    const run = new IngestedRun(stored.run, this.#deps);
    run.restore(listOpenCalls(db, stored.id));
    return run;
  }
}
