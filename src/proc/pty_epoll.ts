/**
 * Waiting by epoll(7), on Linux: the kernel keeps the set, so a change needs no wake-up, and a wait costs the same for one terminal and for a
 * thousand. Level-triggered: what one turn leaves unread comes again in the next, after others had theirs.
 * @module
 */
import { POLLIN } from "./libc.ts";
import type { PtyLibc } from "./pty_libc.ts";
import type { ReadySet } from "./pty_loop.ts";
import { openWakePipe, type WakePipe } from "./pty_wake.ts";

const SYMBOLS = {
  epoll_create1: { parameters: ["i32"], result: "i32" },
  epoll_ctl: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
  epoll_wait: { parameters: ["i32", "buffer", "i32", "i32"], result: "i32", nonblocking: true },
} as const satisfies Deno.ForeignLibraryInterface;
type Epoll = Deno.DynamicLibrary<typeof SYMBOLS>;

const EPOLL_CLOEXEC = 0o2000000;
const EPOLL_CTL_ADD = 1, EPOLL_CTL_DEL = 2, EPOLL_CTL_MOD = 3;
/** Most that are told in one turn; the others come first in the next. */
const MAX_EVENTS = 64;
const WAKE_SLOT = 0xffff_ffff;

/** Places in `struct epoll_event`, in words: packed on x86_64 only. @see <sys/epoll.h> */
export const EPOLL_EVENT_WORDS: Readonly<Record<string, { readonly size: number; readonly data: number }>> = {
  x86_64: { size: 3, data: 1 },
  aarch64: { size: 4, data: 2 },
};
const LAYOUT = EPOLL_EVENT_WORDS[Deno.build.arch] ?? { size: 4, data: 2 };

/** Null with errno when there is no descriptor left. */
export function openEpollSet(libc: PtyLibc): ReadySet | null {
  const wake = openWakePipe(libc);
  if (!wake) return null;
  let library: Epoll | undefined;
  try {
    library = Deno.dlopen("libc.so.6", SYMBOLS);
    const fd = library.symbols.epoll_create1(EPOLL_CLOEXEC);
    if (fd >= 0) return new EpollSet(libc, library, fd, wake);
  } catch {
    // No descriptor to open the library with.
  }
  wake.close();
  library?.close();
  return null;
}

class EpollSet implements ReadySet {
  readonly #libc: PtyLibc;
  readonly #library: Epoll;
  readonly #fd: number;
  readonly #wake: WakePipe;
  readonly #event = new Uint32Array(LAYOUT.size);
  readonly #found = new Uint32Array(LAYOUT.size * MAX_EVENTS);
  #foundCount = 0;
  /** What each slot wants. */
  readonly #wanted: number[] = [];

  constructor(libc: PtyLibc, library: Epoll, fd: number, wake: WakePipe) {
    this.#libc = libc;
    this.#library = library;
    this.#fd = fd;
    this.#wake = wake;
    this.#control(EPOLL_CTL_ADD, wake.readFd, POLLIN, WAKE_SLOT);
  }

  want(slot: number, fd: number, events: number): void {
    const before = this.#wanted[slot] ?? 0;
    if (before === events) return;
    this.#wanted[slot] = events;
    // Out of the set with who wants nothing: hang-ups would be told all the same.
    this.#control(
      events === 0 ? EPOLL_CTL_DEL : before === 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD,
      fd,
      events,
      slot,
    );
  }

  async wait(): Promise<void> {
    this.#foundCount = await this.#library.symbols.epoll_wait(this.#fd, this.#found, MAX_EVENTS, -1);
  }

  tell(ready: (slot: number, events: number) => void): void {
    for (let at = 0; at < this.#foundCount * LAYOUT.size; at += LAYOUT.size) {
      const slot = this.#found[at + LAYOUT.data] ?? WAKE_SLOT;
      if (slot === WAKE_SLOT) this.#wake.reset();
      else ready(slot, this.#found[at] ?? 0);
    }
  }

  wake(): void {
    this.#wake.wake();
  }

  close(): void {
    this.#libc.calls.close(this.#fd);
    this.#wake.close();
    this.#library.close();
  }

  #control(operation: number, fd: number, events: number, slot: number): void {
    this.#event[0] = events;
    this.#event[LAYOUT.data] = slot;
    this.#library.symbols.epoll_ctl(this.#fd, operation, fd, this.#event);
  }
}
