/** What a plugin was asked and has not answered yet, each with its deadline. @module */
import { ProtocolError } from "../../../proto/frame.ts";
import type { Timers } from "./timers.ts";

export interface Question {
  readonly id: number;
  /** The kind of answer; `failed` may come in place of any. */
  readonly kind: string;
  readonly limitMs: number;
  /** What is said of who is late. */
  readonly late: string;
}

interface Open<Answer> {
  readonly kind: string;
  readonly settle: PromiseWithResolvers<Answer>;
  timer: unknown;
}

/** A timer that comes so late says that this process had no processor, or the machine slept: who was asked had none either. */
const OVERSLEPT_MS = 500;

export class Questions<Answer> {
  readonly #timers: Timers;
  readonly #onLate: (reason: string) => void;
  readonly #open = new Map<number, Open<Answer>>();

  constructor(timers: Timers, onLate: (reason: string) => void) {
    this.#timers = timers;
    this.#onLate = onLate;
  }

  get isEmpty(): boolean {
    return this.#open.size === 0;
  }

  ask({ id, kind, limitMs, late }: Question): Promise<Answer> {
    const open: Open<Answer> = { kind, settle: Promise.withResolvers<Answer>(), timer: null };
    this.#open.set(id, open);
    this.#arm(open, limitMs, late);
    return open.settle.promise;
  }

  /** @throws {ProtocolError} when that was not asked */
  answer(id: number, kind: string, answer: Answer): void {
    const open = this.#open.get(id);
    if (open === undefined) throw new ProtocolError(`"${kind}" answers frame ${id}, which asked nothing`);
    if (kind !== open.kind && kind !== "failed") {
      throw new ProtocolError(`"${kind}" answers frame ${id}, which asked for "${open.kind}"`);
    }
    this.#open.delete(id);
    this.#timers.clear(open.timer);
    open.settle.resolve(answer);
  }

  /** Nothing is answered any more. */
  close(error: Error): void {
    for (const { timer, settle } of this.#open.values()) {
      this.#timers.clear(timer);
      settle.promise.catch(() => {}); // Who asked may have stopped waiting.
      settle.reject(error);
    }
    this.#open.clear();
  }

  #arm(open: Open<Answer>, limitMs: number, late: string): void {
    const dueMs = this.#timers.nowMs() + limitMs;
    open.timer = this.#timers.set(() => {
      if (this.#timers.nowMs() - dueMs > OVERSLEPT_MS) return this.#arm(open, limitMs, late);
      this.#onLate(late);
    }, limitMs);
  }
}
