/**
 * Output and keys on their way to the sessions thread, told together: one message for each would wake that thread twice for every key, beside the
 * program that is about to echo the next one. What a session wrote meanwhile becomes one piece, and keys that say nothing new are left out: a
 * piece of its own for each key took 6 µs of every key's echo to be packed.
 * @module
 */
import type { GatheredMessage, OutputCopy } from "./thread_messages.ts";

/** They are told at most this much later, in ms, or as soon as there are so many bytes of them. */
const GATHER_MS = 4, GATHER_BYTES = 32 * 1024;
/** The same for plain text and plain keys, which nobody waits for: one picture of sixty in a second. */
const GATHER_PLAIN_MS = 16;
/** Output that may ask the terminal something, whose answer the program waits for, has one of these: Esc, ENQ. */
const ESC = 0x1b, ENQ = 0x05;

type Typed = Extract<GatheredMessage, { kind: "typed" }>;

/** What one session wrote, in pieces. */
interface Written {
  readonly first: OutputCopy;
  readonly pieces: Uint8Array<ArrayBuffer>[];
}

export class GatheredMessages {
  readonly #send: (messages: readonly GatheredMessage[]) => void;
  #messages: (Typed | Written)[] = [];
  /** By session: the last of them, as long as more output may follow in it. */
  readonly #open = new Map<number, Written>();
  /** Sessions of which is told already that somebody typed: all are heard at the same moment. */
  readonly #typed = new Set<number>();
  #bytes = 0;
  #isUrgent = false;
  #isPlanned = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(send: (messages: readonly GatheredMessage[]) => void) {
    this.#send = send;
  }

  output(copy: OutputCopy): void {
    const written = this.#open.get(copy.number);
    if (written) written.pieces.push(copy.bytes);
    else {
      const begun = { first: copy, pieces: [copy.bytes] };
      this.#open.set(copy.number, begun);
      this.#messages.push(begun);
    }
    this.#bytes += copy.bytes.length;
    if (this.#bytes >= GATHER_BYTES) this.flush();
    else this.#plan(copy.bytes.includes(ESC) || copy.bytes.includes(ENQ));
  }

  typed(message: Typed): void {
    const { number } = message;
    const { submits, clears, isMove = false } = message;
    const isPlain = !submits && !clears && !isMove;
    if (isPlain && this.#typed.has(number)) return;
    if (isPlain) this.#typed.add(number);
    else this.#typed.delete(number);
    this.#open.delete(number);
    this.#messages.push(message);
    this.#plan(submits || clears);
  }

  /** Sends them now: what comes next is of after them. */
  flush(): void {
    const messages = this.#messages;
    this.clear();
    if (messages.length > 0) {
      this.#send(messages.map((message) => "kind" in message ? message : join(message)));
    }
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#messages = [];
    this.#open.clear();
    this.#typed.clear();
    this.#bytes = 0;
    this.#isUrgent = this.#isPlanned = false;
  }

  /** When this turn is over: the key that was typed, or its echo, is on its way by then. */
  #plan(isUrgent: boolean): void {
    if (this.#isPlanned && (this.#isUrgent || !isUrgent)) return;
    this.#isPlanned = true;
    this.#isUrgent ||= isUrgent;
    queueMicrotask(() => {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      if (!this.#isPlanned) return;
      this.#timer = setTimeout(() => this.flush(), this.#isUrgent ? GATHER_MS : GATHER_PLAIN_MS);
    });
  }
}

/** One piece, with the time of its first byte. */
function join({ first, pieces }: Written): GatheredMessage {
  if (pieces.length === 1) return { kind: "output", ...first };
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return { kind: "output", ...first, bytes };
}
