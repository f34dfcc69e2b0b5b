/** Changes of one task on their way to the store, in order: an older one that the store refused at first must not come after a newer one. @module */
import type { TaskChanges } from "../../store/task_rows.ts";

export class ChangeQueue {
  readonly #store: (changes: TaskChanges) => Promise<void>;
  /** What came while something is being stored: it goes together. */
  #waiting: TaskChanges | null = null;
  #storing: Promise<void> | null = null;
  #isOver = false;

  /** `store` never rejects. */
  constructor(store: (changes: TaskChanges) => Promise<void>) {
    this.#store = store;
  }

  add(changes: TaskChanges): void {
    if (this.#isOver) return;
    this.#waiting = { ...this.#waiting, ...changes };
    this.#storing ??= this.#storeAll();
  }

  /** Settles when nothing waits and nothing is under way. */
  get idle(): Promise<void> {
    return this.#storing ?? Promise.resolve();
  }

  /** Takes nothing more. Settles when nothing is under way, with what waits still: it goes with the end of the task. */
  async end(): Promise<TaskChanges> {
    this.#isOver = true;
    await this.idle;
    return this.#waiting ?? {};
  }

  async #storeAll(): Promise<void> {
    while (this.#waiting !== null && !this.#isOver) {
      const changes = this.#waiting;
      this.#waiting = null;
      await this.#store(changes);
    }
    this.#storing = null;
  }
}
