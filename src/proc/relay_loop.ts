/**
 * The hot path: bytes from one file descriptor to another, first and unchanged, then a copy into the tap.
 *
 * One thread that does nothing else: poll, read, write. It reads straight into the tap's shared memory and writes from there, so
 * recording costs no extra copy. Nothing here waits for anything but the descriptors: a full tap drops copies, a
 * reader that stopped stalls only its own direction, a reader that has gone is made known to the writer as
 * the system would (its end is closed).
 * What that gains is measured in BENCHMARKS.md.
 * @module
 */
import { CHANNEL, type Channel, TapWriter } from "../core/tap.ts";
import { ArrivalClock } from "./arrival_clock.ts";
import { Backlog } from "./backlog.ts";
import { addressOf, EINTR, type Libc, POLLERR, POLLHUP, POLLIN, POLLNVAL, POLLOUT } from "./libc.ts";
import { LINGER_MS, MAX_LINGER_MS, MAX_LOG_BACKLOG_BYTES, READ_BYTES } from "./relay_limits.ts";
import { inheritedSink, ownSink, replaceByDevNull, type Sink } from "./sink.ts";

/** Silence after which memory that a burst took is given back. */
const GIVE_BACK_MS = 2000;
const MADV_DONTNEED = 4;
/** The page size of every system this runs on, or a multiple of it (Apple's arm64 has 16 KiB pages). */
const PAGE_BYTES = 16 * 1024;

/** The descriptors of a relay. */
export interface RelayFds {
  readonly serverIn: number;
  readonly serverOut: number;
  readonly serverErr: number;
  /** Read end of a pipe; a byte on it means: look at `control`. */
  readonly wake: number;
}

/** Slots of the shared `control` array; the other thread sets them to 1 and writes a byte to the wake pipe. */
export const CONTROL = {
  /** Treat the client's stdin as ended. */
  closeInput: 0,
  /** The server process has ended: deliver what is left, then finish. */
  serverExited: 1,
  /** Finish now, whatever is undelivered. */
  finish: 2,
} as const;

/** What the loop tells while it runs. */
export interface RelayNotice {
  readonly kind: "clientEof" | "done";
  /** In ms since the Unix epoch. */
  readonly timeMs: number;
}

/** Places in the poll set. The readers come last: they are polled only while something waits for one of them. */
const enum Slot {
  ClientIn,
  ServerOut,
  ServerErr,
  Wake,
  ServerIn,
  ClientOut,
  ClientErr,
}
const SOURCES_ONLY = Slot.ServerIn;
const ALL_SLOTS = Slot.ClientErr + 1;

/** Runs until everything is delivered. Blocks its thread. */
export function runRelay(
  libc: Libc,
  fds: RelayFds,
  deps: {
    /** Shared memory of the tap that gets the copies; null: none are taken. */
    readonly tap: SharedArrayBuffer | null;
    readonly control: Int32Array;
    readonly notify: (notice: RelayNotice) => void;
  },
): void {
  new RelayLoop(libc, fds, deps).run();
}

type Deps = Parameters<typeof runRelay>[2];

/** One direction: where it reads, where it writes, what waits in between. */
interface Flow {
  readonly channel: Channel;
  readonly sink: Sink;
  readonly backlog: Backlog;
  /** True for the log: what does not fit the backlog is let go rather than left in the pipe. */
  readonly lossy: boolean;
  sourceFd: number;
  sourceOpen: boolean;
  sinkOpen: boolean;
}

class RelayLoop {
  readonly #libc: Libc;
  readonly #fds: RelayFds;
  readonly #deps: Deps;
  readonly #poll = new SharedArrayBuffer(ALL_SLOTS * 8);
  readonly #pollAddress = addressOf(this.#poll);
  readonly #pollFds = new Int32Array(this.#poll);
  readonly #pollEvents = new Int16Array(this.#poll);
  readonly #tap: TapWriter | null;
  readonly #tapBytes: Uint8Array;
  readonly #tapAddress: number;
  /** Where bytes are read to when the tap is full. */
  readonly #spare = new SharedArrayBuffer(READ_BYTES);
  readonly #spareBytes = new Uint8Array(this.#spare);
  readonly #spareAddress = addressOf(this.#spare);
  readonly #toServer: Flow;
  readonly #toClient: Flow;
  readonly #log: Flow;
  #pollCount = 0;
  /** True when the poll set no longer says what is wanted. */
  #changed = true;
  readonly #clock = new ArrivalClock();
  #exitSeenMs = Infinity;
  #eofTold = false;
  #finishNow = false;

