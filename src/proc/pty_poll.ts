/**
 * One poll(2), on one thread, for every terminal of a process.
 *
 * The set is kept, not built: a terminal has a slot in an array of `struct pollfd`, and only what changes is written. poll is level-triggered and
 * readers never block, so an answer that came too late, or for the slot's owner before, costs one read that finds nothing.
 * @module
 */
import { POLLIN } from "./libc.ts";
import type { PtyLibc } from "./pty_libc.ts";

/** One that is told when its descriptor is ready. */
export interface Polled {
  /** What poll(2) said, on the loop's turn. */
  ready(revents: number): void;
}

/** Where one stands in the set. */
export interface PollSlot {
  /** Wants to be told of `events` from now on; 0: of nothing, not even a hang-up. */
  want(events: number): void;
  /** Leaves the set; the descriptor may be closed then. */
  leave(): void;
}

const FIRST_SLOTS = 16;

/** The loop runs while somebody is in the set: a process without terminals is free to end. */
export class PollLoop implements AsyncDisposable {
  readonly #libc: PtyLibc;
  readonly #wake: { readonly readFd: number; readonly writeFd: number };
  /** Slot 0 is the wake-up pipe. Each slot: descriptor, then events in the low half and revents in the high half of a word. */
  #set = new Int32Array(2 * FIRST_SLOTS);
  readonly #members: (Polled | undefined)[] = [undefined];
  #free: number[] = [];
  /** Slots left while poll was under way: an answer about them may still come. */
  #leaving: number[] = [];
  #memberCount = 0;
  #isPolling = false;
  #isWoken = false;
  #running: Promise<void> | undefined;
  readonly #drained = new Uint8Array(64);
  readonly #drainedAt: number;

  /** Null with errno when there is no descriptor left for its pipe. */
  static open(libc: PtyLibc): PollLoop | null {
    const wake = libc.openPipe();
    return wake && new PollLoop(libc, wake);
  }

  private constructor(libc: PtyLibc, wake: { readonly readFd: number; readonly writeFd: number }) {
    this.#libc = libc;
    this.#wake = wake;
    this.#drainedAt = Number(Deno.UnsafePointer.value(Deno.UnsafePointer.of(this.#drained)));
    this.#set.set([wake.readFd, POLLIN]);
  }

  /** Puts `member` into the set, with its descriptor; it wants nothing yet. */
  join(member: Polled, fd: number): PollSlot {
    const slot = this.#free.pop() ?? this.#members.push(undefined) - 1;
    this.#members[slot] = member;
    this.#memberCount++;
    if (2 * slot >= this.#set.length) {
      const larger = new Int32Array(2 * this.#set.length);
      larger.set(this.#set);
      this.#set = larger;
    }
    this.#set[2 * slot] = -1;
    this.#running ??= this.#run();
    return { want: (events) => this.#want(slot, fd, events), leave: () => this.#leave(slot) };
  }

  /** Ends the loop; its members have left before. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running;
    this.#libc.calls.close(this.#wake.readFd);
    this.#libc.calls.close(this.#wake.writeFd);
  }

  #want(slot: number, fd: number, events: number): void {
    const at = 2 * slot;
    const before = (this.#set[at] ?? -1) < 0 ? 0 : (this.#set[at + 1] ?? 0) & 0xffff;
    if (before === events) return;
    this.#set[at + 1] = events;
    // poll(2) tells of hang-ups even those who want nothing, and would do so again at once: -1 is not looked at.
    this.#set[at] = events === 0 ? -1 : fd;
    // Who wants less only gets an answer too many.
    if ((events & ~before) !== 0) this.#wakeUp();
  }

  #leave(slot: number): void {
    this.#set[2 * slot] = -1;
    this.#members[slot] = undefined;
    this.#memberCount--;
    if (this.#isPolling) this.#leaving.push(slot);
    else this.#free.push(slot);
    // While poll holds it, a closed terminal is not hung up.
    this.#wakeUp();
  }

  #wakeUp(): void {
    if (!this.#isPolling || this.#isWoken) return;
    this.#isWoken = true;
    this.#libc.calls.write(this.#wake.writeFd, WAKE_BYTE, 1);
  }

  async #run(): Promise<void> {
    try {
      await null; // What the first member wants is said before the first poll, so that nobody has to be woken for it.
      while (this.#memberCount > 0) {
        const set = this.#set;
        const slots = this.#members.length;
        this.#isPolling = true;
        const ready = await this.#libc.calls.poll(set, slots, -1);
        this.#isPolling = false;
        if (this.#leaving.length > 0) this.#free = this.#free.concat(this.#leaving.splice(0));
        this.#tell(set, slots, ready);
      }
    } finally {
      this.#running = undefined;
    }
  }

  #tell(set: Int32Array<ArrayBuffer>, slots: number, ready: number): void {
    let left = ready;
    if (this.#isWoken) {
      this.#isWoken = false;
      this.#libc.calls.read(this.#wake.readFd, this.#drainedAt, this.#drained.length);
    }
    for (let slot = 0; left > 0 && slot < slots; slot++) {
      const revents = (set[2 * slot + 1] ?? 0) >>> 16;
      if (revents === 0 || ((set[2 * slot] ?? -1) < 0)) continue;
      left--;
      this.#members[slot]?.ready(revents);
    }
  }
}

const WAKE_BYTE = new Uint8Array([1]);
