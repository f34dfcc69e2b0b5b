/**
 * How far a host got with what each monitor handed over. A monitor is told what is done with, so that it can count the rest as missed when the host is
 * gone, however that went.
 * @module
 */
import type { LeftShed } from "../../core/plugin_link.ts";
import type { Timers } from "./timers.ts";

/** So late a monitor hears of it: what was done meanwhile counts as missed when the host is killed. */
const TELL_MS = 100;

/** Who is told. */
interface Told {
  done(what: LeftShed): void;
}

interface Pending {
  readonly seq: number;
  readonly bytes: number;
}

export class Progress<Link extends Told> {
  readonly #timers: Timers;
  readonly #oldest: () => number | null;
  readonly #pending = new Map<Link, Pending[]>();
  #lastSeq = 0;
  #timer: unknown = null;

  /** `oldest`: number of the oldest message that some plugin is not done with; null: there is none. */
  constructor(timers: Timers, oldest: () => number | null) {
    this.#timers = timers;
    this.#oldest = oldest;
  }

  /** The number of a message that came over `link`. */
  took(link: Link, bytes: number): number {
    const seq = ++this.#lastSeq;
    const pending = this.#pending.get(link);
    if (pending === undefined) this.#pending.set(link, [{ seq, bytes }]);
    else pending.push({ seq, bytes });
    this.#timer ??= this.#timers.set(() => {
      this.#timer = null;
      this.tell();
      this.#again();
    }, TELL_MS);
    return seq;
  }

  /** Tells each monitor what is done with since it was last told. */
  tell(): void {
    const oldest = this.#oldest() ?? Infinity;
    for (const [link, pending] of this.#pending) {
      const open = pending.findIndex(({ seq }) => seq >= oldest);
      const done = open < 0 ? pending.splice(0) : pending.splice(0, open);
      if (done.length > 0) {
        link.done({ messages: done.length, bytes: done.reduce((sum, { bytes }) => sum + bytes, 0) });
      }
      if (pending.length === 0) this.#pending.delete(link);
    }
  }

  /** It is not there any more. */
  forget(link: Link): void {
    this.#pending.delete(link);
  }

  close(): void {
    if (this.#timer !== null) this.#timers.clear(this.#timer);
    this.#timer = null;
  }

  #again(): void {
    if (this.#pending.size === 0) return;
    this.#timer = this.#timers.set(() => {
      this.#timer = null;
      this.tell();
      this.#again();
    }, TELL_MS);
  }
}
