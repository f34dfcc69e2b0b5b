/**
 * The daemon's end of its writer thread: bodies wait here, within a bound, and go to the thread in groups. What waits while one
 * transaction is written is the next one, so that many small requests cost what one large one does.
 * @module
 */
import { KmError } from "../core/error.ts";
import type { IngestAnswer, WaitingBody } from "../recorder/ingest/group_writer.ts";
import type { IngestBody, IngestLimits } from "../recorder/ingest/read_body.ts";
import { Refusal } from "../recorder/ingest/refusal.ts";
import type { Pruned } from "../store/prune.ts";
import type { IngestCommand, IngestReport, IngestSettings, PruneRequest } from "./ingest_messages.ts";

/** What may change while it runs. */
export interface IngestThreadSettings {
  readonly settings: IngestSettings;
  /** Bytes of bodies that may wait. */
  readonly maxWaitingBytes: number;
}

export interface IngestThreadOptions extends IngestThreadSettings {
  /** Tests give another. */
  readonly worker?: URL;
  /** How long the end may take. */
  readonly stopMs?: number;
}

/** How long a sender is kept waiting for a locked store, in ms. */
const PATIENCE_MS = 5_000;
/** Bytes of one group: about 3,500 events, 50 ms of work. */
const GROUP_BYTES = 2 * 1024 * 1024;
/** By now every request was answered or cut: what is left is one transaction, or a store that is locked anyway. */
const STOP_MS = 900;
/** Groups that the thread has: while we answer one, it stores the next. */
const MAX_GROUPS = 2;
/** A thread that dies at once is not started again at once. */
const RESTART_MS = 500;

interface Waiting {
  readonly body: IngestBody & { readonly bytes: Uint8Array<ArrayBuffer> };
  readonly sizeBytes: number;
  readonly arrivedMs: number;
  readonly resolve: (answer: IngestAnswer) => void;
}

export class IngestThread implements AsyncDisposable {
  #options: IngestThreadOptions;
  #worker: Worker | null = null;
  /** Not yet given to the thread, oldest first. */
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  /** What the thread works on, and what it goes on with at once. */
  readonly #groups: Waiting[][] = [];
  /** Changes of settings that the thread was told, oldest first. */
  readonly #changes: (() => void)[] = [];
  readonly #prunes = new Map<number, PromiseWithResolvers<Pruned>>();
  #lastId = 0;
  #startedMs = -RESTART_MS;
  #restart: ReturnType<typeof setTimeout> | undefined;
  #stopped: PromiseWithResolvers<void> | null = null;

  constructor(options: IngestThreadOptions) {
    this.#options = options;
    this.#start();
  }

  get limits(): IngestLimits {
    return this.#options.settings.limits;
  }

