/**
 * The recorder's loop: what passed is read from the tap, transcribed, and written in batches.
 *
 * Under load it wakes by the clock, not per message; idle it sleeps until the relay wakes it. When the store cannot take a batch,
 * the batch is kept and tried again, and the rest waits in the tap, which is bounded and counts what it drops. Nothing here can delay the relay.
 * @module
 */
import { KmError } from "../core/error.ts";
import type { Batch, CallChange, EventRecord, Run, ToolListing } from "../core/event.ts";
import { CHANNEL, type Channel, type Gap } from "../core/tap.ts";
import { BatchBuilder } from "./batch_builder.ts";
import { CopyBuffer } from "./copy_buffer.ts";
import { type Line, LineSplitter } from "./line_splitter.ts";
import { LossBook } from "./loss_book.ts";
import type { RecordSink } from "./store_sink.ts";
import type { Transcriber, TranscriptSink } from "./transcriber.ts";

/** Between two looks at a busy tap. What is in memory only is then at most this old, plus one insert: well within the 200 ms that kill -9 may cost. */
const TICK_MS = 25;
/** Read and written at one go: so little that the objects made of it die young. 1 MiB costs 25 MB more of memory and is no faster (2026-11-21). */
const READ_SLICE_BYTES = 256 * 1024;
/** A slice may end with a whole segment of the tap more. */
const COPY_BYTES = READ_SLICE_BYTES + 256 * 1024;
/** Chores are done when nothing came for this long. */
const IDLE_MS = 1_000;
/** Pause between two slices of chores: half the time is left for others. */
const CHORE_PAUSE_MS = 20;
/** Messages may never pause for `IDLE_MS`: between them, chores that wait get a slice so often, */
const BUSY_CHORE_MS = 500;
/** and new ones are looked for so often. Rarely, because what is indexed at one go is compressed at one go. */
const BUSY_LOOK_MS = 5_000;
/** Events grow old without a message, too. */
const CHORES_EVERY_MS = 10 * 60_000;
const SLEEP_MS = 60_000;
const FIRST_RETRY_MS = 50;
const MAX_RETRY_MS = 1_000;
/**
 * The end may take 5 s in all (issue "km monitor", section 4), and km waits no longer. So from here on what is still queued is only
 * counted, which leaves the time to write the last batches, and the record says what it lacks.
 */
const TRANSCRIBE_LIMIT_MS = 4_000;
/**
 * On a machine without a free processor those last batches take as long as that many rounds did: on 2 cores with 24 other programs at work
 * km ended before they were written, and 72,722 messages were missing without a gap (2026-11-21).
 */
const LAST_ROUNDS = 3;
const END_LIMIT_MS = 5_000;
/** Longest that a store is asked again to take what is left. */
const FLUSH_LIMIT_MS = 4_800;
const LF = 10;

/** The reader's end of a tap. */
export interface TapSource {
  read(
    onBytes: (channel: Channel, bytes: Uint8Array, timeMs: number) => void,
    onGap: (channel: Channel, gap: Gap) => void,
    maxBytes?: number,
  ): number;
  readonly ended: boolean;
  waitAsync(timeoutMs: number): Promise<void>;
  wake(): void;
}

/** How the server ended. */
export interface ServerExit {
  readonly timeUs: number;
  /** 128+n for signal n. */
  readonly exitCode: number;
  readonly signal: string | null;
  readonly reason: string;
}

/** Called with each event before it is stored. */
export type EventListener = (event: EventRecord) => void;

/** Whoever else is told of each event; takes copies of what it needs, and never waits. */
export interface EventFeed {
  add(event: EventRecord, raw: Uint8Array | null, run: Run): void;
}