  constructor(libc: Libc, fds: RelayFds, deps: Deps) {
    this.#libc = libc;
    this.#fds = fds;
    this.#deps = deps;
    const tapMemory = deps.tap ?? this.#spare;
    this.#tap = deps.tap && new TapWriter(deps.tap);
    this.#tapBytes = new Uint8Array(tapMemory);
    this.#tapAddress = addressOf(tapMemory);
    this.#toServer = flow(CHANNEL.clientToServer, 0, ownSink(libc, fds.serverIn));
    this.#toClient = flow(CHANNEL.serverToClient, fds.serverOut, inheritedSink(libc, 1));
    this.#log = flow(CHANNEL.serverLog, fds.serverErr, inheritedSink(libc, 2), MAX_LOG_BACKLOG_BYTES);
  }

  run(): void {
    while (!this.#isDone()) {
      if (this.#changed) this.#setInterest();
      const lingering = this.#exitSeenMs < Infinity && this.#toClient.backlog.size === 0;
      const quietMs = this.#tap?.mayHaveIdle ? GIVE_BACK_MS : -1;
      const ready = this.#libc.calls.poll(
        this.#pollAddress,
        this.#pollCount,
        lingering ? LINGER_MS : quietMs,
      );
      if (lingering && (ready === 0 || performance.now() - this.#exitSeenMs > MAX_LINGER_MS)) break;
      if (ready === 0) this.#giveBackMemory();
      if (ready > 0) this.#handleReady();
    }
    this.#close();
    this.#notify("done");
  }

  /** After the server's end: both its streams ended and delivered. Its stdin no longer matters, nor does the client's silence. */
  #isDone(): boolean {
    if (this.#finishNow) return true;
    if (this.#exitSeenMs === Infinity) return false;
    const delivered = (flow: Flow) => !flow.sourceOpen && (flow.backlog.size === 0 || !flow.sinkOpen);
    return delivered(this.#toClient) && delivered(this.#log);
  }

  #setInterest(): void {
    this.#changed = false;
    this.#want(Slot.Wake, this.#fds.wake, POLLIN);
    const waiting = [
      this.#wantFlow(this.#toServer, Slot.ClientIn, Slot.ServerIn),
      this.#wantFlow(this.#toClient, Slot.ServerOut, Slot.ClientOut),
      this.#wantFlow(this.#log, Slot.ServerErr, Slot.ClientErr),
    ];
    if (this.#watchesClient) this.#want(Slot.ClientOut, this.#toClient.sink.fd, waiting[1] ? POLLOUT : 0);
    this.#pollCount = waiting.includes(true) || this.#watchesClient ? ALL_SLOTS : SOURCES_ONLY;
  }

  /** The server has closed its stdin, so the client's is closed too and its end would go unseen: its other stream tells. */
  get #watchesClient(): boolean {
    return !this.#eofTold && !this.#toServer.sourceOpen && this.#toClient.sinkOpen;
  }

  /** Returns true when something waits for the flow's reader. */
  #wantFlow(flow: Flow, source: Slot, sink: Slot): boolean {
    // A descriptor with nothing asked would still report POLLHUP, again and again: -1 takes it out.
    const reading = flow.sourceOpen && (flow.lossy || flow.backlog.size === 0);
    const waiting = flow.sinkOpen && flow.backlog.size > 0;
    this.#want(source, reading ? flow.sourceFd : -1, POLLIN);
    this.#want(sink, waiting ? flow.sink.fd : -1, POLLOUT);
    return waiting;
  }

  #want(slot: Slot, fd: number, events: number): void {
    this.#pollFds[slot * 2] = fd;
    this.#pollEvents[slot * 4 + 2] = events;
    this.#pollEvents[slot * 4 + 3] = 0;
  }

  #returned(slot: Slot): number {
    return this.#pollEvents[slot * 4 + 3] as number;
  }

