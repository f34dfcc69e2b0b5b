/** Gathers what one transaction writes. Bounded, so that a locked database fills the queue and not the memory. @module */
import type { Batch, CallChange, EventRecord, Run, ToolListing } from "../core/event.ts";

/** Bounds of one batch: enough to make a transaction cheap per event, little enough to insert in well under 100 ms. */
export const MAX_BATCH_EVENTS = 1_500;
export const MAX_BATCH_BYTES = 2 * 1024 * 1024;

export class BatchBuilder {
  #events: EventRecord[] = [];
  /** By call; a call that changes twice within a batch is sent once, with what it was before and what it is now. */
  #calls = new Map<string, CallChange>();
  #tools: ToolListing[] = [];
  #bytes = 0;

  addEvent(event: EventRecord): void {
    this.#events.push(event);
    this.#bytes += event.payload?.length ?? 0;
  }

  addCall(change: CallChange): void {
    const earlier = this.#calls.get(change.id);
    this.#calls.set(change.id, earlier === undefined ? change : { ...change, previous: earlier.previous });
  }

  addTools(tools: readonly ToolListing[]): void {
    this.#tools.push(...tools);
  }

  get isEmpty(): boolean {
    return this.#events.length === 0 && this.#calls.size === 0;
  }

  get isFull(): boolean {
    return this.#events.length >= MAX_BATCH_EVENTS || this.#bytes >= MAX_BATCH_BYTES;
  }

  /** Takes what was gathered and starts anew. */
  take(run: Run): Batch {
    const batch = { run, events: this.#events, calls: [...this.#calls.values()], tools: this.#tools };
    this.#events = [];
    this.#calls = new Map();
    this.#tools = [];
    this.#bytes = 0;
    return batch;
  }
}
