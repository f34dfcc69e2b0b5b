/** Pseudo terminals of Linux and macOS: writing, reading, the end. @module */
import { KmError } from "../core/error.ts";
import type { TerminalSize } from "../core/session.ts";
import { POLLIN, POLLOUT } from "./libc.ts";
import type { LineMode, Pty, PtyExit, PtyOptions, PtySystem } from "./pty.ts";
import { resolveCommand } from "./pty_command.ts";
import { EchoHabit, EchoWait } from "./pty_echo.ts";
import { endSession } from "./pty_end.ts";
import { EIO, openPtyLibc, type PtyLibc, readLineMode, WNOHANG } from "./pty_libc.ts";
import { type Member, type Place, PtyLoop } from "./pty_loop.ts";
import { PtyInput } from "./pty_input.ts";
import { openTerminal, setSize, spawnInTerminal } from "./pty_spawn.ts";
import { decodeWaitStatus, signalName } from "./server_exit.ts";

/** Most that is read of one terminal in a turn: others wait that long for theirs. */
const TURN_BYTES = 64 * 1024;
/** A terminal of Linux hands over 4095 bytes at most in one read, macOS less than that. */
const FULL_READ_BYTES = 1024;
/** How long output is still taken when the program has ended and another one holds its terminal open. */
const LINGER_MS = 250;
/** Output taken at the very end, at most: who holds the terminal may write without end. */
const LAST_BYTES = 1024 * 1024;
/** First and longest wait until a terminal that nobody holds open, of a program that lives, is looked at again. */
const FIRST_REOPEN_MS = 5, LAST_REOPEN_MS = 250;
/** Longest input that may be keys, in bytes: for the echo of more nobody waits. */
const MAX_KEYS_BYTES = 64;
/**
 * Between keys that follow each other faster than this, in ms, the terminal stays out of the loop: to leave and to join it for each took 9 of 75
 * to 110 µs, before the echo was sent. What else the program writes is seen that much later, at most.
 */
const BURST_MS = 1;
const KEYBOARD_SIGNALS: readonly string[] = ["SIGINT", "SIGQUIT", "SIGTSTP", "SIGWINCH"];

/** What terminals of one process share. */
interface Shared {
  readonly libc: PtyLibc;
  readonly loop: PtyLoop;
  /** Null: not on this system. */
  readonly echoWait: EchoWait | null;
  /** Where every read goes first, and its address. */
  readonly buffer: Uint8Array<ArrayBuffer>;
  readonly bufferAt: number;
}

