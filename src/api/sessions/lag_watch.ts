/** What becomes of viewers whose peer does not read as fast as their programs write. @module */
import type { Timer } from "../body.ts";
import { LOOK_MS, type Outbox } from "./outbox.ts";
import type { ShownSession } from "./shown_session.ts";

/** A viewer that reads nothing for this long no longer counts when all must lag before a program is held, in ms. */
const DISCOUNT_MS = 10_000;
/** One that lags and reads nothing at all for this long is dropped, in ms: it answers, so it is no dead peer, but nobody looks at it. */
const UNREAD_MS = 60_000;

export interface LagWatchOptions {
  readonly timer: Timer;
  readonly outbox: Outbox;
  readonly shown: () => Iterable<ShownSession>;
  /** Nothing was read for 60 s. */
  readonly onDead: () => void;
}

export class LagWatch {
  readonly #options: LagWatchOptions;
  /** Since when the peer, which lags, has read nothing, and how much it had by then. */
  #unread: { readonly takenBytes: number; readonly sinceMs: number } | null = null;
  #cancel: (() => void) | null = null;
  #isOver = false;

  constructor(options: LagWatchOptions) {
    this.#options = options;
  }

  /** Whoever lags goes on as soon as what was sent is read; one session after the other, since a snapshot may be large. */
  look(): void {
    this.#rest();
    const { timer, outbox, shown } = this.#options;
    const lagging = Iterator.from(shown()).filter(({ isLagging }) => isLagging).toArray();
    const [first] = lagging;
    if (this.#isOver || first === undefined) {
      this.#unread = null;
      return;
    }
    if (outbox.isDrained) {
      this.#unread = null;
      first.drained();
    } else this.#lookAtUnread(lagging);
    // What was drained may lag again at once, and have looked itself.
    this.#rest();
    if (!this.#isOver) this.#cancel = timer.after(LOOK_MS, () => this.look());
  }

  end(): void {
    this.#isOver = true;
    this.#rest();
  }

  #rest(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #lookAtUnread(lagging: readonly ShownSession[]): void {
    const nowMs = this.#options.timer.nowMs();
    const { takenBytes } = this.#options.outbox;
    if (this.#unread === null || takenBytes > this.#unread.takenBytes) {
      this.#unread = { takenBytes, sinceMs: nowMs };
    }
    const unreadMs = nowMs - this.#unread.sinceMs;
    if (unreadMs >= DISCOUNT_MS) { for (const shown of lagging) shown.discount(); }
    if (unreadMs >= UNREAD_MS) this.#options.onDead();
  }
}
