/**
 * Makes failed attempts wait, longer each time, per address and over all. Only failures are ever refused by it: a valid credential passes,
 * whatever others do, also from the same address.
 * @module
 */
import { type Clock, systemClock } from "../core/clock.ts";

/** Too many attempts failed; the caller is told to wait. */
export class TooManyFailures extends Error {
  override readonly name = "TooManyFailures";
  readonly retryAfterS: number;

  constructor(retryAfterS: number) {
    super(`Too many failed attempts: wait ${retryAfterS} s`);
    this.retryAfterS = retryAfterS;
  }
}

/** Failures that cost nothing: a mistyped token, a script with an old key. */
const FREE_PER_ADDRESS = 10;
const FREE_OVER_ALL = 200;
const FIRST_WAIT_US = 1_000_000;
const MAX_WAIT_US = 300 * 1_000_000;
/** After so long without a failure all is forgotten. */
const FORGET_US = 15 * 60 * 1_000_000;
const MAX_ADDRESSES = 10_000;

/** What is remembered of one address, or of all. */
interface Attempts {
  failures: number;
  lastUs: number;
  blockedUntilUs: number;
}

export class FailureLimiter {
  readonly #clock: Clock;
  readonly #addresses = new Map<string, Attempts>();
  readonly #all: Attempts = noAttempts();

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** Counts a failed attempt. @throws {TooManyFailures} when its sender has to wait */
  fail(address: string): void {
    const nowUs = this.#clock.nowUs();
    const untilUs = Math.max(
      count(this.#of(address), FREE_PER_ADDRESS, nowUs),
      count(this.#all, FREE_OVER_ALL, nowUs),
    );
    if (untilUs > nowUs) throw new TooManyFailures(Math.ceil((untilUs - nowUs) / 1_000_000));
  }

  #of(address: string): Attempts {
    const attempts = this.#addresses.get(address) ?? noAttempts();
    // Put at the end again: the first of the map is the one that failed longest ago.
    this.#addresses.delete(address);
    this.#addresses.set(address, attempts);
    if (this.#addresses.size > MAX_ADDRESSES) {
      this.#addresses.delete(this.#addresses.keys().next().value ?? "");
    }
    return attempts;
  }
}

function noAttempts(): Attempts {
  return { failures: 0, lastUs: -Infinity, blockedUntilUs: 0 };
}

/** Counts a failure, unless one is being waited for already; returns until when to wait. */
function count(attempts: Attempts, free: number, nowUs: number): number {
  if (nowUs < attempts.blockedUntilUs) return attempts.blockedUntilUs;
  if (nowUs - attempts.lastUs > FORGET_US) attempts.failures = 0;
  attempts.failures++;
  attempts.lastUs = nowUs;
  const beyond = attempts.failures - free;
  if (beyond > 0) attempts.blockedUntilUs = nowUs + Math.min(FIRST_WAIT_US * 2 ** (beyond - 1), MAX_WAIT_US);
  return attempts.blockedUntilUs;
}
