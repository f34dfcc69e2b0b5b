/**
 * One thread that waits for every terminal of a process, and a loop that tells each of them.
 *
 * What waits is a call through FFI on a thread of Deno's pool. Echo of one byte through `cat` on a raw terminal, write to onData, p50 (2 cores,
 * Linux 6.18, 2026-11-22; a C program that blocks in poll and read: 35–43 µs): epoll_wait 78 µs, whatever the number of terminals; poll 85–107 µs,
 * with 99 idle terminals beside it 143–160 µs (the kernel flushes each of them twice per call); a Worker that blocks in poll and posts a message
 * 77 µs, or notifies by Atomics.waitAsync 88 µs, with a heap of its own; node:tty 67 µs, but it loses what is written. Looking once more right
 * after a write finds nothing: the kernel's own thread has to carry the byte there and back first.
 * @module
 */
import { openEpollSet } from "./pty_epoll.ts";
import type { PtyLibc } from "./pty_libc.ts";
import { openPollSet } from "./pty_poll.ts";

/** One that is told when its descriptor is ready. It may be told in vain, and must not block then. */
export interface Member {
  /** What poll(2) or epoll_wait(2) said (POLLIN …, the same bits in both), on the loop's turn. */
  ready(events: number): void;
}

/** Where one stands in the loop. */
export interface Place {
  /** Wants to be told of `events` from now on; 0: of nothing, not even a hang-up. */
  want(events: number): void;
  /** Leaves the loop; to be called before the descriptor is closed. */
  leave(): void;
}

/** Descriptors that are waited for together, each by its slot, a small number. */
export interface ReadySet {
  /** From now on, also while wait() is under way, `fd` is waited for in `slot`; 0 events: not at all. */
  want(slot: number, fd: number, events: number): void;
  /** Resolves when one or more are ready, or after wake(). */
  wait(): Promise<void>;
  /** Hands over what wait() found. */
  tell(ready: (slot: number, events: number) => void): void;
  /** Ends the wait() under way. */
  wake(): void;
  close(): void;
}

/** The loop runs while somebody is in it: a process without terminals is free to end. */
export class PtyLoop implements AsyncDisposable {
  readonly #set: ReadySet;
  readonly #members: (Member | undefined)[] = [];
  readonly #free: number[] = [];
  #running: Promise<void> | undefined;

  /** Null with errno when there is no descriptor left for it. */
  static open(libc: PtyLibc): PtyLoop | null {
    const set = Deno.build.os === "linux" ? openEpollSet(libc) : openPollSet(libc);
    return set && new PtyLoop(set);
  }

  constructor(set: ReadySet) {
    this.#set = set;
  }

  /** Puts `member` into the loop, with its descriptor; it wants nothing yet. */
  join(member: Member, fd: number): Place {
    // A slot may be another's who has just left, and an answer for that one under way: it comes in vain.
    const slot = this.#free.pop() ?? this.#members.push(undefined) - 1;
    this.#members[slot] = member;
    this.#running ??= this.#run();
    return {
      want: (events) => this.#set.want(slot, fd, events),
      leave: () => {
        this.#set.want(slot, fd, 0);
        this.#members[slot] = undefined;
        this.#free.push(slot);
        if (this.#isEmpty()) this.#set.wake();
      },
    };
  }

  /** Ends the loop; its members have left before. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running;
    this.#set.close();
  }

  #isEmpty(): boolean {
    return this.#free.length === this.#members.length;
  }

  async #run(): Promise<void> {
    const tell = (slot: number, events: number) => this.#members[slot]?.ready(events);
    try {
      await null; // What the first member wants is said before the first wait.
      while (!this.#isEmpty()) {
        await this.#set.wait();
        this.#set.tell(tell);
      }
    } finally {
      this.#running = undefined;
    }
  }
}
