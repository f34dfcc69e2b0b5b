/**
 * What plugins gave back, on its way into the database: in batches, off the path of messages; bounded while the database cannot take it. Each plugin
 * has room of its own and its turn, so that one's flood costs no other a result.
 * @module
 */
import type { PluginEmit } from "../../core/plugin.ts";
import type { Timers } from "./timers.ts";

const FLUSH_MS = 200;
/** At one go: a transaction keeps other writers waiting. */
const FLUSH_EMITS = 200;
/** Of one plugin: so many, and so much text. */
const MAX_WAITING = 5_000;
const MAX_WAITING_CHARS: number = 8 * 1024 * 1024;
const RETRY_MS = 1_000;

interface Waiting {
  emits: PluginEmit[];
  chars: number;
}

export class EmitSink {
  readonly #write: (emits: readonly PluginEmit[]) => void;
  readonly #timers: Timers;
  /** By plugin; none is empty. */
  readonly #waiting = new Map<string, Waiting>();
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

  /** False when there is no room for more of its plugin's. */
  add(emit: PluginEmit): boolean {
    const waiting = this.#waiting.get(emit.plugin) ?? { emits: [], chars: 0 };
    const chars = charsOf(emit);
    if (waiting.emits.length >= MAX_WAITING || waiting.chars + chars > MAX_WAITING_CHARS) {
      this.#lost++;
      return false;
    }
    waiting.emits.push(emit);
    waiting.chars += chars;
    this.#waiting.set(emit.plugin, waiting);
    this.#timer ??= this.#timers.set(() => this.#flushSome(), FLUSH_MS);
    return true;
  }

  /** Writes all that waits, once; what cannot be written is lost. */
  close(): void {
    if (this.#timer !== null) this.#timers.clear(this.#timer);
    while (this.#waiting.size > 0) {
      if (!this.#writeSome()) break;
    }
    for (const { emits } of this.#waiting.values()) this.#lost += emits.length;
    this.#waiting.clear();
  }

  #flushSome(): void {
    this.#timer = null;
    const isWritten = this.#writeSome();
    if (this.#waiting.size === 0) return;
    this.#timer = this.#timers.set(() => this.#flushSome(), isWritten ? 1 : RETRY_MS);
  }

  #writeSome(): boolean {
    const shares = this.#shares();
    try {
      this.#write(shares.flatMap(([, some]) => some));
    } catch {
      return false; // The database is locked or full: later.
    }
    for (const [plugin, some] of shares) this.#taken(plugin, some);
    return true;
  }

  /** The oldest of each plugin, as many of one as of another. */
  #shares(): [plugin: string, some: readonly PluginEmit[]][] {
    const share = Math.max(1, Math.floor(FLUSH_EMITS / this.#waiting.size));
    return [...this.#waiting].map(([plugin, { emits }]) => [plugin, emits.slice(0, share)]);
  }

  #taken(plugin: string, some: readonly PluginEmit[]): void {
    const waiting = this.#waiting.get(plugin);
    if (waiting === undefined) return;
    waiting.emits = waiting.emits.slice(some.length);
    waiting.chars -= some.reduce((sum, emit) => sum + charsOf(emit), 0);
    if (waiting.emits.length === 0) this.#waiting.delete(plugin);
  }
}

function charsOf(emit: PluginEmit): number {
  let chars = 0;
  for (const value of Object.values(emit)) if (typeof value === "string") chars += value.length;
  return chars;
}
