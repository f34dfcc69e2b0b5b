/** Bodies of requests, within limits of size and time: whoever sends too much or too slowly delays nobody else. @module */
import type { MiddlewareHandler } from "hono";
import { ApiError } from "./errors.ts";
import type { ApiEnv } from "./router.ts";

/** What a body may take. */
export interface BodyLimits {
  readonly maxBytes: number;
  /** The whole body must be there by then. */
  readonly deadlineMs: number;
  /** Slower than this, on average after `GRACE_MS`, is given up. */
  readonly minBytesPerSecond: number;
}

/** Time as an argument, so that tests own it. */
export interface Timer {
  nowMs(): number;
  /** Runs `run` after `delayMs`; returns what takes that back. */
  after(delayMs: number, run: () => void): () => void;
}

export const systemTimer: Timer = {
  nowMs: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

/** How long a body may say nothing before its rate counts: a slow network's first packets. */
const GRACE_MS = 5_000;

/** What every route takes that is not for events: settings, keys and codes are a few hundred bytes. */
export const SMALL_BODY: BodyLimits = { maxBytes: 64 * 1024, deadlineMs: 10_000, minBytesPerSecond: 1024 };

/** Prompts and commands: 256 Ki characters of them, however they are escaped. */
const PROMPT_BODY: BodyLimits = { maxBytes: 2 * 1024 * 1024, deadlineMs: 60_000, minBytesPerSecond: 1024 };
const PROMPT_BODIES = /^\/api\/(?:tasks|sessions(?:\/[^/]+\/input)?)$/;

/** Paths of the routes that take large bodies and read them themselves, by `readBody` with limits of their own. */
const LARGE_BODIES = /^\/api\/events(?:\/batch)?$/;

/** Reads the body of `request`. @throws {ApiError} 413 when it is too large, 408 when it comes too slowly, 400 when it breaks off */
export async function readBody(
  request: Request,
  limits: BodyLimits,
  timer: Timer = systemTimer,
): Promise<Uint8Array<ArrayBuffer>> {
  if (Number(request.headers.get("Content-Length")) > limits.maxBytes) throw tooLarge(limits);
  if (!request.body) return new Uint8Array();
  const reader = request.body.getReader();
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  using watch = new Watch(limits, timer, () => sizeBytes);
  try {
    for (;;) {
      const { done, value } = await Promise.race([reader.read(), watch.expired]);
      if (done) return join(chunks, sizeBytes);
      sizeBytes += value.length;
      if (sizeBytes > limits.maxBytes) throw tooLarge(limits);
      chunks.push(value);
    }
  } catch (error) {
    // Not awaited: a cancel waits for the sender, who may be the one who is slow.
    reader.cancel().catch(() => {});
    throw error instanceof ApiError ? error : brokenOff();
  }
}

/** Reads the small bodies of all routes but those for events, before validation does it without limits. */
export function limitSmallBodies(
  limits: BodyLimits = SMALL_BODY,
  timer: Timer = systemTimer,
): MiddlewareHandler<ApiEnv> {
  return async (context, next) => {
    const { raw, path } = context.req;
    if (raw.body && !LARGE_BODIES.test(path)) {
      // Nobody makes km keep megabytes who has not proven who they are.
      const isPrompt = PROMPT_BODIES.test(path) && Boolean(context.get("identity"));
      const body = await readBody(raw, isPrompt ? PROMPT_BODY : limits, timer);
      context.req.raw = new Request(raw.url, { method: raw.method, headers: raw.headers, body });
    }
    await next();
  };
}

/** One timer per body: set to when the body, with what has come, will be too late. */
class Watch implements Disposable {
  /** Rejects when the body is too late. */
  readonly expired: Promise<never>;
  readonly #limits: BodyLimits;
  readonly #timer: Timer;
  readonly #startMs: number;
  readonly #sizeBytes: () => number;
  readonly #reject: (error: ApiError) => void;
  #cancel: () => void = () => {};

  constructor(limits: BodyLimits, timer: Timer, sizeBytes: () => number) {
    this.#limits = limits;
    this.#timer = timer;
    this.#startMs = timer.nowMs();
    this.#sizeBytes = sizeBytes;
    const { promise, reject } = Promise.withResolvers<never>();
    promise.catch(() => {}); // A body that came in time leaves nobody to hear of it.
    this.expired = promise;
    this.#reject = reject;
    this.#wait();
  }

  [Symbol.dispose](): void {
    this.#cancel();
  }

  #wait(): void {
    const { deadlineMs, minBytesPerSecond } = this.#limits;
    const allowedMs = Math.min(deadlineMs, GRACE_MS + this.#sizeBytes() / minBytesPerSecond * 1000);
    const leftMs = this.#startMs + allowedMs - this.#timer.nowMs();
    if (leftMs <= 0) this.#reject(tooSlow());
    else this.#cancel = this.#timer.after(Math.ceil(leftMs), () => this.#wait());
  }
}

function join(chunks: readonly Uint8Array[], sizeBytes: number): Uint8Array<ArrayBuffer> {
  const body = new Uint8Array(sizeBytes);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.length;
  }
  return body;
}

function tooLarge({ maxBytes }: BodyLimits): ApiError {
  return new ApiError(413, "too_large", `The body is larger than ${maxBytes} bytes`, {
    hint: "send it in smaller pieces",
  });
}

function tooSlow(): ApiError {
  return new ApiError(408, "too_slow", "The body did not come in time", { hint: "send it again" });
}

function brokenOff(): ApiError {
  return new ApiError(400, "broken_off", "The body broke off before its end", { hint: "send it again" });
}
