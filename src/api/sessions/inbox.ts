/** What came over one WebSocket of sessions and waits to be handled: one after the other, and not while the peer has much to read. @module */
import { MAX_FRAME_BYTES } from "../../core/session_wire.ts";
import type { Timer } from "../body.ts";
import { LOOK_MS, type Outbox } from "./outbox.ts";

/** Messages that wait, and their characters; of a stranger far fewer. */
const MAX_WAITING = 1000, MAX_WAITING_CHARS = 4 * MAX_FRAME_BYTES;
const MAX_WAITING_OF_STRANGER = 16, MAX_CHARS_OF_STRANGER = 128 * 1024;

export interface InboxOptions {
  readonly timer: Timer;
  readonly outbox: Outbox;
  /** Nothing is handled any more. */
  readonly isOver: () => boolean;
}

/** What is to be done for a message. */
export interface Work {
  /** Also while the peer has much to read. */
  readonly isUrgent?: boolean;
  readonly run: () => Promise<void> | void;
  readonly onError: (error: unknown) => void;
}

export class Inbox {
  readonly #options: InboxOptions;
  #queue: Promise<void> = Promise.resolve();
  #waiting = 0;
  #waitingChars = 0;

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#waiting === 0;
  }

  /** Whether another message of so many characters may wait. */
  hasRoom(chars: number, { isKnown }: { readonly isKnown: boolean }): boolean {
    return this.#waiting < (isKnown ? MAX_WAITING : MAX_WAITING_OF_STRANGER) &&
      this.#waitingChars + chars <= (isKnown ? MAX_WAITING_CHARS : MAX_CHARS_OF_STRANGER);
  }

  /** Does what a message of so many characters asks for, after all that came before. */
  add(chars: number, { isUrgent = false, run, onError }: Work): void {
    this.#waiting++;
    this.#waitingChars += chars;
    this.#queue = this.#queue.then(() => isUrgent ? undefined : this.#untilRead()).then(() => {
      this.#waiting--;
      this.#waitingChars -= chars;
      return this.#options.isOver() ? undefined : run();
    }).catch(onError);
  }

  /** Settles when the peer has read enough to be answered. */
  async #untilRead(): Promise<void> {
    const { timer, outbox, isOver } = this.#options;
    while (outbox.isFull && !isOver()) {
      await new Promise<void>((resolve) => void timer.after(LOOK_MS, resolve));
    }
  }
}
