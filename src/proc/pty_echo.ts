/**
 * Waiting a moment for the echo of what was typed, on Linux.
 *
 * A program that echoes does so within 20 to 60 µs. The loop hears of it from another thread, two wake-ups later: 145 µs from a key on a
 * WebSocket to its echo there, against 60 µs when this thread itself waits in ppoll (2 cores, Linux 6.18, 2026-11-22; tmux: 50 to 70 µs). While it
 * waits, everybody else does; so it waits briefly, and not for a program that has let it wait in vain, until that many keys later.
 * @module
 */
import { POLLIN } from "./libc.ts";

const SYMBOLS = {
  ppoll: { parameters: ["buffer", "usize", "buffer", "pointer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** How long an echo is waited for, in ns. */
const WAIT_NS = 150_000;
/** Most keys that are not waited for after the wait was in vain again and again. */
const MAX_SKIPPED = 32;

/** Asks the kernel; one for all terminals of a process. */
export class EchoWait implements Disposable {
  readonly #library = Deno.dlopen("libc.so.6", SYMBOLS);
  readonly #wanted = new Int32Array([-1, POLLIN]);
  /** `struct timespec` of 64 bits, which it is on every system that Deno runs on. */
  readonly #wait = new BigInt64Array([0n, BigInt(WAIT_NS)]);

  /** True as soon as `fd` can be read; false when that does not happen soon. */
  isReadySoon(fd: number): boolean {
    this.#wanted[0] = fd;
    return this.#library.symbols.ppoll(this.#wanted, 1n, this.#wait, null) === 1;
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
