/** Whether the peer of a WebSocket of sessions lives, and how long its answers take. @module */
import { DEAD_MS, HEARTBEAT_MS, type SessionMessage } from "../../core/session_wire.ts";
import type { Timer } from "../body.ts";
import type { Outbox } from "./outbox.ts";

export interface HeartbeatOptions {
  readonly timer: Timer;
  readonly outbox: Outbox;
  /** It has proven who it is: others are told nothing. */
  readonly isKnown: () => boolean;
  readonly onBeat: () => void;
  /** Nothing came for 30 s. */
  readonly onDead: () => void;
}

export class Heartbeat {
  readonly #options: HeartbeatOptions;
  #heardMs: number;
  #ping: { readonly id: string; readonly atMs: number } | null = null;
  #pings = 0;
  #cancel: (() => void) | null = null;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#heardMs = options.timer.nowMs();
  }

  begin(): void {
    this.#next(HEARTBEAT_MS);
  }

  /** Something came. */
  heard(): void {
    this.#heardMs = this.#options.timer.nowMs();
  }

  /** Tells how long this answer to a ping took. */
  heardPong({ message_id: id }: SessionMessage): void {
    const { timer, outbox } = this.#options;
    if (this.#ping === null || id !== this.#ping.id || outbox.isFull) return;
    const ms = Math.round((timer.nowMs() - this.#ping.atMs) * 1000) / 1000;
    this.#ping = null;
    outbox.say({ type: "status", data: { event: "latency", ms } });
  }

  end(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #beat(): void {
    const { timer, outbox, isKnown, onBeat, onDead } = this.#options;
    const nowMs = timer.nowMs();
    const silentMs = nowMs - this.#heardMs;
    if (silentMs >= DEAD_MS) return onDead();
    if (isKnown() && !outbox.isFull) {
      this.#ping = { id: `ping-${++this.#pings}`, atMs: nowMs };
      outbox.say({ type: "ping", message_id: this.#ping.id });
    }
    onBeat();
    this.#next(Math.min(HEARTBEAT_MS, DEAD_MS - silentMs));
  }

  #next(ms: number): void {
    this.end();
    this.#cancel = this.#options.timer.after(ms, () => this.#beat());
  }
}
