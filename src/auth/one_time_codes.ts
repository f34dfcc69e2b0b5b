/** Codes for one use: what a link carries into a browser. Kept in memory as hashes; a restart forgets them. @module */
import { type Clock, systemClock } from "../core/clock.ts";
import { hashSecret, newSecret } from "./secret_token.ts";

const LIFETIME_US = 5 * 60 * 1_000_000;
/** Codes that nobody used yet; whoever asks for more loses the oldest. */
const MAX_OPEN = 100;

export class OneTimeCodes {
  readonly #clock: Clock;
  /** Hash of the code → when it ends, oldest first. */
  readonly #open = new Map<string, number>();

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  issue(): { readonly code: string; readonly expiresAtUs: number } {
    const code = newSecret();
    const expiresAtUs = this.#clock.nowUs() + LIFETIME_US;
    this.#open.set(hashSecret(code), expiresAtUs);
    if (this.#open.size > MAX_OPEN) this.#open.delete(this.#open.keys().next().value ?? "");
    return { code, expiresAtUs };
  }

  /** True once, within five minutes. */
  redeem(code: string): boolean {
    // Looked up by hash: how long that takes tells nothing of the codes.
    const hash = hashSecret(code);
    const expiresAtUs = this.#open.get(hash);
    this.#open.delete(hash);
    return expiresAtUs !== undefined && this.#clock.nowUs() < expiresAtUs;
  }
}