  /** Stores what a body holds; settles when it is committed, or is sure not to be. The bytes are the thread's from then on. */
  take(body: IngestBody & { readonly bytes: Uint8Array<ArrayBuffer> }): Promise<IngestAnswer> {
    if (this.#stopped !== null) return Promise.resolve(stopping());
    const sizeBytes = body.bytes.length;
    if (this.#waitingBytes + sizeBytes > this.#options.maxWaitingBytes) return Promise.resolve(busy());
    this.#waitingBytes += sizeBytes;
    return new Promise((resolve) => {
      this.#waiting.push({ body, sizeBytes, arrivedMs: performance.now(), resolve });
      this.#send();
    });
  }

  /** Works with other settings from now on. Settles when nothing will be stored any more by those before. */
  change(settings: IngestThreadSettings): Promise<void> {
    this.#options = { ...this.#options, ...settings };
    if (this.#worker === null) return Promise.resolve(); // The next one starts with them.
    return new Promise((resolve) => {
      this.#changes.push(resolve);
      this.#post({ type: "change", settings: settings.settings });
    });
  }

  /** Removes events. @throws {KmError} store_… */
  prune(options: PruneRequest): Promise<Pruned> {
    if (this.#worker === null || this.#stopped !== null) return Promise.reject(unavailable());
    const id = ++this.#lastId;
    const pruned = Promise.withResolvers<Pruned>();
    this.#prunes.set(id, pruned);
    this.#post({ type: "prune", id, options });
    return pruned.promise;
  }

  /** Lets the thread finish what it works on, answers what still waits, and ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#stopped !== null) return await this.#stopped.promise;
    this.#stopped = Promise.withResolvers();
    clearTimeout(this.#restart);
    if (this.#worker === null) this.#ended();
    else if (this.#groups.length === 0 && this.#waiting.length === 0) this.#post({ type: "stop" });
    const tooLong = setTimeout(() => this.#ended(), this.#options.stopMs ?? STOP_MS);
    await this.#stopped.promise;
    clearTimeout(tooLong);
  }

  #start(): void {
    // Not a thread of node:worker_threads: a message to one costs ten times its work (Deno 2.9.6, 2026-11-21).
    const worker = new Worker(this.#options.worker ?? new URL("./ingest_worker.ts", import.meta.url), {
      type: "module",
      name: "km ingest",
    });
    worker.onmessage = ({ data }: MessageEvent<IngestReport>) => this.#heard(data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.#died(worker);
    };
    this.#worker = worker;
    this.#startedMs = performance.now();
    this.#post({ type: "start", settings: this.#options.settings, nowMs: this.#startedMs });
    this.#send();
  }

  #post(command: IngestCommand, transfer: Transferable[] = []): void {
    this.#worker?.postMessage(command, transfer);
  }

  /** Gives the thread its next group, when it has none, or when that is worth a transaction of its own. */
  #send(): void {
    const [group] = this.#groups;
    const isEnough = group === undefined || this.#waiting.length * 2 >= group.length;
    if (!isEnough || this.#groups.length === MAX_GROUPS || this.#worker === null) return;
    const next = this.#takeGroup();
    if (next.length === 0) return;
    this.#groups.push(next);
    const bodies = next.map(({ body, arrivedMs }): WaitingBody => ({
      ...body,
      deadlineMs: arrivedMs + PATIENCE_MS,
    }));
    this.#post({ type: "store", bodies }, next.map(({ body }) => body.bytes.buffer));
  }

  #takeGroup(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { sizeBytes } of this.#waiting) {
      if (count > 0 && bytes + sizeBytes > GROUP_BYTES) break;
      bytes += sizeBytes;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  #heard(report: IngestReport): void {
    switch (report.type) {
      case "stored":
        return this.#answer((index) => report.answers[index] ?? stopping());
      case "changed":
        return this.#changes.shift()?.();
      case "pruned":
        return this.#pruned(report.id, ({ resolve }) => resolve(report.answer));
      case "failed": {
        const { code, message, hint } = report.error;
        const error = new KmError(code, message, hint === undefined ? {} : { hint });
        return this.#pruned(report.id, ({ reject }) => reject(error));
      }
      case "stopped":
        return this.#ended();
    }
  }

  #answer(answerOf: (index: number) => IngestAnswer): void {
    const group = this.#groups.shift() ?? [];
    // First the next group, then the answers: the thread need not wait for them.
    this.#send();
    group.forEach(({ resolve, sizeBytes }, index) => {
      this.#waitingBytes -= sizeBytes;
      resolve(answerOf(index));
    });
    if (this.#stopped !== null && this.#groups.length === 0) this.#post({ type: "stop" });
  }

  #pruned(id: number, settle: (pruned: PromiseWithResolvers<Pruned>) => void): void {
    const pruned = this.#prunes.get(id);
    this.#prunes.delete(id);
    if (pruned) settle(pruned);
  }

  /** Whether the group was committed nobody knows: it may be sent again, what is stored already is told as duplicate. */
  #died(worker: Worker): void {
    if (this.#worker !== worker) return;
    worker.terminate();
    this.#worker = null;
    this.#settleChanges();
    this.#failPrunes();
    while (this.#groups.length > 0) this.#answer(() => died());
    if (this.#stopped !== null) return this.#ended();
    const waitMs = Math.max(0, RESTART_MS - (performance.now() - this.#startedMs));
    this.#restart = setTimeout(() => this.#start(), waitMs);
  }

  #ended(): void {
    const worker = this.#worker;
    this.#worker = null;
    worker?.terminate();
    this.#settleChanges();
    this.#failPrunes();
    for (const { resolve } of this.#groups.splice(0).flat()) resolve(died());
    for (const { resolve } of this.#waiting.splice(0)) resolve(stopping());
    this.#stopped?.resolve();
  }

  /** Its thread is gone: nothing is stored by any settings. */
  #settleChanges(): void {
    for (const resolve of this.#changes.splice(0)) resolve();
  }

  #failPrunes(): void {
    for (const { reject } of this.#prunes.values()) reject(unavailable());
    this.#prunes.clear();
  }
}

function busy(): IngestAnswer {
  return refused(429, "busy", "Cannot take more events now: too many wait to be stored");
}

function stopping(): IngestAnswer {
  return refused(503, "stopping", "Cannot take events: the daemon is stopping");
}

function died(): IngestAnswer {
  return refused(503, "store_unavailable", "Cannot say whether these events were stored: their writer ended");
}

function refused(status: number, code: string, message: string): IngestAnswer {
  const hint = "send the same events again: what is stored already is not stored twice";
  return { kind: "refused", refusal: new Refusal(status, code, message, { hint, retryAfterS: 1 }).data };
}

function unavailable(): KmError {
  return new KmError("store_unavailable", "Cannot prune: the daemon is stopping or starting again");
}
