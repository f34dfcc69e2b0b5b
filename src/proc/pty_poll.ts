/** Waiting by poll(2): for every system that has no epoll. @module */
import { POLLIN } from "./libc.ts";
import type { PtyLibc } from "./pty_libc.ts";
import type { ReadySet } from "./pty_loop.ts";
import { openWakePipe, type WakePipe } from "./pty_wake.ts";

const FIRST_SLOTS = 16;
/** The wake-up pipe has the first place. */
const OWN_PLACES = 1;

/** Null with errno when there is no descriptor left. */
export function openPollSet(libc: PtyLibc): ReadySet | null {
  const wake = openWakePipe(libc);
  return wake && new PollSet(libc, wake);
}

/**
 * The array is kept, not built: each place has its descriptor in one word, events in the low and revents in the high half of the next. The kernel
 * reads all of it first and writes only revents at the end, so it may be changed while a poll is under way.
 */
class PollSet implements ReadySet {
  readonly #libc: PtyLibc;
  readonly #wake: WakePipe;
  #array = new Int32Array(2 * FIRST_SLOTS);
  /** What the last poll was given: another one when `#array` has grown since. */
  #polled = this.#array;
  #places = OWN_PLACES;
  #isPolling = false;

  constructor(libc: PtyLibc, wake: WakePipe) {
    this.#libc = libc;
    this.#wake = wake;
    this.#array.set([wake.readFd, POLLIN]);
  }

  want(slot: number, fd: number, events: number): void {
    const at = 2 * (slot + OWN_PLACES);
    this.#makeRoom(slot + OWN_PLACES + 1);
    // poll tells of hang-ups even those who want nothing, and would do so again at once: a negative descriptor is not looked at.
    this.#array[at] = events === 0 ? -1 : fd;
    this.#array[at + 1] = events;
    if (this.#isPolling) this.#wake.wake();
  }

  async wait(): Promise<void> {
    this.#polled = this.#array;
    this.#isPolling = true;
    await this.#libc.calls.poll(this.#polled, this.#places, -1);
    this.#isPolling = false;
    this.#wake.reset();
  }

  tell(ready: (slot: number, events: number) => void): void {
    const polled = this.#polled;
    for (let place = OWN_PLACES; 2 * place < polled.length; place++) {
      const revents = (polled[2 * place + 1] ?? 0) >>> 16;
      if (revents !== 0) ready(place - OWN_PLACES, revents);
    }
  }

  wake(): void {
    this.#wake.wake();
  }

  close(): void {
    this.#wake.close();
  }

  #makeRoom(places: number): void {
    if (places <= this.#places) return;
    if (2 * places > this.#array.length) {
      const larger = new Int32Array(2 * this.#array.length);
      larger.set(this.#array);
      this.#array = larger;
    }
    this.#places = places;
  }
}