/** All terminals of this process, on Linux and macOS. */
export class UnixPtys implements PtySystem {
  #shared: Shared | undefined;
  readonly #live = new Map<number, UnixPty>();
  #isListening = false;
  readonly #ended = new Set<Promise<unknown>>();
  readonly #onChild = (): void => {
    for (const pty of [...this.#live.values()]) pty.reap();
  };

  start(options: PtyOptions): Pty {
    const command = resolveCommand(options);
    const shared = this.#shared ??= openShared();
    const { libc } = shared;
    const terminal = openTerminal(libc, options.size);
    // Before the first child, else the end of a short one would be missed.
    this.#listen();
    let pid: number;
    try {
      pid = spawnInTerminal(libc, terminal.path, { ...options, command });
    } catch (error) {
      libc.calls.close(terminal.fd);
      throw error;
    }
    const pty = new UnixPty(shared, terminal.fd, pid, options, () => this.#live.delete(pid));
    this.#live.set(pid, pty);
    return pty;
  }

  /** Until the end of all: a listener keeps no process from ending. */
  #listen(): void {
    if (this.#isListening) return;
    this.#isListening = true;
    Deno.addSignalListener("SIGCHLD", this.#onChild);
  }

  async #unlisten(): Promise<void> {
    if (!this.#isListening) return;
    this.#isListening = false;
    Deno.removeSignalListener("SIGCHLD", this.#onChild);
    await new Promise((resolve) => setTimeout(resolve, 0)); // The runtime lets go of it in its next turn.
  }

  end(pty: Pty, graceMs: number): Promise<PtyExit> {
    if (!(pty instanceof UnixPty)) throw new TypeError("Not a terminal of this process");
    const ended = endSession(pty, { graceMs });
    this.#ended.add(ended);
    return ended.finally(() => this.#ended.delete(ended));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // One that cannot be ended keeps no other from its end.
    await Promise.allSettled([...this.#live.values()].map((pty) => this.end(pty, DISPOSE_GRACE_MS)));
    await Promise.allSettled(this.#ended);
    await this.#unlisten();
    const shared = this.#shared;
    this.#shared = undefined;
    if (!shared) return;
    await shared.loop[Symbol.asyncDispose]();
    shared.echoWait?.[Symbol.dispose]();
    shared.libc[Symbol.dispose]();
  }
}

/** Grace of those that are ended because km ends, in ms. */
const DISPOSE_GRACE_MS = 2000;

function openShared(): Shared {
  const libc = openLibcOrThrow();
  const loop = PtyLoop.open(libc);
  if (!loop) {
    libc[Symbol.dispose]();
    throw new KmError("internal", "Cannot open a terminal: too many open files", {
      hint: 'raise the limit ("ulimit -n")',
    });
  }
  const buffer = new Uint8Array(TURN_BYTES);
  const bufferAt = Number(Deno.UnsafePointer.value(Deno.UnsafePointer.of(buffer)));
  return { libc, loop, echoWait: Deno.build.os === "linux" ? new EchoWait() : null, buffer, bufferAt };
}

function openLibcOrThrow(): PtyLibc {
  try {
    return openPtyLibc();
  } catch (cause) {
    throw new KmError("unsupported", "Cannot open a terminal: no libc that km knows", { cause });
  }
}

/** A program in a terminal of Linux or macOS. */
class UnixPty implements Pty, Member {
  readonly pid: number;
  /** Resolves when the program is gone and all that it wrote is handed over. */
  readonly exit: Promise<PtyExit>;
  readonly #shared: Shared;
  readonly #fd: number;
  readonly #options: PtyOptions;
  readonly #place: Place;
  readonly #input: PtyInput;
  readonly #echo = new EchoHabit();
  readonly #onGone: () => unknown;
  readonly #resolveExit: (exit: PtyExit) => void;
  #isPaused = false;
  /** Nobody holds the other side open: poll(2) would say so again and again. */
  #isHungUp = false;
  #reopenMs = FIRST_REOPEN_MS;
  #status: PtyExit | undefined;
  #isClosed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the echo of the last key came, in ms. */
  #echoMs = -Infinity;
  /** Joins the loop again after a burst of keys. */
  #joining: ReturnType<typeof setTimeout> | undefined;

  constructor(shared: Shared, fd: number, pid: number, options: PtyOptions, onGone: () => unknown) {
    this.pid = pid;
    this.#shared = shared;
    this.#fd = fd;
    this.#options = options;
    this.#onGone = onGone;
    this.#input = new PtyInput(shared.libc, fd);
    const { promise, resolve } = Promise.withResolvers<PtyExit>();
    this.exit = promise;
    this.#resolveExit = resolve;
    this.#place = shared.loop.join(this, fd);
    this.#place.want(POLLIN);
  }

  get queuedBytes(): number {
    return this.#input.queuedBytes;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  get isForeground(): boolean {
    return !this.#isClosed && this.#foregroundGroup() === this.pid;
  }

  get lineMode(): LineMode {
    const mode = this.#isClosed ? null : readLineMode(this.#shared.libc, this.#fd);
    return mode ?? { isLineByLine: true, hasEcho: false };
  }

  write(bytes: Uint8Array): boolean {
    if (this.#status || this.#isClosed) return false;
    const wasEmpty = this.#input.queuedBytes === 0;
    const taken = this.#input.write(bytes);
    if (wasEmpty && this.#input.queuedBytes > 0) this.#updateWants();
    return taken;
  }

  type(bytes: Uint8Array): boolean {
    const echoWait = this.#waitFor(bytes);
    if (echoWait === null) return this.write(bytes);
    // The loop must not hear of the echo too, and from before the first byte on: else it is woken in vain, beside the program that is to echo.
    this.#place.want(0);
    const taken = this.write(bytes);
    if (echoWait.isReadySoon(this.#fd)) {
      this.#echo.came();
      this.#read();
      if (this.#isInBurst()) return taken;
    } else this.#echo.cameNot();
    this.#updateWants();
    return taken;
  }

  /** True: more keys are likely to come at once, and the loop is joined after them. */
  #isInBurst(): boolean {
    const nowMs = performance.now();
    const isQuick = nowMs - this.#echoMs < BURST_MS;
    this.#echoMs = nowMs;
    if (!isQuick || this.#isClosed || this.#input.queuedBytes > 0) return false;
    this.#joining ??= setTimeout(() => {
      this.#joining = undefined;
      this.#updateWants();
    }, BURST_MS);
    return true;
  }

  /** With what the echo of `bytes` is to be waited for; null: not at all. */
  #waitFor(bytes: Uint8Array): EchoWait | null {
    const { echoWait } = this.#shared;
    const isQuiet = !this.#status && !this.#isClosed && !this.#isPaused && !this.#isHungUp &&
      this.#input.queuedBytes === 0;
    if (echoWait === null || !isQuiet || bytes.length > MAX_KEYS_BYTES) return null;
    return echoWait.mayWait(this.#fd) && this.#echo.isWorthIt ? echoWait : null;
  }

  resize(size: TerminalSize): void {
    if (!this.#isClosed) setSize(this.#shared.libc, this.#fd, size);
  }

  signal(name: Deno.Signal): void {
    if (this.#isClosed) return;
    const foreground = this.#foregroundGroup();
    const groups = KEYBOARD_SIGNALS.includes(name) && foreground > 0
      ? [foreground]
      : [this.pid, ...(foreground > 0 && foreground !== this.pid ? [foreground] : [])];
    // A program that was reaped has no group any more, and its number may be another's by now.
    for (const group of groups) if (!this.#status || group !== this.pid) killGroup(group, name);
  }

  pause(): void {
    this.#isPaused = true;
    this.#updateWants();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#updateWants();
    if (this.#status) this.#awaitLast();
  }

  ready(events: number): void {
    if ((events & POLLOUT) !== 0) this.#input.flush();
    if ((events & ~POLLOUT) !== 0 && !this.#isPaused) this.#read();
    if (!this.#isClosed) this.#updateWants();
  }

  /** Asks whether the program has ended. */
  reap(): void {
    if (this.#status) return;
    const status = new Int32Array(1);
    if (this.#shared.libc.calls.waitpid(this.pid, asBytes(status), WNOHANG) !== this.pid) return;
    const exit = decodeWaitStatus(status[0] ?? 0);
    this.#status = exit.kind === "code"
      ? { code: exit.code, signal: null }
      : { code: null, signal: signalName(exit.signal) };
    this.#input.discard();
    if (!this.#isPaused) this.#awaitLast();
  }

  /** The program has ended: what it wrote lies in the terminal, to its end unless somebody else holds that open. */
  #awaitLast(): void {
    clearTimeout(this.#timer);
    this.#isHungUp = false;
    this.#read();
    if (this.#isClosed || this.#isPaused) return;
    this.#timer = setTimeout(() => {
      if (this.#isPaused) return;
      for (let bytes = 0, last = 1; last > 0 && bytes < LAST_BYTES; bytes += last) last = this.#read();
      this.#close();
    }, LINGER_MS);
    this.#updateWants();
  }

  /** Hands over what there is, up to a turn's share; returns how much that was. */
  #read(): number {
    const { libc, buffer, bufferAt } = this.#shared;
    let used = 0;
    let count = 0;
    while (used < TURN_BYTES) {
      count = libc.calls.read(this.#fd, bufferAt + used, TURN_BYTES - used);
      if (count <= 0) break;
      used += count;
      // Less than the kernel's buffer holds: that was all, and asking once more costs a trip to the kernel's own thread.
      if (count < FULL_READ_BYTES) break;
    }
    const isHungUp = count === 0 || (count < 0 && libc.errno() === EIO);
    if (used > 0) {
      this.#reopenMs = FIRST_REOPEN_MS;
      this.#options.onData(buffer.slice(0, used));
    }
    if (isHungUp) this.#hangUp();
    return used;
  }

  /** Nobody holds the terminal open. A program that lives may open it again: /dev/tty is still its own. */
  #hangUp(): void {
    if (this.#isClosed) return;
    this.#isHungUp = true;
    this.reap();
    if (this.#status) {
      if (!this.#isPaused) this.#close();
      return;
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#isHungUp = false;
      this.#updateWants();
    }, this.#reopenMs);
    this.#reopenMs = Math.min(LAST_REOPEN_MS, 2 * this.#reopenMs);
  }

  #updateWants(): void {
    if (this.#isClosed) return;
    const events = (this.#isPaused ? 0 : POLLIN) | (this.#input.queuedBytes > 0 ? POLLOUT : 0);
    this.#place.want(this.#isHungUp ? 0 : events);
  }

  #close(): void {
    if (this.#isClosed || !this.#status) return;
    this.#isClosed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#joining);
    this.#place.leave();
    this.#shared.libc.calls.close(this.#fd);
    this.#onGone();
    this.#options.onExit(this.#status);
    this.#resolveExit(this.#status);
  }

  #foregroundGroup(): number {
    const group = new Int32Array(1);
    const { libc } = this.#shared;
    return libc.ioctl(this.#fd, libc.constants.TIOCGPGRP, asBytes(group)) === 0 ? group[0] ?? 0 : 0;
  }
}

function asBytes(words: Int32Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(words.buffer);
}

function killGroup(group: number, name: Deno.Signal): void {
  try {
    Deno.kill(-group, name);
  } catch {
    // It has ended.
  }
}
