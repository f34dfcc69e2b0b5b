/**
 * What goes out over one WebSocket of sessions. Answers go at once; events of a peer that does not read wait here, only the newest of each kind, so
 * that its silence costs no more than what was sent already.
 * @module
 */
import { formatTimeUs, systemClock } from "../../core/clock.ts";
import { DRAINED_BYTES, LAGGING_BYTES, type SessionMessage } from "../../core/session_wire.ts";
import type { Timer } from "../body.ts";
import { eventData, type WireEvent } from "./wire_messages.ts";

/** The part of a WebSocket that is used. */
export type SocketLike = Pick<
  WebSocket,
  | "readyState"
  | "bufferedAmount"
  | "binaryType"
  | "send"
  | "close"
  | "onopen"
  | "onmessage"
  | "onclose"
  | "onerror"
>;

/** Events that wait; beyond these the oldest goes. */
const MAX_EVENTS = 2000;
/** How often it looks whether a peer that lags has read, in ms: a WebSocket does not tell. */
export const LOOK_MS = 20;

export class Outbox {
  readonly #socket: SocketLike;
  readonly #timer: Timer;
  readonly #events = new Map<string, { readonly id: string; readonly event: WireEvent }>();
  #cancelFlush: (() => void) | null = null;
  #saidBytes = 0;

  constructor(socket: SocketLike, timer: Timer) {
    this.#socket = socket;
    this.#timer = timer;
  }

  /** About how many bytes the peer has taken: more when it reads. */
  get takenBytes(): number {
    return this.#saidBytes - this.#socket.bufferedAmount;
  }

  /** The peer lags: what can be made up for later is not sent. */
  get isFull(): boolean {
    return this.#socket.bufferedAmount >= LAGGING_BYTES;
  }

  get isDrained(): boolean {
    return this.#socket.bufferedAmount < DRAINED_BYTES;
  }

  say(message: SessionMessage): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    const text = JSON.stringify({ ...message, timestamp: formatTimeUs(systemClock.nowUs()) });
    this.#saidBytes += text.length;
    this.#socket.send(text);
  }

  bytes(frame: Uint8Array<ArrayBuffer>): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#saidBytes += frame.length;
    this.#socket.send(frame);
  }

  /** Tells an event of the session, or of the task, `id`. Facts of a session that change several times in a turn are told once. */
  tell(id: string, event: WireEvent): void {
    const key = `${id} ${event.event}${event.event === "command" ? ` ${event.command.id}` : ""}`;
    if (event.event === "state" || event.event === "removed") this.#events.delete(`${id} session`);
    if (event.event !== "session" && !this.isFull) {
      // In order: what waits of this session was before.
      for (const [other, waiting] of this.#events) {
        if (waiting.id !== id) continue;
        this.#events.delete(other);
        this.#say(waiting.id, waiting.event);
      }
      return this.#say(id, event);
    }
    this.#events.delete(key);
    this.#events.set(key, { id, event });
    if (this.#events.size > MAX_EVENTS) this.#events.delete(this.#events.keys().next().value ?? "");
    this.#cancelFlush ??= this.#timer.after(0, () => this.#flush());
  }

  /** Forgets what waits. */
  end(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = null;
    this.#events.clear();
  }

  #flush(): void {
    this.#cancelFlush = null;
    for (const [key, { id, event }] of this.#events) {
      if (this.isFull) {
        this.#cancelFlush = this.#timer.after(LOOK_MS, () => this.#flush());
        return;
      }
      this.#events.delete(key);
      this.#say(id, event);
    }
  }

  #say(id: string, event: WireEvent): void {
    this.say({ type: "status", ...event.event !== "task" && { session_id: id }, data: eventData(event) });
  }
}
