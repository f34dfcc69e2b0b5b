/**
 * Answers that came before what they answer, as parallel senders send them: kept for a while, in memory, until the question comes. A restart
 * forgets them, and so does a run that is long unused; then their calls stay open.
 * @module
 */
import type { ReadEvent } from "./read_body.ts";

/** Answers kept for one run; the oldest goes first. */
const MAX_ANSWERS = 1_000;
/** A larger one is not kept. */
const MAX_ANSWER_BYTES = 1024 * 1024;
/** What one takes beside its payload, about. */
const OVERHEAD_BYTES = 500;

const decoder = new TextDecoder();

export class EarlyAnswers {
  /** By what they answer; several where an id is used again. */
  readonly #answers = new Map<string, ReadEvent[]>();
  #count = 0;
  #bytes = 0;

  /** About how much memory they take. */
  get sizeBytes(): number {
    return this.#bytes;
  }

  /** Keeps `answer` for the question that `key` names. */
  keep(key: string, answer: ReadEvent): void {
    if ((answer.payload?.length ?? 0) > MAX_ANSWER_BYTES) return;
    // A copy of the bytes, which are part of a whole body; what they say is read again when it is needed.
    const kept = {
      ...answer,
      sent: { ...answer.sent, payload: null },
      payload: answer.payload?.slice() ?? null,
    };
    const same = this.#answers.get(key);
    if (same === undefined) this.#answers.set(key, [kept]);
    else same.push(kept);
    this.#count++;
    this.#bytes += sizeOf(kept);
    if (this.#count > MAX_ANSWERS) this.#forgetOldest();
  }

  /** The first answer of those for `key` that was not given before the question was asked; null when there is none. */
  take(key: string, askedUs: number): ReadEvent | null {
    const same = this.#answers.get(key);
    const later = same?.filter(({ sent }) => sent.timeUs >= askedUs) ?? [];
    const [first] = later.toSorted((a, b) => a.sent.timeUs - b.sent.timeUs);
    if (same === undefined || first === undefined) return null;
    this.#remove(key, same, first);
    const { sent, payload } = first;
    return {
      ...first,
      sent: { ...sent, payload: payload === null ? null : JSON.parse(decoder.decode(payload)) },
    };
  }

  #forgetOldest(): void {
    for (const [key, same] of this.#answers) {
      const [oldest] = same;
      if (oldest !== undefined) return this.#remove(key, same, oldest);
    }
  }

  #remove(key: string, same: ReadEvent[], answer: ReadEvent): void {
    same.splice(same.indexOf(answer), 1);
    if (same.length === 0) this.#answers.delete(key);
    this.#count--;
    this.#bytes -= sizeOf(answer);
  }
}

function sizeOf({ payload }: ReadEvent): number {
  return (payload?.length ?? 0) + OVERHEAD_BYTES;
}
