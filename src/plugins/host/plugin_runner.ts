/** One installed plugin that is on: its queue, its process, and when that is started again. @module */
import { KmError } from "../../core/error.ts";
import { checkTime } from "../package/usable.ts";
import { consoleText } from "./console_text.ts";
import { HandlingTimes } from "./handling_times.ts";
import type { LogFile } from "./log_file.ts";
import { openSession } from "./open_session.ts";
import { countBatch, countEmit, type Counting, noCounts } from "./plugin_counts.ts";
import {
  type PluginSession,
  type SessionEnd,
  type SessionEvents,
  type SessionLicence,
  UnusableError,
} from "./plugin_session.ts";
import type { PreparedPlugin } from "./prepared_plugin.ts";
import { BATCH_MS, MessageQueue } from "./queue.ts";
import { redactEvents } from "./redacted_events.ts";
import { kindOf, Refusals } from "./refusals.ts";
import { type OfferedMessage, ScopeFilter } from "./scope.ts";
import type { RunnerDeps } from "./runner_deps.ts";
import type { StateFile } from "./state_file.ts";
import type { LastEnd, PluginState, PluginStatus } from "./status.ts";
import { RestartRule } from "./supervisor.ts";
import type { Timers } from "./timers.ts";
import { wireMessage } from "./wire_message.ts";
import type { Emitted } from "../wire/decode.ts";

/** What was refused is tried again after this long: a clock may have been set right, a folder come back. */
const REFUSED_RETRY_MS = 60_000;
/** More cut in a minute than so many times what it may log is a flood. */
const LOG_FLOOD_TIMES = 8;
const MAX_STDERR_CHARS = 4096;

export class PluginRunner {
  readonly #deps: RunnerDeps;
  readonly #timers: Timers;
  readonly #rule = new RestartRule();
  readonly #counts: Counting;
  readonly #times = new HandlingTimes();
  readonly #refusals: Refusals;
  #state: PluginState = "starting";
  #reason: string | null = null;
  #since: string;
  #retryAt: string | null = null;
  #lastEnd: LastEnd | null = null;
  #stderr: string | null = null;
  #session: PluginSession | null = null;
  #prepared: PreparedPlugin | null = null;
  #filter: ScopeFilter | null = null;
  #queue: MessageQueue | null = null;
  #log: LogFile | null = null;
  #kept: StateFile | null = null;
  #retryTimer: unknown = null;
  #batchTimer: unknown = null;
  #isHandling = false;
  /** Number of the oldest message that its process was given and is not done with. */
  #handlingSeq: number | null = null;
  #lastFailure: PluginStatus["lastFailure"] = null;
  #isStopped = false;
  /** Settles when the start under way is over. */
  #starting: Promise<void> = Promise.resolve();

  constructor(deps: RunnerDeps) {
    this.#deps = deps;
    this.#timers = deps.timers;
    this.#counts = deps.figures?.counts ?? noCounts();
    this.#refusals = deps.figures?.refusals ?? new Refusals();
    this.#since = this.#now();
  }

