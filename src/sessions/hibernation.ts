/**
 * Memory of terminals that rest. Those that got nothing for a while keep a snapshot alone (`TerminalState.hibernate`), a few at a time; whoever
 * looks at one has a terminal of their own and does not matter.
 *
 * What is thrown away does not free anything by itself: V8 collects when a thread allocates, and this one does not when it rests. 100 full
 * terminals took 245 MB after they were filled, 296 MB when they had hibernated, and 85 MB after `freeMemory`. So that is called too: when the
 * thread has been quiet for a moment, and something was thrown away that makes it worth its 50 to 300 ms.
 * @module
 */

/**
 * A terminal without output for this long hibernates, in ms. Programs that work write several times a second, and many that wait still draw a clock:
 * it would be made again all the time, 5 ms each, if this were much shorter.
 */
export const HIBERNATE_AFTER_MS = 30_000;
/** How often it is looked whether something is to be done, in ms. */
const CHECK_MS = 1000;
/** How long the thread may be busy with snapshots in one go, and the pause until the next ones, in ms. */
const SLICE_MS = 10, PAUSE_MS = 50;
/** The thread is quiet when no output came for this long, in ms; a collection holds nobody up then. */
const QUIET_MS = 2000;
/** A collection is due after this long, however much comes, in ms; and none is earlier after the one before than `MIN_COLLECT_MS`. */
const MAX_WAIT_MS = 60_000, MIN_COLLECT_MS = 10_000;
/** Output that leaves enough garbage to be worth a collection, in bytes: each leaves about ten times as much. */
const WORTH_BYTES = 2 * 1024 * 1024;

/** What of a terminal is needed here. */
export interface Resting {
  readonly isHibernating: boolean;
  readonly unusedMs: number;
  hibernate(): void;
}

export interface HibernationDeps {
  readonly terminals: () => Iterable<Resting>;
  readonly freeMemory: () => void;
  /** A clock in ms that never goes back. */
  readonly nowMs: () => number;
}

/** Call `step()`, wait for as long as it says, and again. */
export class Hibernation {
  readonly #deps: HibernationDeps;
  #outputMs = -Infinity;
  #collectedMs = -Infinity;
  /** Since when a collection would be worth it; null: it would not. */
  #worthMs: number | null = null;
  #bytes = 0;

  constructor(deps: HibernationDeps) {
    this.#deps = deps;
  }

  /** Terminals parsed so much. */
  took(bytes: number): void {
    this.#outputMs = this.#deps.nowMs();
    this.#bytes += bytes;
    if (this.#bytes >= WORTH_BYTES) this.dropped();
  }

  /** A terminal is gone. */
  dropped(): void {
    this.#worthMs ??= this.#deps.nowMs();
  }

  /** Does some of what there is to do; returns after how many ms to be called again. */
  step(): number {
    const startMs = this.#deps.nowMs();
    for (const terminal of this.#deps.terminals()) {
      if (terminal.isHibernating || terminal.unusedMs < HIBERNATE_AFTER_MS) continue;
      terminal.hibernate();
      this.dropped();
      if (this.#deps.nowMs() - startMs >= SLICE_MS) return PAUSE_MS;
    }
    if (this.#isCollectionDue(this.#deps.nowMs())) this.#collect();
    return CHECK_MS;
  }

  #isCollectionDue(nowMs: number): boolean {
    if (this.#worthMs === null || nowMs - this.#collectedMs < MIN_COLLECT_MS) return false;
    return nowMs - this.#outputMs >= QUIET_MS || nowMs - this.#worthMs >= MAX_WAIT_MS;
  }

  #collect(): void {
    this.#deps.freeMemory();
    this.#collectedMs = this.#deps.nowMs();
    this.#worthMs = null;
    this.#bytes = 0;
  }
}
