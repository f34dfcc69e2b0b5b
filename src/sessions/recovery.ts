/** What a daemon does about the sessions of the one before it, before it starts any of its own. @module */
import { systemClock } from "../core/clock.ts";
import { KmError } from "../core/error.ts";
import type { RecoveryReport } from "../store/session_recovery.ts";
import { recoveryLines } from "./recovery_lines.ts";
import type { SessionRecord } from "./record.ts";

/** A store that refused is asked again after this long, in ms. */
const AGAIN_MS = 1000;

export interface RecoveryDeps {
  readonly record: SessionRecord;
  readonly log: (line: string) => void;
}

/** Under way until the store has taken it: what is locked or full at the start will not be for ever. */
export class Recovery implements Disposable {
  readonly #deps: RecoveryDeps;
  /** What the last end left, and what was done about it. Rejects when this is disposed of before. */
  readonly report: Promise<RecoveryReport>;
  readonly #firstTry = Promise.withResolvers<void>();
  #refusal: KmError | null = null;
  #isOver = false;
  #wake: () => void = () => {};

  constructor(deps: RecoveryDeps) {
    this.#deps = deps;
    this.report = this.#run().finally(() => this.#firstTry.resolve());
    this.report.then(
      (report) => recoveryLines(report).forEach(deps.log),
      (error) => deps.log(`cannot look after earlier sessions: ${error.message}`),
    );
  }

  /** A session that starts before would be taken for one of the last daemon. @throws {KmError} store_… while that could not be done */
  async mustBeDone(): Promise<void> {
    await this.#firstTry.promise;
    if (this.#refusal !== null) throw this.#refusal;
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#wake();
  }

  async #run(): Promise<RecoveryReport> {
    for (;;) {
      try {
        const report = await this.#deps.record.record("recoverSessions", systemClock.nowUs());
        this.#refusal = null;
        return report;
      } catch (error) {
        if (this.#isOver || !(error instanceof KmError) || !error.code.startsWith("store_")) throw error;
        if (this.#refusal === null) {
          this.#deps.log(`cannot look after earlier sessions for now: ${error.message}`);
        }
        this.#refusal = error;
        this.#firstTry.resolve();
        await this.#pause();
      }
    }
  }

  async #pause(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, AGAIN_MS);
    this.#wake = resolve;
    await promise;
    clearTimeout(timer);
  }
}