  /** True while it may be handed messages, now or soon. */
  get takesMessages(): boolean {
    return this.#queue !== null &&
      (this.#state === "starting" || this.#state === "running" || this.#state === "waiting");
  }

  /** What it wants to see; null: nothing yet. */
  get filter(): ScopeFilter | null {
    return this.takesMessages ? this.#filter : null;
  }

  /** True while nobody knows yet what it wants to see. */
  get isUndecided(): boolean {
    return this.#state === "starting" && this.#prepared === null;
  }

  get payloadBytes(): number {
    return this.#prepared?.limits.payloadBytes ?? 0;
  }

  get isRunning(): boolean {
    return this.#state === "running";
  }

  /** Starts it. Settles when it runs, or is known not to. */
  start(): Promise<void> {
    return this.#starting = this.#start();
  }

  /** Number of the oldest message that it is not done with; null: none. */
  get oldestUndone(): number | null {
    return this.#handlingSeq ?? this.#queue?.oldestSeq ?? null;
  }

  /** A message that a monitor saw; `seq`: its number among all that the host was handed. */
  offer(message: OfferedMessage, seq = 0): void {
    if (!this.takesMessages) return;
    const scoped = this.#filter?.apply(message) ?? null;
    if (scoped === null || this.#queue === null) return;
    // A copy: what came is a piece of a frame, all of which would be kept as long as it.
    this.#queue.add({ ...scoped, data: scoped.data.slice() }, seq);
    this.#pumpSoon();
  }

  /** The licence was checked again. Ends it when it does not accept that. */
  async relicense(licence: SessionLicence): Promise<void> {
    try {
      await this.#session?.authenticate(licence);
    } catch (error) {
      if (!(error instanceof KmError) || error.code !== "not_granted") return;
      await this.refuse(this.#deps.redact(error.message));
    }
  }

  /** It may not run any more. */
  async refuse(reason: string): Promise<void> {
    this.#set("refused", reason);
    this.#retryLater(REFUSED_RETRY_MS);
    await this.#endSession(reason);
  }

  /** Ends it for good, in order. */
  async stop(reason: string): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#clearTimers();
    await this.#endSession(reason);
    await this.#starting;
    this.#kept?.flush();
    this.#log?.close();
  }

  /** Drops what waits, counted: of one that was stopped. */
  dropWaiting(): void {
    this.#queue?.clear();
  }

  get status(): PluginStatus {
    const { name, version } = this.#deps;
    const session = this.#session;
    return {
      name,
      version,
      state: this.#state,
      reason: this.#reason,
      since: this.#since,
      retryAt: this.#retryAt,
      pid: session?.pid ?? null,
      protocolVersion: this.isRunning ? session?.protocolVersion ?? null : null,
      lastEnd: this.#lastEnd,
      counts: { ...this.#counts },
      queue: { messages: this.#queue?.messages ?? 0, bytes: this.#queue?.bytes ?? 0 },
      usage: session?.usage ?? { residentBytes: null, cpuMs: null },
      handling: this.#times.percentiles,
      refused: this.#refusals.entries,
      refusedOthers: this.#refusals.others,
      refusedOthersByKind: this.#refusals.othersByKind,
      stderr: this.#stderr,
      lastFailure: this.#lastFailure ?? null,
    };
  }

  /** What changes with each message, and nothing else. */
  get counted(): unknown {
    return [this.#counts, this.#queue?.messages, this.#refusals.others];
  }

  /** Now and then, also by the clock: what runs when its time is over runs no longer. */
  tick(): void {
    this.#log?.tick();
    if (!this.isRunning || this.#prepared === null) return;
    try {
      checkTime(this.#prepared.manifest, this.#timers.wallMs());
    } catch (error) {
      void this.refuse((error as KmError).message); // as: that is what it throws
    }
  }

  async #start(): Promise<void> {
    if (this.#isStopped) return;
    this.#set("starting", null);
    let session: PluginSession | null = null;
    try {
      const prepared = await this.#deps.prepare();
      if (this.#isStopped) return;
      this.#take(prepared);
      session = this.#session = openSession(prepared, this.#deps, {
        kept: this.#kept?.entries() ?? [],
        on: redactEvents(this.#events(prepared.limits.logBytesPerMinute), this.#deps.redact),
      });
      this.#counts.starts++;
      this.#rule.started(this.#timers.nowMs());
      await session.start();
      // It may have been refused, or have ended, meanwhile.
      if (this.#session !== session || this.#state !== "starting") return;
      this.#log?.note(
        "start",
        "info",
        `started: ${prepared.manifest.version}, pid ${session.pid}, protocol ${session.protocolVersion}`,
      );
      this.#set("running", null);
      this.#pumpSoon();
    } catch (error) {
      await this.#startFailed(session, error);
    }
  }

  async #startFailed(session: PluginSession | null, error: unknown): Promise<void> {
    const message = this.#deps.redact(error instanceof Error ? error.message : String(error));
    // A process that was there has an end of its own, which is told and counted.
    const hadProcess = (session?.pid ?? null) !== null;
    if (hadProcess) await session?.ended;
    this.#session = null;
    if (this.#isStopped) return;
    const isRefusal = !hadProcess || error instanceof UnusableError ||
      (error instanceof KmError && error.code === "not_granted");
    if (isRefusal) {
      this.#log?.note("start", "error", message);
      this.#set("refused", message);
      this.#retryLater(REFUSED_RETRY_MS);
    } else if (this.#state === "starting") this.#crashed("handshake", message);
  }

  #take(prepared: PreparedPlugin): void {
    const { limits, scope } = prepared;
    this.#prepared = prepared;
    this.#filter = new ScopeFilter(scope, limits.payloadBytes);
    this.#queue ??= new MessageQueue(
      { messages: limits.queueMessages, bytes: limits.queueBytes },
      (dropped) => {
        this.#counts.droppedMessages += dropped.messages;
        this.#counts.droppedBytes += dropped.bytes;
      },
    );
    this.#log ??= this.#deps.log(limits.logBytesPerMinute);
    this.#kept ??= this.#deps.state((problem) => this.#log?.note("state", "warning", problem));
    this.#deps.changed();
  }

  #events(logBytesPerMinute: number): SessionEvents {
    return {
      onLog: (level, text, shown) => {
        const fate = this.#log?.say(level, text, shown ?? "");
        if (fate === "cut") this.#counts.logLinesCut++;
        else this.#counts.logLines++;
        if (fate !== "cut" && shown !== null) {
          this.#deps.show((color) => consoleText(this.#deps.name, shown, color));
        }
        if ((this.#log?.minuteBytes ?? 0) <= logBytesPerMinute * LOG_FLOOD_TIMES) return;
        this.#session?.kill("limit", `it logged more than ${LOG_FLOOD_TIMES} times what it may in a minute`);
      },
      onEmit: (eventId, what) => this.#emitted(eventId, what),
      onSetState: (key, valueJson) => {
        const problem = this.#kept?.set(key, valueJson ?? "") ?? null;
        if (problem !== null) this.#session?.tellError("state", problem);
      },
      onRefused: (access) => {
        if (!this.#refusals.add(access, this.#now())) return;
        const what = `${access.permission} ${access.value}`;
        this.#log?.note(`refusal of ${kindOf(access.permission)}`, "warning", `refused: ${what}`);
        this.#session?.tellError("refused", what);
      },
      onStderr: (text) => {
        this.#stderr = `${this.#stderr ?? ""}${text}`.slice(-MAX_STDERR_CHARS);
        this.#log?.note("stderr", "warning", `stderr: ${text.trimEnd()}`);
      },
      onEnd: (end) => this.#ended(end),
    };
  }

  #emitted(eventId: string | null, what: Emitted): void {
    const claims = what.type === "finding" ? what.server : null;
    // What it says of a server that it may not see is made up.
    const isKept = (claims === null || this.#filter?.seesServer(claims) === true) &&
      this.#deps.emit(eventId, what);
    countEmit(this.#counts, what, isKept);
  }

  #pumpSoon(): void {
    if (!this.isRunning || this.#isHandling || this.#queue === null || this.#queue.messages === 0) return;
    if (this.#queue.hasFullBatch) return void this.#pump();
    this.#batchTimer ??= this.#timers.set(() => {
      this.#batchTimer = null;
      void this.#pump();
    }, BATCH_MS);
  }

  /** Hands over one batch, and the next when that is done with. */
  async #pump(): Promise<void> {
    const session = this.#session;
    if (this.#isHandling || this.#isStopped || !this.isRunning) return;
    if (session === null || this.#queue === null) return;
    if (this.#batchTimer !== null) this.#timers.clear(this.#batchTimer);
    this.#batchTimer = null;
    const oldest = this.#queue.oldestSeq;
    const { messages, dropped } = this.#queue.take();
    if (messages.length === 0) return;
    this.#isHandling = true;
    this.#handlingSeq = oldest;
    const startMs = this.#timers.nowMs();
    try {
      const result = await session.handle(messages.map(wireMessage), dropped);
      this.#times.add(this.#timers.nowMs() - startMs, messages.length);
      countBatch(this.#counts, messages, result);
      if (result.failed > 0) {
        this.#failed(result.failed, messages.length, this.#deps.redact(result.firstError));
      }
      this.#handlingSeq = null;
    } catch {
      // Its process ended over this batch; that end counts what was lost. When the host ends with it, monitors count it.
      if (!this.#isStopped) this.#handlingSeq = null;
    }
    this.#isHandling = false;
    this.#pumpSoon();
  }

  #failed(failed: number, messages: number, error: string): void {
    this.#lastFailure = { time: this.#now(), message: error };
    this.#log?.note("failure", "error", `${failed} of ${messages} messages failed: ${error}`);
  }

  #ended(end: SessionEnd): void {
    this.#session = null;
    this.#refusals.turn();
    this.#counts.lostMessages += end.lostMessages;
    this.#kept?.flush();
    const detail = end.lostMessages === 0 ? end.detail : `${end.detail} (${end.lostMessages} messages lost)`;
    this.#lastEnd = { time: this.#now(), why: end.why, detail };
    this.#log?.note("end", end.why === "asked" ? "info" : "error", `ended (${end.why}): ${detail}`);
    // While it starts, whoever starts it tells; what was refused or stopped needs no start.
    if (this.#state === "running" && !this.#isStopped) this.#crashed(end.why, end.detail);
  }

  #crashed(why: string, detail: string): void {
    this.#counts.crashes++;
    this.#lastEnd ??= { time: this.#now(), why, detail };
    const verdict = this.#rule.ended(this.#timers.nowMs());
    if (verdict.action === "restart") {
      this.#set("waiting", detail);
      return this.#retryLater(verdict.delayMs);
    }
    this.#queue?.clear();
    const again = `to try again: km plugins enable ${this.#deps.name}`;
    this.#set("off", `it ended 5 times within 10 minutes, the last time because: ${detail}; ${again}`);
    this.#log?.note("end", "error", `off: it ended 5 times within 10 minutes; ${again}`);
  }

  #retryLater(delayMs: number): void {
    this.#clearTimers();
    if (this.#isStopped) return;
    this.#retryAt = new Date(this.#timers.wallMs() + delayMs).toISOString();
    this.#retryTimer = this.#timers.set(() => {
      this.#retryTimer = null;
      void this.start();
    }, delayMs);
    this.#deps.changed();
  }

  async #endSession(reason: string): Promise<void> {
    await this.#session?.shutdown(reason);
  }

  #clearTimers(): void {
    for (const timer of [this.#retryTimer, this.#batchTimer]) if (timer !== null) this.#timers.clear(timer);
    this.#retryTimer = this.#batchTimer = null;
    this.#retryAt = null;
  }

  #set(state: PluginState, reason: string | null): void {
    if (state !== this.#state) this.#since = this.#now();
    this.#state = state;
    this.#reason = reason;
    if (state !== "waiting" && state !== "refused") this.#retryAt = null;
    this.#deps.changed();
  }

  #now(): string {
    return new Date(this.#timers.wallMs()).toISOString();
  }
}
