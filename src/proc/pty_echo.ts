/**
 * Waiting a moment for the echo of what was typed, on Linux.
 *
 * A program that echoes does so within 20 to 60 µs. The loop hears of it from another thread, two wake-ups later: 145 µs from a key on a
 * WebSocket to its echo there, against 52 to 68 µs when this thread itself waits in ppoll (2 cores, Linux 6.18, 2026-11-22; tmux beside it: 50 to
 * 100 µs). While it waits, everybody else does; so it waits briefly, and not for a program that has let it wait in vain, until some keys later.
 * @module
 */
import { POLLIN } from "./libc.ts";

const SYMBOLS = {
  ppoll: { parameters: ["buffer", "usize", "buffer", "pointer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** How long an echo is waited for, in µs: processors that sleep take 150 to wake up for it, one after the other. */
const WAIT_US = 400;
/** Share of its time that this thread waits at most, and how much of it at once, in ms: on a busy machine echoes come late, from all terminals. */
const WAIT_SHARE = 0.75, WAIT_AT_ONCE_MS = 4;
/**
 * Two terminals that are typed into within this time, in ms, are both served by the loop: with 2,000 keys a second into 100 of them, waiting for
 * each took most of the thread's time, and the slowest echo 48 ms.
 */
const ALONE_MS = 5;
/** Most keys that are not waited for after the wait was in vain again and again. */
const MAX_SKIPPED = 32;

/** Asks the kernel; one for all terminals of a process. */
export class EchoWait implements Disposable {
  readonly #library = Deno.dlopen("libc.so.6", SYMBOLS);
  readonly #wanted = new Int32Array([-1, POLLIN]);
  /** `struct timespec` of 64 bits, which it is on every system that Deno runs on. */
  readonly #wait = new BigInt64Array([0n, BigInt(WAIT_US * 1000)]);
  #leftMs = WAIT_AT_ONCE_MS;
  #lastMs = performance.now();
  /** The terminal that was typed into last, and when. */
  #typedFd = -1;
  #typedMs = -Infinity;

  /** False: enough time was spent waiting for now, or somebody else types too, who would wait along. */
  mayWait(fd: number): boolean {
    const nowMs = performance.now();
    const isAlone = fd === this.#typedFd || nowMs - this.#typedMs > ALONE_MS;
    this.#typedFd = fd;
    this.#typedMs = nowMs;
    return isAlone && (this.#leftMs > 0 || this.#earned(nowMs) > 0);
  }

  /** True as soon as `fd` can be read; false when that does not happen soon. */
  isReadySoon(fd: number): boolean {
    this.#wanted[0] = fd;
    const startMs = performance.now();
    const isReady = this.#library.symbols.ppoll(this.#wanted, 1n, this.#wait, null) === 1;
    const endMs = performance.now();
    this.#leftMs = this.#earned(endMs) - (endMs - startMs);
    return isReady;
  }

  #earned(nowMs: number): number {
    this.#leftMs = Math.min(WAIT_AT_ONCE_MS, this.#leftMs + (nowMs - this.#lastMs) * WAIT_SHARE);
    this.#lastMs = nowMs;
    return this.#leftMs;
  }

  [Symbol.dispose](): void {
    this.#library.close();
  }
}

/** Whether it is worth it to wait for the echo of one program. */
export class EchoHabit {
  #toSkip = 0;
  #lastSkip = 0;

  /** True: wait now. */
  get isWorthIt(): boolean {
    if (this.#toSkip === 0) return true;
    this.#toSkip--;
    return false;
  }

  came(): void {
    this.#lastSkip = 0;
  }

  cameNot(): void {
    this.#lastSkip = Math.min(MAX_SKIPPED, 2 * this.#lastSkip + 1);
    this.#toSkip = this.#lastSkip;
  }
}
