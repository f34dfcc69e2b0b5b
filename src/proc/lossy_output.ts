/** Lines for somebody who may not read them: what finds no room is dropped and counted, and whoever writes never waits. @module */
import { Backlog } from "./backlog.ts";
import { openLibc } from "./libc.ts";
import { inheritedSink, type Sink } from "./sink.ts";

/** So much waits for a slow reader; then one more line, then nothing until it has read. */
const HELD_BYTES = 1024 * 1024;
const INITIAL_BYTES = 16 * 1024;
const RETRY_MS = 10;
/** At the end a reader is waited for while it reads, */
const STALLED_MS = 100;
/** and no longer than this: km's exit is the server's exit. */
const DRAIN_LIMIT_MS = 500;

/** Where whole lines go. */
export interface LineOutput {
  write(line: Uint8Array): void;
  /** Gives a reader that still reads a little time to take the rest. */
  drain(): Promise<void>;
}

/** km's stderr. `describeLoss` makes the line that says how many were dropped. Without FFI it waits for its reader as anyone does. */
export function openLossyStderr(describeLoss: (lines: number) => Uint8Array): LineOutput {
  try {
    return new LossyOutput(inheritedSink(openLibc(), 2), describeLoss);
  } catch {
    return { write: writeToStderr, drain: () => Promise.resolve() };
  }
}

export class LossyOutput implements LineOutput {
  readonly #sink: Sink;
  readonly #describeLoss: (lines: number) => Uint8Array;
  // The bound is kept by `write`: the line that exceeds it is the last one, however long.
  readonly #backlog = new Backlog(INITIAL_BYTES, Number.MAX_SAFE_INTEGER);
  #lost = 0;
  #readerGone = false;
  #retry: ReturnType<typeof setTimeout> | null = null;

  constructor(sink: Sink, describeLoss: (lines: number) => Uint8Array) {
    this.#sink = sink;
    this.#describeLoss = describeLoss;
  }

  write(line: Uint8Array): void {
    if (this.#readerGone) return;
    this.#tellLoss();
    if (this.#lost > 0 || this.#backlog.size >= HELD_BYTES) this.#lost++;
    else this.#backlog.hold(line);
    this.#flush();
  }

  async drain(): Promise<void> {
    const startMs = performance.now();
    let progressMs = startMs;
    for (let before = Infinity; this.#isPending(); before = this.#backlog.size) {
      this.#flush();
      const nowMs = performance.now();
      if (this.#backlog.size < before) progressMs = nowMs;
      if (nowMs - progressMs >= STALLED_MS || nowMs - startMs >= DRAIN_LIMIT_MS) break;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#readerGone = true;
  }

  #isPending(): boolean {
    return !this.#readerGone && (this.#backlog.size > 0 || this.#lost > 0);
  }

  /** Says what was dropped, once half of what was held is read: not after each line of a reader that is too slow. */
  #tellLoss(): void {
    if (this.#lost === 0 || this.#backlog.size > HELD_BYTES / 2) return;
    this.#backlog.hold(this.#describeLoss(this.#lost));
    this.#lost = 0;
  }

  #flush(): void {
    if (!this.#backlog.flushTo(this.#sink)) {
      this.#readerGone = true;
      this.#backlog.clear();
      return;
    }
    this.#tellLoss();
    if (this.#retry !== null || !this.#isPending()) return;
    this.#retry = setTimeout(() => {
      this.#retry = null;
      this.#flush();
    }, RETRY_MS);
  }
}

function writeToStderr(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += Deno.stderr.writeSync(bytes.subarray(at));
}
