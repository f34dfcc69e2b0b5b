/** A plugin's process while it runs: frames in and out, looks at what it takes, one end. @module */
import { encodeFrame, FrameReader, joinParts, ProtocolError } from "../../../proto/frame.ts";
import type { PluginProcess } from "../../proc/plugin_process.ts";
import { lowerProcess } from "../../proc/priority.ts";
import { usageOf } from "../../proc/process_usage.ts";
import { Audit } from "./audit.ts";
import { LimitWatch, LOOK_EVERY_MS } from "./limits.ts";
import type { Sandbox, SandboxEnd, SandboxOptions, Usage } from "./sandbox.ts";

/** How long what it wrote may take to arrive after its end, in ms. */
const DRAIN_MS = 1000;
/** So long it may start as fast as others run; then it stands back, up or not. A start took 1 s on 2 busy cores. */
const START_MS = 15_000;
/** What sh says when the program is not there or may not be executed. */
const NOT_STARTED = [126, 127];
/** V8's last words. */
const OUT_OF_HEAP = /JavaScript (heap )?out of memory|Reached heap limit/;

type Ending = Pick<SandboxEnd, "why" | "detail">;

export class RunningSandbox implements Sandbox {
  readonly #process: PluginProcess;
  readonly #options: SandboxOptions;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #reader: FrameReader;
  readonly #audit: Audit;
  readonly #watch: LimitWatch;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #ended: Promise<SandboxEnd>;
  #usage: Usage = { residentBytes: null, cpuMs: null };
  #waitingBytes = 0;
  #stderrBytes = 0;
  readonly #startedMs: number = performance.now();
  #framesSeen = false;
  #standsBack = false;
  #outOfHeap = false;
  #looking = false;
  /** Why km ends it; null while it does not. */
  #ending: Ending | null = null;
  #isOver = false;

  constructor(process: PluginProcess, options: SandboxOptions) {
    this.#process = process;
    this.#options = options;
    this.#stdin = process.stdin.getWriter();
    // Rejects when the plugin ends first; each write says so too.
    this.#stdin.closed.catch(() => {});
    this.#reader = new FrameReader(options.limits.frameBytes, (header, payload) => {
      this.#framesSeen = true;
      this.#standBack();
      if (!this.#isCut()) options.on.onFrame(header, payload);
    });
    this.#audit = new Audit(options.permissions, {
      onRefused: options.on.onRefused.bind(options.on),
      onStderr: (text) => {
        this.#outOfHeap ||= OUT_OF_HEAP.test(text);
        options.on.onStderr(text);
      },
    });
    this.#watch = new LimitWatch(options.limits, performance.now());
    this.#timer = setInterval(() => void this.#look(), LOOK_EVERY_MS);
    this.#ended = this.#live();
  }

  get pid(): number {
    return this.#process.pid;
  }

  get usage(): Usage {
    return this.#usage;
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  async send(header: Uint8Array, payload: readonly Uint8Array[]): Promise<void> {
    if (this.#isOver || this.#ending !== null) return;
    // One copy, so that the caller's memory is its own again, and one write, so that the plugin is woken once.
    const frame = joinParts(encodeFrame(header, payload));
    this.#waitingBytes += frame.length;
    try {
      await this.#stdin.write(frame);
    } catch {
      // It has ended, and the end is told as such.
    } finally {
      this.#waitingBytes -= frame.length;
    }
  }

  kill(why: SandboxEnd["why"], reason: string): void {
    if (this.#isOver) return;
    if (!this.#isCut()) this.#ending = { why, detail: reason };
    this.#process.kill();
  }

  async end(graceMs: number): Promise<SandboxEnd> {
    this.#ending ??= { why: "asked", detail: "it was asked to end" };
    this.#stdin.close().catch(() => {}); // What it has not read yet, it reads first.
    const timers = [
      setTimeout(() => this.#process.ask(), graceMs),
      setTimeout(() => this.#process.kill(), 2 * graceMs),
    ];
    try {
      return await this.#ended;
    } finally {
      for (const timer of timers) clearTimeout(timer);
    }
  }

  /** Nothing that it says counts any more. While it is asked to end, it may still answer. */
  #isCut(): boolean {
    return this.#ending !== null && this.#ending.why !== "asked";
  }

  async #live(): Promise<SandboxEnd> {
    const pumps = Promise.all([
      pump(this.#process.stdout, (chunk) => this.#push(chunk)),
      pump(this.#process.stderr, (chunk) => {
        this.#stderrBytes += chunk.length;
        this.#audit.push(chunk);
      }),
    ]);
    const { code, signal } = await this.#process.ended;
    clearInterval(this.#timer);
    this.#process.kill();
    await withinMs(pumps, DRAIN_MS);
    this.#audit.end();
    await this.#stdin.abort().catch(() => {});
    this.#isOver = true;
    const end = { ...this.#why(code, signal), exitCode: code, signal, usage: this.#usage };
    this.#options.on.onEnd(end);
    return end;
  }

  #push(chunk: Uint8Array): void {
    if (this.#isCut()) return;
    try {
      this.#reader.push(chunk);
    } catch (error) {
      const reason = error instanceof ProtocolError
        ? error.message
        : `what it said is not understood: ${error}`;
      this.kill("protocol", reason);
    }
  }

  #why(code: number | null, signal: string | null): Ending {
    if (this.#ending !== null) return this.#ending;
    if (this.#outOfHeap) {
      return { why: "limit", detail: `its heap grew beyond ${this.#options.limits.heapMiB} MiB` };
    }
    if (code !== null && NOT_STARTED.includes(code) && !this.#framesSeen) {
      return { why: "spawn_failed", detail: `${this.#options.deno} did not start: exit code ${code}` };
    }
    if (this.#reader.isPartial) {
      return { why: "protocol", detail: `it ended in the middle of a frame, ${howItEnded(code, signal)}` };
    }
    return { why: "exit", detail: `it ended by itself, ${howItEnded(code, signal)}` };
  }

  #standBack(): void {
    if (this.#standsBack) return;
    this.#standsBack = true;
    lowerProcess(this.#options.niceness, this.pid);
  }

  async #look(): Promise<void> {
    if (this.#looking) return;
    if (performance.now() - this.#startedMs >= START_MS) this.#standBack();
    this.#looking = true;
    const usage = await usageOf(this.pid);
    this.#looking = false;
    if (this.#isOver || this.#isCut()) return;
    // A process that is just ending has none; what it had before is the better answer.
    this.#usage = {
      residentBytes: usage.residentBytes ?? this.#usage.residentBytes,
      cpuMs: usage.cpuMs ?? this.#usage.cpuMs,
    };
    const over = this.#watch.look(performance.now(), this.#usage, this.#stderrBytes);
    if (over !== null) this.kill("limit", over);
  }
}

function howItEnded(code: number | null, signal: string | null): string {
  return signal === null ? `with exit code ${code}` : `by ${signal}`;
}

async function pump(stream: ReadableStream<Uint8Array>, take: (chunk: Uint8Array) => void): Promise<void> {
  try {
    for await (const chunk of stream) take(chunk);
  } catch {
    // The pipe broke: it ended.
  }
}

async function withinMs(promise: Promise<unknown>, ms: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<void>((resolve) => timer = setTimeout(resolve, ms));
  await Promise.race([promise, limit]);
  clearTimeout(timer);
}
