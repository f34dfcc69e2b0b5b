/** Short-lived JWTs for the WebSockets of sessions: for reading or for writing, for all sessions or some. @module */
import { jwtVerify, SignJWT } from "jose";
import { type Clock, systemClock } from "../core/clock.ts";

const ALGORITHM = "HS256";
const ISSUER = "km";
const AUDIENCE = "km.sessions";
const LIFETIME_S = 15 * 60;

export const SESSION_ACCESS = ["read", "write"] as const;
export type SessionAccess = typeof SESSION_ACCESS[number];

/** What a token lets do. */
export interface SessionGrant {
  /** Whose it is: name of the caller who asked for it. */
  readonly name: string;
  readonly access: SessionAccess;
  /** Ids of the sessions that it is for; null: all. */
  readonly sessions: readonly string[] | null;
  readonly jti: string;
  readonly expiresAtUs: number;
}

export class SessionTokens {
  readonly #clock: Clock;
  /** Of this start of the daemon: a restart ends all tokens. */
  readonly #key: Uint8Array;

  constructor(options: { readonly clock?: Clock; readonly key?: Uint8Array } = {}) {
    this.#clock = options.clock ?? systemClock;
    this.#key = options.key ?? crypto.getRandomValues(new Uint8Array(32));
  }

  async issue(
    grant: Pick<SessionGrant, "name" | "access" | "sessions">,
  ): Promise<{ readonly token: string; readonly jti: string; readonly expiresAtUs: number }> {
    const nowS = this.#nowS();
    const jti = crypto.randomUUID();
    const token = await new SignJWT({ access: grant.access, sessions: grant.sessions })
      .setProtectedHeader({ alg: ALGORITHM, typ: "JWT" })
      .setIssuer(ISSUER).setAudience(AUDIENCE).setSubject(grant.name).setJti(jti)
      .setIssuedAt(nowS).setExpirationTime(nowS + LIFETIME_S).sign(this.#key);
    return { token, jti, expiresAtUs: (nowS + LIFETIME_S) * 1_000_000 };
  }

  /** Null: not ours, not for this, ended, or made for longer than 15 minutes. */
  async verify(token: string): Promise<SessionGrant | null> {
    try {
      const { payload } = await jwtVerify(token, this.#key, {
        algorithms: [ALGORITHM],
        issuer: ISSUER,
        audience: AUDIENCE,
        requiredClaims: ["exp", "iat", "jti", "sub", "access"],
        maxTokenAge: LIFETIME_S,
        currentDate: new Date(this.#nowS() * 1000),
      });
      const { exp = Infinity, iat = 0, sub = "", jti = "", access, sessions = null } = payload;
      if (exp - iat > LIFETIME_S || (access !== "read" && access !== "write")) return null;
      const ids = Array.isArray(sessions) ? sessions.map(String) : null;
      return { name: sub, access, sessions: ids, jti, expiresAtUs: exp * 1_000_000 };
    } catch {
      return null; // Whatever is wrong with it, the answer is the same.
    }
  }

  #nowS(): number {
    return Math.floor(this.#clock.nowUs() / 1_000_000);
  }
}
