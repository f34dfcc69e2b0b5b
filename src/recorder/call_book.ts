/**
 * The calls of one run: which response answers which request, how long it took, how it ended.
 *
 * Both sides may ask, so a call's key is (direction, id text). Ids that are reused while in flight are answered in the order in which they
 * were asked. Memory is bounded: beyond `MAX_OPEN_CALLS` the oldest unanswered call counts as hung.
 * @module
 */
import type { CallChange, Direction, Outcome } from "../core/event.ts";

/** Calls remembered while unanswered. A client that loses this many answers is broken; 10,000 cost about 3 MB. */
export const MAX_OPEN_CALLS = 10_000;
/** Oldest keys looked up at one go: finding the first key of a map that loses its first ones again and again is slow. */
const OLDEST_KEYS = 1_000;

/** Calls that last as long as their run: ending with it is no failure. */
const ENDLESS_METHODS: readonly string[] = ["subscriptions/listen"];

/** A request as the book keeps it. */
export interface OpenCall {
  /** Id of the request's event. */
  readonly id: string;
  readonly timeUs: number;
  readonly direction: Direction;
  /** As they came, for pairing and linking. */
  readonly idText: string;
  readonly method: string;
  readonly subject: string | null;
  /** As they are stored: redacted. */
  readonly storedMethod: string;
  readonly tool: string | null;
  readonly client: string | null;
  readonly requestBytes: number;
  readonly operationId: string | null;
}

/** How a call was answered. */
export interface Answer {
  readonly id: string;
  readonly timeUs: number;
  readonly bytes: number;
  readonly tokens: number;
  readonly outcome: "ok" | "error" | "tool_error";
}

interface Entry {
  readonly call: OpenCall;
  outcome: "open" | "cancelled";
}

export class CallBook {
  /** Unanswered calls by key; several under one key when an id is reused. Insertion order is age. */
  readonly #entries = new Map<string, Entry[]>();
  /** The oldest keys when they were last looked up, newest of them first; some may be answered meanwhile. */
  #oldest: string[] = [];
  #count = 0;
  readonly #onChange: (change: CallChange) => void;

  constructor(onChange: (change: CallChange) => void) {
    this.#onChange = onChange;
  }

  /** Calls remembered: unanswered, or cancelled and perhaps answered late. */
  get size(): number {
    return this.#count;
  }

  open(call: OpenCall): void {
    const key = keyOf(call.direction, call.idText);
    const entry: Entry = { call, outcome: "open" };
    const sameId = this.#entries.get(key);
    if (sameId === undefined) this.#entries.set(key, [entry]);
    else sameId.push(entry);
    this.#onChange(changeOf(call, { previous: null, outcome: "open" }));
    if (++this.#count > MAX_OPEN_CALLS) this.#forgetOldest();
  }

  /** The call that a response going the other way answers next; null when nobody asked. */
  peek(answered: Direction, idText: string): OpenCall | null {
    return this.#entries.get(keyOf(answered, idText))?.[0]?.call ?? null;
  }

  /** Ends the call that `peek` found. An answer after a cancellation is late, whatever it says. */
  answer(call: OpenCall, answer: Answer): void {
    const entry = this.#take(keyOf(call.direction, call.idText));
    if (entry === null) return;
    this.#onChange(changeOf(call, {
      previous: entry.outcome,
      outcome: entry.outcome === "cancelled" ? "late" : answer.outcome,
      responseId: answer.id,
      durationUs: Math.max(0, answer.timeUs - call.timeUs),
      responseBytes: answer.bytes,
      tokens: answer.tokens,
    }));
  }

  /** The asker said it no longer wants the answer. Of calls with the same id, the newest still open is meant. */
  cancel(direction: Direction, idText: string, timeUs: number): void {
    const entry = this.#entries.get(keyOf(direction, idText))?.findLast((each) => each.outcome === "open");
    if (entry === undefined) return;
    entry.outcome = "cancelled";
    const durationUs = Math.max(0, timeUs - entry.call.timeUs);
    this.#onChange(changeOf(entry.call, { previous: "open", outcome: "cancelled", durationUs }));
  }

  /** The run has ended: whatever is open now will never be answered. */
  end(): void {
    for (const entries of this.#entries.values()) {
      for (const entry of entries) this.#giveUp(entry);
    }
    this.#entries.clear();
    this.#oldest = [];
    this.#count = 0;
  }

  #giveUp(entry: Entry): void {
    if (entry.outcome !== "open") return;
    this.#onChange(changeOf(entry.call, { previous: "open", outcome: outcomeAtEnd(entry.call.method) }));
  }

  #forgetOldest(): void {
    for (;;) {
      if (this.#oldest.length === 0) this.#oldest = [...this.#entries.keys().take(OLDEST_KEYS)].reverse();
      const entry = this.#take(this.#oldest.pop() ?? "");
      if (entry !== null) return this.#giveUp(entry);
    }
  }

  #take(key: string): Entry | null {
    const entries = this.#entries.get(key);
    const entry = entries?.shift();
    if (entries === undefined || entry === undefined) return null;
    if (entries.length === 0) this.#entries.delete(key);
    this.#count--;
    return entry;
  }
}

/** What becomes of a call that is still open when its run ends. */
export function outcomeAtEnd(method: string): Outcome {
  return ENDLESS_METHODS.includes(method) ? "cancelled" : "hung";
}

function keyOf(direction: Direction, idText: string): string {
  return direction === "client_to_server" ? ">" + idText : "<" + idText;
}

type ChangedPart =
  & { previous: Outcome | null; outcome: Outcome }
  & Partial<
    Pick<CallChange, "responseId" | "durationUs" | "responseBytes" | "tokens">
  >;

function changeOf(call: OpenCall, change: ChangedPart): CallChange {
  return {
    id: call.id,
    timeUs: call.timeUs,
    direction: call.direction,
    method: call.storedMethod,
    tool: call.tool,
    client: call.client,
    previous: change.previous,
    outcome: change.outcome,
    responseId: change.responseId ?? null,
    durationUs: change.durationUs ?? null,
    requestBytes: call.requestBytes,
    responseBytes: change.responseBytes ?? 0,
    tokens: change.tokens ?? 0,
    operationId: call.operationId,
  };
}