  #handleReady(): void {
    if (this.#pollCount === ALL_SLOTS) {
      this.#flush(this.#toServer, Slot.ServerIn);
      this.#flush(this.#toClient, Slot.ClientOut);
      this.#flush(this.#log, Slot.ClientErr);
    }
    if (this.#returned(Slot.ClientIn) !== 0) this.#move(this.#toServer);
    if (this.#returned(Slot.ServerOut) !== 0) this.#move(this.#toClient);
    if (this.#returned(Slot.ServerErr) !== 0) this.#move(this.#log);
    if (this.#returned(Slot.Wake) !== 0) this.#obey();
  }

  #flush(flow: Flow, slot: Slot): void {
    const writable = this.#returned(slot);
    if (writable === 0) return;
    this.#changed = true;
    const gone = (writable & (POLLERR | POLLNVAL)) !== 0 || (writable & (POLLHUP | POLLOUT)) === POLLHUP;
    if (gone || !flow.backlog.flushTo(flow.sink)) this.#sinkGone(flow);
    else if (!flow.sourceOpen && flow.backlog.size === 0) this.#closeSink(flow);
  }

  /** Reads once, writes what it can, holds the rest, then leaves the copy to the tap. */
  #move(flow: Flow): void {
    // A flow served earlier in this round may have closed this one's source.
    if (!flow.sourceOpen) return;
    const tap = this.#tap;
    const offset = tap === null ? -1 : tap.reserve();
    const recorded = offset >= 0;
    const address = recorded ? this.#tapAddress + offset : this.#spareAddress;
    const room = tap !== null && recorded ? Math.min(tap.room(), READ_BYTES) : READ_BYTES;
    const length = this.#libc.calls.read(flow.sourceFd, address, room);
    if (length <= 0) return this.#readNothing(flow, length);
    if (flow.sinkOpen) this.#deliver(flow, address, length, recorded ? offset : -1);
    if (tap === null) return;
    const timeMs = this.#clock.nowMs();
    if (recorded) tap.commit(flow.channel, length, timeMs);
    else tap.drop(flow.channel, this.#spareBytes.subarray(0, length), timeMs);
  }

  /** Writes `length` bytes at `address`; what does not go is held, copied from `offset` of the tap or, when negative, of the spare memory. */
  #deliver(flow: Flow, address: number, length: number, offset: number): void {
    const written = flow.backlog.size > 0 ? 0 : flow.sink.write(address, length);
    if (written === length) return;
    this.#changed = true;
    if (written < 0) return this.#sinkGone(flow);
    const memory = offset < 0 ? this.#spareBytes : this.#tapBytes;
    const start = Math.max(0, offset);
    if (length - written <= flow.backlog.room) {
      flow.backlog.hold(memory.subarray(start + written, start + length));
    }
  }

  #readNothing(flow: Flow, result: number): void {
    if (result < 0) {
      const errno = this.#libc.errno();
      if (errno === EINTR || errno === this.#libc.constants.EAGAIN) return;
    }
    this.#closeSource(flow);
  }

  /** The source has ended: what waits is still delivered, then the end is passed on. */
  #closeSource(flow: Flow): void {
    this.#changed = true;
    flow.sourceOpen = false;
    if (flow === this.#toServer) this.#tellEof();
    else this.#libc.calls.close(flow.sourceFd);
    if (flow.backlog.size === 0) this.#closeSink(flow);
  }

  #closeSink(flow: Flow): void {
    if (!flow.sinkOpen) return;
    flow.sinkOpen = false;
    // km's own stderr stays: km may still have an error to tell.
    if (flow !== this.#log) flow.sink.close();
  }

  /** The reader has gone: the writer learns it as it would without km. A log is read on, for the record. */
  #sinkGone(flow: Flow): void {
    flow.backlog.clear();
    this.#closeSink(flow);
    if (flow === this.#toClient && !this.#toServer.sourceOpen) this.#tellEof();
    if (flow === this.#log || !flow.sourceOpen) return;
    flow.sourceOpen = false;
    if (flow === this.#toServer) replaceByDevNull(this.#libc, flow.sourceFd);
    else this.#libc.calls.close(flow.sourceFd);
  }

  #giveBackMemory(): void {
    for (const { offset, length } of this.#tap?.takeIdle() ?? []) {
      const from = Math.ceil((this.#tapAddress + offset) / PAGE_BYTES) * PAGE_BYTES;
      const to = Math.floor((this.#tapAddress + offset + length) / PAGE_BYTES) * PAGE_BYTES;
      this.#libc.calls.madvise(from, to - from, MADV_DONTNEED);
    }
  }

  #tellEof(): void {
    if (this.#eofTold) return;
    this.#eofTold = true;
    this.#notify("clientEof");
  }

  #notify(kind: RelayNotice["kind"]): void {
    this.#deps.notify({ kind, timeMs: this.#clock.nowMs() });
  }

  #obey(): void {
    const { control } = this.#deps;
    this.#libc.calls.read(this.#fds.wake, this.#spareAddress, 64);
    if (Atomics.load(control, CONTROL.finish) === 1) this.#finishNow = true;
    if (Atomics.load(control, CONTROL.serverExited) === 1) {
      this.#exitSeenMs = Math.min(this.#exitSeenMs, performance.now());
    }
    if (Atomics.load(control, CONTROL.closeInput) === 1 && this.#toServer.sourceOpen) {
      this.#closeSource(this.#toServer);
    }
  }

  /** Lets everyone see the end: the client its stdin and stdout closed, the recorder the last gap. */
  #close(): void {
    for (const flow of [this.#toServer, this.#toClient, this.#log]) {
      if (flow.sinkOpen) this.#closeSink(flow);
    }
    replaceByDevNull(this.#libc, 0);
    this.#tap?.close();
  }
}

function flow(channel: Channel, sourceFd: number, sink: Sink, maxBacklogBytes: number = READ_BYTES): Flow {
  return {
    channel,
    sink,
    backlog: new Backlog(READ_BYTES, maxBacklogBytes),
    lossy: maxBacklogBytes > READ_BYTES,
    sourceFd,
    sourceOpen: true,
    sinkOpen: true,
  };
}