export interface RecorderDeps {
  readonly tap: TapSource;
  readonly maxStoredBytes: number;
  /** Null: nothing is stored (`--no-record`). */
  readonly store: RecordSink | null;
  readonly listener: EventListener | null;
  /** Null: there can be no plugins. */
  readonly feed: EventFeed | null;
  /** Makes the transcriber that writes to `sink`. */
  readonly transcribe: (sink: TranscriptSink) => Transcriber;
  /** Monotonic, in ms. */
  readonly nowMs: () => number;
}

export class Recorder implements TranscriptSink {
  readonly #deps: RecorderDeps;
  readonly #transcriber: Transcriber;
  readonly #splitters: readonly LineSplitter[];
  readonly #batch = new BatchBuilder();
  /** What the events of `#batch` are views of. */
  #copies = new CopyBuffer(COPY_BYTES);
  /** The batch that the store did not take yet. */
  #waiting: Batch | null = null;
  #retryAtMs = 0;
  #retryMs = FIRST_RETRY_MS;
  /** True when the last refusal was of a kind that passes: another writer, a full disk. */
  #worthWaiting = false;
  #receivedMs: number;
  #heardMs = 0;
  #choresLeft = true;
  /** True when the last slice did not finish them. */
  #choresBegun = false;
  #tidiedMs: number;
  #exit: ServerExit | null = null;
  #exitedMs = 0;
  #unrecorded = 0;
  /** What the next batch tells as gaps. */
  readonly #losses = new LossBook();
  /** Events made so far. */
  #made = 0;
  #endSleep = () => {};

