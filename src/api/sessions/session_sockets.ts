/** All WebSockets of sessions of a daemon: how many there may be, whose they are, and when all of them are looked at again. @module */
import type { Arrival, Authenticator } from "../../auth/authenticator.ts";
import type { Sessions } from "../../sessions/sessions.ts";
import type { Tasks } from "../../sessions/tasks/tasks.ts";
import { systemTimer, type Timer } from "../body.ts";
import { ApiError } from "../errors.ts";
import { AuditLog } from "./audit_log.ts";
import { ClientMemories } from "./client_memory.ts";
import type { SocketLike } from "./outbox.ts";
import { SessionSocket } from "./session_socket.ts";

/** Each costs a few KiB, and up to 1 MiB and a snapshot while its peer does not read. */
const MAX_SOCKETS = 1024;
/** Of one caller: 200 viewers of one key are a load test, and all of a team behind one token. */
const MAX_PER_USER = 512;
/**
 * That have not said who they are. They have 5 s for it, but who comes when there are so many gets the place of the one that has waited longest:
 * strangers that say nothing must keep out nobody. As many again may be in the middle of their close.
 */
const MAX_UNAUTHENTICATED = 64, MAX_STRANGERS = 2 * MAX_UNAUTHENTICATED;

export interface SessionSocketsOptions {
  readonly sessions: Sessions;
  /** Those who watch are told of tasks, too. */
  readonly tasks?: Tasks | undefined;
  readonly authenticator: Authenticator;
  readonly timer?: Timer;
}

export class SessionSockets {
  readonly #options: SessionSocketsOptions;
  readonly #timer: Timer;
  readonly #memories = new ClientMemories();
  readonly #audit: AuditLog;
  readonly #open = new Set<SessionSocket>();

  constructor(options: SessionSocketsOptions) {
    this.#options = options;
    this.#timer = options.timer ?? systemTimer;
    this.#audit = new AuditLog(options.sessions.record, this.#timer);
  }

  get count(): number {
    return this.#open.size;
  }

  /** @throws {ApiError} 503 when there are too many */
  admit(): void {
    if (this.#open.size < MAX_SOCKETS) return;
    throw new ApiError(503, "busy", "Too many WebSockets of sessions are open", {
      hint: "close some, or show several sessions over one",
      headers: { "Retry-After": "5" },
    });
  }

  /** Serves `socket`; `boundTo`: the session that stands in its address. */
  serve(socket: SocketLike, arrival: Arrival, boundTo: string | null): void {
    this.#makeRoom();
    const { sessions, tasks = null, authenticator } = this.#options;
    const serving = new SessionSocket(socket, {
      sessions,
      tasks,
      authenticator,
      arrival,
      boundTo,
      timer: this.#timer,
      memories: this.#memories,
      audit: this.#audit,
      mayEnter: (user) =>
        this.#open.values().filter((other) => other.user === user).toArray().length < MAX_PER_USER,
      onEnd: () => this.#open.delete(serving),
    });
    this.#open.add(serving);
  }

  /** Makes room for one more that has not said who it is. */
  #makeRoom(): void {
    // In the order in which they came.
    const strangers = [...this.#open].filter(({ user }) => user === null);
    const waiting = strangers.filter(({ isOver }) => !isOver);
    for (const socket of waiting.slice(0, Math.max(0, waiting.length + 1 - MAX_UNAUTHENTICATED))) {
      socket.giveWay();
    }
    const closing = strangers.filter(({ isOver }) => isOver);
    for (const socket of closing.slice(0, Math.max(0, strangers.length + 1 - MAX_STRANGERS))) socket.cutOff();
  }

  /** Closes those whose credentials are good no more: a key was revoked, a browser signed out. */
  recheck(): void {
    for (const socket of this.#open) void socket.recheck();
  }

  /** The daemon stops. */
  end(): void {
    for (const socket of [...this.#open]) socket.goAway();
  }
}
