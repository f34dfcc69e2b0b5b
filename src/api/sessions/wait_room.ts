/** How many may wait for sessions at once: each holds a connection open. @module */
import { ApiError } from "../errors.ts";

const MAX_WAITS = 512, MAX_WAITS_PER_USER = 128;

export class WaitRoom {
  readonly #waits = new Map<string, number>();
  #count = 0;

  /** Waits for `work` as `user`. @throws {ApiError} 429 when too many wait */
  async enter<T>(user: string, work: () => Promise<T>): Promise<T> {
    const own = this.#waits.get(user) ?? 0;
    if (this.#count >= MAX_WAITS || own >= MAX_WAITS_PER_USER) {
      throw new ApiError(429, "busy", "Too many requests wait for sessions", {
        hint: "open one WebSocket (/api/ws) and watch all of them",
        headers: { "Retry-After": "5" },
      });
    }
    this.#count++;
    this.#waits.set(user, own + 1);
    try {
      return await work();
    } finally {
      this.#count--;
      const left = (this.#waits.get(user) ?? 1) - 1;
      if (left > 0) this.#waits.set(user, left);
      else this.#waits.delete(user);
    }
  }
}
