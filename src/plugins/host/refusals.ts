/** What a plugin tried and was refused: each different access once, with how often and when; bounded, the latest are kept. @module */
import type { RefusedAccess } from "../sandbox/sandbox.ts";
import type { RefusedEntry } from "./status.ts";

const MAX_ENTRIES = 100;
const MAX_VALUE_CHARS = 300;

export class Refusals {
  readonly #entries = new Map<string, RefusedEntry>();
  /** Counts of processes that ended: each one counts from 1 again. */
  readonly #before = new Map<string, number>();
  #others = 0;

  /** True when it is a new one. `access.count` is how often its process tried it so far. */
  add(access: RefusedAccess, timeIso: string): boolean {
    const value = access.value.slice(0, MAX_VALUE_CHARS);
    const key = `${access.permission} ${value}`;
    const known = this.#entries.get(key);
    const count = (this.#before.get(key) ?? 0) + access.count;
    // Added anew, so that the map stays in the order of the last try.
    this.#entries.delete(key);
    this.#entries.set(key, {
      permission: access.permission,
      value,
      count: Math.max(count, known === undefined ? 1 : known.count),
      firstTime: known?.firstTime ?? timeIso,
      lastTime: timeIso,
    });
    if (this.#entries.size > MAX_ENTRIES) this.#forgetOldest();
    return known === undefined;
  }

  /** Its process ended: the next one counts from 1. */
  turn(): void {
    for (const [key, { count }] of this.#entries) this.#before.set(key, count);
  }

  get entries(): readonly RefusedEntry[] {
    return [...this.#entries.values()].reverse();
  }

  /** Different ones that found no room. */
  get others(): number {
    return this.#others;
  }

  #forgetOldest(): void {
    const [oldest] = this.#entries.keys();
    if (oldest === undefined) return;
    this.#entries.delete(oldest);
    this.#before.delete(oldest);
    this.#others++;
  }
}
