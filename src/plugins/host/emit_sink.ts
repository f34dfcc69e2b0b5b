/** What plugins gave back, on its way into the database: in batches, off the path of messages; bounded while the database cannot take it. @module */
import type { PluginEmit } from "../../core/plugin.ts";
import type { Timers } from "./timers.ts";

const FLUSH_MS = 200;
/** At one go: a transaction keeps other writers waiting. */
const FLUSH_EMITS = 200;
const MAX_WAITING = 20_000;
const RETRY_MS = 1_000;

export class EmitSink {
  readonly #write: (emits: readonly PluginEmit[]) => void;
  readonly #timers: Timers;
  #waiting: PluginEmit[] = [];
  #timer: unknown = null;
  #lost = 0;

  /** `write` stores them all or throws. */
  constructor(write: (emits: readonly PluginEmit[]) => void, timers: Timers) {
    this.#write = write;
    this.#timers = timers;
  }

  /** How many could not be kept. */
  get lost(): number {
    return this.#lost;
  }

  /** False when there is no room. */
  add(emit: PluginEmit): boolean {
    if (this.#waiting.length >= MAX_WAITING) {
      this.#lost++;
      return false;
    }
    this.#waiting.push(emit);
    this.#timer ??= this.#timers.set(() => this.#flushSome(), FLUSH_MS);
    return true;
  }

  /** Writes all that waits, once; what cannot be written is lost. */
  close(): void {
    if (this.#timer !== null) this.#timers.clear(this.#timer);
    while (this.#waiting.length > 0) {
      if (!this.#writeSome()) break;
    }
    this.#lost += this.#waiting.length;
    this.#waiting = [];
  }

  #flushSome(): void {
    this.#timer = null;
    const isWritten = this.#writeSome();
    if (this.#waiting.length === 0) return;
    this.#timer = this.#timers.set(() => this.#flushSome(), isWritten ? 1 : RETRY_MS);
  }

  #writeSome(): boolean {
    const some = this.#waiting.slice(0, FLUSH_EMITS);
    try {
      this.#write(some);
    } catch {
      return false; // The database is locked or full: later.
    }
    this.#waiting = this.#waiting.slice(some.length);
    return true;
  }
}
