/**
 * One thread that answers questions, and who waits for it. It is given one question at a time, so that those whose asker has gone are never
 * asked, and so that a thread that dies or hangs takes one question with it and no more.
 * @module
 */
import { ApiError } from "../api/errors.ts";
import type { QueryName } from "../api/queries.ts";
import { KmError } from "../core/error.ts";
import type { AnswerMessage, QueryMessage, QueryStart } from "./query_messages.ts";

export interface LaneOptions {
  /** Path of the database. */
  readonly database: string;
  readonly name: string;
  /** Memory for pages of the database, in KiB. */
  readonly cacheKib?: number;
  /** Questions that may wait; the next one is refused. */
  readonly maxWaiting?: number;
  /** A question that takes longer is given up, and its thread with it. */
  readonly timeoutMs?: number;
  /** The thread's program; tests give another. */
  readonly worker?: URL;
}

/** As many as a thread answers in a few seconds, at 10 ms each. */
const MAX_WAITING = 256;
const CACHE_KIB = 8 * 1024;
/** Far beyond what any question takes on any store that fits a disk. */
const TIMEOUT_MS = 30_000;

interface Question extends PromiseWithResolvers<Uint8Array<ArrayBuffer>> {
  readonly id: number;
  readonly name: QueryName;
  readonly args: unknown;
}

export class QueryLane implements Disposable {
  readonly #options: Required<LaneOptions>;
  readonly #waiting: Question[] = [];
  #worker: Worker | null = null;
  #asked: Question | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lastId = 0;
  #isClosed = false;

  constructor(options: LaneOptions) {
    this.#options = {
      cacheKib: CACHE_KIB,
      maxWaiting: MAX_WAITING,
      timeoutMs: TIMEOUT_MS,
      worker: new URL("./query_worker.ts", import.meta.url),
      ...options,
    };
  }

  /** @throws {KmError} as the question does; {ApiError} 503 when too many wait */
  async ask(name: QueryName, args: unknown, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    if (signal?.aborted) throw gone();
    if (this.#isClosed) throw stopping();
    if (this.#waiting.length >= this.#options.maxWaiting) throw busy();
    const question: Question = { ...Promise.withResolvers(), id: ++this.#lastId, name, args };
    const onAbort = () => this.#giveUp(question);
    signal?.addEventListener("abort", onAbort);
    try {
      this.#waiting.push(question);
      this.#askNext();
      return await question.promise;
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    for (const question of this.#waiting.splice(0)) question.reject(stopping());
    this.#endThread(stopping());
  }

  #askNext(): void {
    if (this.#asked !== null) return;
    const next = this.#waiting.shift();
    if (next === undefined) return;
    this.#asked = next;
    const worker = this.#worker ??= this.#startThread();
    this.#timer = setTimeout(
      () => this.#endThread(tookTooLong(this.#options.timeoutMs)),
      this.#options.timeoutMs,
    );
    const { id, name, args } = next;
    worker.postMessage({ id, name, args } satisfies QueryMessage);
  }

  #startThread(): Worker {
    const { worker: program, name, database, cacheKib } = this.#options;
    const worker = new Worker(program, { type: "module", name });
    worker.onmessage = ({ data }: MessageEvent<AnswerMessage>) => this.#settle(data);
    worker.onerror = (event) => {
      event.preventDefault(); // or it would end the daemon
      if (worker === this.#worker) {
        this.#endThread(new KmError("internal", `A question failed: ${event.message}`));
      }
    };
    worker.postMessage({ database, cacheKib } satisfies QueryStart);
    return worker;
  }

  /** Ends the thread and fails what it was asked; the next question starts another. */
  #endThread(reason: KmError): void {
    this.#worker?.terminate();
    this.#worker = null;
    this.#takeAsked()?.reject(reason);
    this.#askNext();
  }

  #settle(answer: AnswerMessage): void {
    if (answer.id !== this.#asked?.id) return;
    const question = this.#takeAsked();
    if ("json" in answer) question?.resolve(answer.json);
    else {
      const { code, message, hint } = answer.error;
      question?.reject(new KmError(code, message, hint === undefined ? {} : { hint }));
    }
    this.#askNext();
  }

  #takeAsked(): Question | null {
    clearTimeout(this.#timer);
    const question = this.#asked;
    this.#asked = null;
    return question;
  }

  /** Nobody waits for it any more. What the thread works on, it finishes. */
  #giveUp(question: Question): void {
    const at = this.#waiting.indexOf(question);
    if (at >= 0) this.#waiting.splice(at, 1);
    question.reject(gone());
  }
}

function busy(): ApiError {
  return new ApiError(503, "busy", "Cannot answer now: too many questions wait", {
    hint: "try again in a moment",
    headers: { "Retry-After": "1" },
  });
}

/** Seen by nobody but a log: the caller has gone. 499 is what proxies call it. */
function gone(): ApiError {
  return new ApiError(499, "gone", "The caller no longer waits for the answer");
}

function stopping(): KmError {
  return new KmError("store_unavailable", "Cannot answer: the daemon is stopping");
}

function tookTooLong(timeoutMs: number): KmError {
  return new KmError("store_unavailable", `Cannot answer: it took longer than ${timeoutMs / 1000} s`, {
    hint: "ask for a shorter time or fewer entries",
  });
}
