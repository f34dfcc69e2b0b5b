/** Who is at the other end of one WebSocket of sessions: what proved it, and whether that is still good. @module */
import type { Arrival, Authenticator } from "../../auth/authenticator.ts";
import { TooManyFailures } from "../../auth/failure_limiter.ts";
import type { SessionGrant } from "../../auth/session_tokens.ts";
import { systemClock } from "../../core/clock.ts";
import { CLOSE } from "../../core/session_wire.ts";
import type { Timer } from "../body.ts";

export interface SocketCredentialsOptions {
  readonly authenticator: Authenticator;
  readonly arrival: Arrival;
  readonly timer: Timer;
  /** The socket is to be closed: they are good no more, or that cannot be known. */
  readonly onEnd: (code: number, reason: string) => void;
}

export class SocketCredentials {
  readonly #options: SocketCredentialsOptions;
  #grant: SessionGrant | null = null;
  #token = "";
  #cancelExpiry: () => void = () => {};

  constructor(options: SocketCredentialsOptions) {
    this.#options = options;
  }

  /** What the client may; null: it is not known yet. */
  get grant(): SessionGrant | null {
    return this.#grant;
  }

  /** What a token permits, or in words why nothing. */
  async identify(token: unknown): Promise<SessionGrant | string> {
    const { authenticator, arrival } = this.#options;
    try {
      const grant = await authenticator.identifySession(typeof token === "string" ? token : "", arrival);
      return grant ?? "wrong credentials";
    } catch (error) {
      if (!(error instanceof TooManyFailures)) throw error;
      return `wrong credentials, too often: wait ${error.retryAfterS} s`;
    }
  }

  /** From now on the client may what `token` permits, for as long as that is good. */
  take(token: string, grant: SessionGrant): void {
    this.#grant = grant;
    this.#token = token;
    // A second later: then it has ended by every clock here.
    const inMs = (grant.expiresAtUs - systemClock.nowUs()) / 1000 + 1000;
    this.#cancelExpiry();
    this.#cancelExpiry = this.#options.timer.after(Math.max(0, inMs), () => void this.recheck());
  }

  /** Looks whether they are still good. Never throws. */
  async recheck(): Promise<void> {
    if (this.#grant === null) return;
    const token = this.#token;
    const { authenticator, onEnd } = this.#options;
    try {
      const grant = await authenticator.sessionGrant(token);
      // Renewed meanwhile.
      if (grant !== null || token !== this.#token) return;
      onEnd(CLOSE.unauthenticated, "these credentials have ended");
    } catch {
      // Who may be let in no more must not stay because that cannot be read; who may comes back.
      onEnd(CLOSE.busy, "these credentials cannot be checked at the moment");
    }
  }

  /** Looks no more. */
  end(): void {
    this.#cancelExpiry();
  }
}