  constructor(deps: RecorderDeps) {
    this.#deps = deps;
    this.#transcriber = deps.transcribe(this);
    this.#splitters = Object.values(CHANNEL).map((channel) =>
      new LineSplitter(deps.maxStoredBytes, {
        onLine: (line) => this.#transcribe(channel, line),
        onGap: (gap) => this.#transcriber.gap(channel, gap),
      })
    );
    this.#receivedMs = deps.nowMs();
    this.#tidiedMs = this.#receivedMs;
  }

  /** The server has been started. */
  started(pid: number): void {
    const { command, cwd, startedUs } = this.#transcriber.run;
    this.#transcriber.update({ pid });
    this.#transcriber.lifecycle(startedUs, { event: "start", command: JSON.parse(command), cwd, pid });
    this.#deps.tap.wake();
  }

  /** The server has ended and the relay has put everything into the tap: `run` writes what is left and returns. `lateMs`: km has waited so long already. */
  exited(exit: ServerExit, lateMs = 0): void {
    this.#exit = exit;
    this.#exitedMs = this.#deps.nowMs() - lateMs;
    this.#deps.tap.wake();
    this.#endSleep();
  }

  /** Records until `exited` was called and everything was written. Returns how many events could not be kept. */
  async run(): Promise<number> {
    // "The server has started" was sent right behind: it is to be the first event of the run.
    await this.#sleep(0);
    while (this.#exit === null) {
      const read = this.#read();
      this.#write();
      await this.#pause(read);
    }
    await this.#finish(this.#exit);
    this.#deps.store?.close();
    return this.#unrecorded;
  }

  addEvent(event: EventRecord, raw: Uint8Array | null): void {
    this.#made++;
    if (this.#deps.store !== null) this.#batch.addEvent(event);
    try {
      this.#deps.listener?.(event);
      this.#deps.feed?.add(event, raw, this.#transcriber.run);
    } catch {
      // A live view that cannot be written (stderr is closed) must not cost the record, nor may plugins.
    }
  }

  addCall(change: CallChange): void {
    if (this.#deps.store !== null) this.#batch.addCall(change);
  }

  addTools(tools: readonly ToolListing[]): void {
    if (this.#deps.store !== null) this.#batch.addTools(tools);
  }

  #transcribe(channel: Channel, line: Line): void {
    const made = this.#made;
    try {
      this.#transcriber.line(channel, line);
    } catch {
      // A message that trips over a mistake of ours is one message lost, not all that follow.
      if (this.#made > made) return;
      this.#unrecorded++;
      this.#losses.addLine(channel, line);
    }
  }

  /** Reads a slice of the tap, or nothing while a full batch waits for the store. */
  #read(): number {
    if (this.#batch.isFull) return 0;
    const read = this.#deps.tap.read(
      // The view is into shared memory that the relay will reuse: one copy here, views of the copy from then on.
      (channel, bytes, timeMs) => this.#splitters[channel]?.push(this.#copies.copy(bytes), timeMs),
      (channel, gap) => this.#splitters[channel]?.gap(gap),
      READ_SLICE_BYTES,
    );
    if (read > 0) this.#receivedMs = this.#deps.nowMs();
    return read;
  }

  /** Hands the batch to the store, unless the last one is still to be retried. True when nothing is left in memory. */
  #write(): boolean {
    if (this.#waiting === null) {
      for (const [channel, gap] of this.#losses.take()) this.#transcriber.gap(channel, gap);
      if (this.#batch.isEmpty) {
        this.#copies.clear();
        return true;
      }
      this.#waiting = this.#batch.take(this.#transcriber.run);
    } else if (this.#deps.nowMs() < this.#retryAtMs) return false;
    if (!this.#append(this.#waiting)) {
      // The batch keeps its copies; what is read meanwhile needs others.
      if (this.#batch.isEmpty) this.#copies = new CopyBuffer(COPY_BYTES);
      return false;
    }
    if (this.#batch.isEmpty) this.#copies.clear();
    this.#waiting = null;
    this.#choresLeft = true;
    return this.#batch.isEmpty;
  }

  #append(batch: Batch): boolean {
    try {
      this.#deps.store?.append(batch);
      this.#retryMs = FIRST_RETRY_MS;
      return true;
    } catch (error) {
      if (!(error instanceof KmError)) {
        // A batch that trips over a mistake of ours would block all that follow: it is given up.
        this.#giveUp(batch);
        return true;
      }
      this.#worthWaiting = error.code === "store_locked" || error.code === "store_full";
      this.#retryAtMs = this.#deps.nowMs() + this.#retryMs;
      this.#retryMs = Math.min(this.#retryMs * 2, MAX_RETRY_MS);
      return false;
    }
  }

  async #pause(read: number): Promise<void> {
    if (read >= READ_SLICE_BYTES && this.#waiting === null) return await this.#hearMessages();
    const tidied = this.#tidyWhenDue();
    if (read > 0 || this.#waiting !== null || !this.#batch.isEmpty) return await this.#sleep(TICK_MS);
    // A closed tap no longer waits: asking it again and again would keep this thread from ever hearing `exit`.
    if (this.#deps.tap.ended) return await this.#sleep(SLEEP_MS);
    if (this.#deps.store === null || !this.#choresLeft) return await this.#deps.tap.waitAsync(SLEEP_MS);
    const idleMs = this.#deps.nowMs() - this.#receivedMs;
    await this.#deps.tap.waitAsync(tidied ? CHORE_PAUSE_MS : Math.max(IDLE_MS - idleMs, CHORE_PAUSE_MS));
  }

  /** Does a slice of the chores when it is time for one and nothing waits to be written; true when it did. */
  #tidyWhenDue(): boolean {
    const { store, tap, nowMs } = this.#deps;
    if (store === null || tap.ended || this.#waiting !== null || !this.#batch.isEmpty) return false;
    const sinceMs = nowMs() - this.#tidiedMs;
    if (sinceMs >= CHORES_EVERY_MS) this.#choresLeft = true;
    const isIdle = nowMs() - this.#receivedMs >= IDLE_MS;
    const isOverdue = sinceMs >= (this.#choresBegun ? BUSY_CHORE_MS : BUSY_LOOK_MS);
    if (!this.#choresLeft || !(isIdle || isOverdue)) return false;
    this.#choresLeft = this.#choresBegun = this.#tidy(store);
    this.#tidiedMs = nowMs();
    return true;
  }

  #tidy(store: RecordSink): boolean {
    try {
      return store.tidy();
    } catch {
      // Chores can wait: they are taken up again after the next batch.
      return false;
    }
  }

  async #finish(exit: ServerExit): Promise<void> {
    const waitedMs = () => this.#deps.nowMs() - this.#exitedMs;
    this.#tryAtOnce();
    for (let [beginMs, slowestMs] = [waitedMs(), 0];;) {
      const nowMs = waitedMs();
      [beginMs, slowestMs] = [nowMs, Math.max(slowestMs, nowMs - beginMs)];
      if (nowMs >= Math.min(TRANSCRIBE_LIMIT_MS, END_LIMIT_MS - LAST_ROUNDS * slowestMs)) break;
      if (this.#batch.isFull) {
        if (!this.#write()) await this.#retryOrGiveUp(!this.#worthWaiting);
      } else if (this.#read() === 0) break;
    }
    this.#countRest();
    this.#end(exit);
    this.#tryAtOnce();
    // One last try is always made; a client must not wait 5 s for a home that cannot be written to.
    while (!this.#write()) {
      await this.#retryOrGiveUp(!this.#worthWaiting || waitedMs() >= FLUSH_LIMIT_MS);
      // All was given up: the gaps that would tell of it have no better chance.
      if (this.#waiting === null && this.#batch.isEmpty) return;
    }
  }

  #tryAtOnce(): void {
    this.#retryAtMs = 0;
    this.#retryMs = FIRST_RETRY_MS;
  }

  /** Takes what is still queued as one gap per channel. */
  #countRest(): void {
    const gaps = new Map<Channel, Gap>();
    const add = (channel: Channel, gap: Gap) => {
      const sum = gaps.get(channel);
      if (sum === undefined) return gaps.set(channel, gap);
      gaps.set(channel, {
        bytes: sum.bytes + gap.bytes,
        lines: sum.lines + gap.lines,
        endsLine: gap.endsLine,
        timeMs: sum.timeMs,
      });
    };
    this.#deps.tap.read((channel, bytes, timeMs) => add(channel, gapOf(bytes, timeMs)), add);
    for (const [channel, gap] of gaps) this.#splitters[channel]?.gap(gap);
  }

  #end(exit: ServerExit): void {
    for (const splitter of this.#splitters) splitter.end(exit.timeUs / 1000);
    this.#transcriber.end();
    this.#transcriber.update({ endedUs: exit.timeUs, exitCode: exit.exitCode });
    const { exitCode, signal, reason } = exit;
    this.#transcriber.lifecycle(exit.timeUs, { event: "exit", exitCode, signal, reason });
  }

  /** After a `#write` that left something: goes on with it, later, or gives it up when it is late. */
  async #retryOrGiveUp(late: boolean): Promise<void> {
    // The batch that was waiting is written; the one behind it has its turn.
    if (this.#waiting === null) return;
    if (!late) return await this.#sleep(TICK_MS);
    this.#giveUp(this.#waiting);
    this.#waiting = null;
    this.#giveUp(this.#batch.take(this.#transcriber.run));
  }

  /** Counts what is not stored, and remembers to tell of it. A gap told of what was lost before: it is told again. */
  #giveUp(batch: Batch): void {
    this.#unrecorded += batch.events.filter((event) => event.kind !== "gap").length;
    for (const event of batch.events) this.#losses.addEvent(event);
  }

  /** In a backlog no time is lost: only now and then the event loop gets its turn. */
  async #hearMessages(): Promise<void> {
    if (this.#deps.nowMs() - this.#heardMs < TICK_MS) return;
    await this.#sleep(0);
    this.#heardMs = this.#deps.nowMs();
  }

  /** Sleeps by the clock; `exited` ends it early. */
  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#endSleep = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function gapOf(bytes: Uint8Array, timeMs: number): Gap {
  let lines = 0;
  for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) lines++;
  return { bytes: bytes.length, lines, endsLine: bytes.at(-1) === LF, timeMs };
}
