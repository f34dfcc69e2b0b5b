/** Says who calls, by what they send: the token or a key as Bearer, a browser's cookie, a WebSocket's JWT. @module */
import { type Clock, systemClock } from "../core/clock.ts";
import type { ApiKeys } from "./api_keys.ts";
import type { EndedSessions } from "./ended_sessions.ts";
import { FailureLimiter } from "./failure_limiter.ts";
import { answerChallenge } from "./home_proof.ts";
import { type Identity, mayDo, type Scope } from "./identity.ts";
import { OneTimeCodes } from "./one_time_codes.ts";
import { equalSecrets } from "./secret_token.ts";
import { SessionCookies } from "./session_cookie.ts";
import { type SessionGrant, SessionTokens } from "./session_tokens.ts";
import { StreamTokens, tokenOfUpgrade } from "./stream_tokens.ts";

/** Where a request came from and to; the server's word, never the request's. */
export interface Arrival {
  /** IP address of the sender. */
  readonly address: string;
  /** The port that it came to. */
  readonly port: number;
  /** Over TLS. */
  readonly secure: boolean;
  /** Breaks its connection off, where the system lets us: for a peer that takes no close. */
  readonly cut?: () => void;
}

export interface AuthenticatorOptions {
  /** The one that counts now; null: none. */
  readonly token: () => string | null;
  /** None: no keys are known. */
  readonly keys?: ApiKeys;
  /** None: what was signed out is forgotten with the process. */
  readonly endedSessions?: EndedSessions;
  readonly clock?: Clock;
}

/** A request that did not come through a socket: tests. */
const NOWHERE: Arrival = { address: "", port: 0, secure: false };

/** What a request sends to say who it comes from. */
type Proof =
  | { readonly kind: "bearer"; readonly authorization: string }
  | { readonly kind: "jwt"; readonly token: string }
  | { readonly kind: "cookie"; readonly header: string; readonly port: number };

/** JWTs that have not ended; whoever asks for more loses the oldest. */
const MAX_STREAM_TOKENS = 10_000;

export class Authenticator {
  readonly #token: () => string | null;
  readonly #failures: FailureLimiter;
  readonly #codes: OneTimeCodes;
  readonly #cookies: SessionCookies;
  readonly #streamTokens: StreamTokens;
  readonly #sessionTokens: SessionTokens;
  /** How each identity was proven, for as long as somebody holds it. */
  readonly #proofs = new WeakMap<Identity, Proof>();
  /** JWT → who asked for it, with whom it ends; oldest first. */
  readonly #issuers = new Map<string, { readonly identity: Identity; readonly expiresAtUs: number }>();
  readonly #clock: Clock;
  readonly keys: ApiKeys | null;

  constructor({ token, keys, endedSessions, clock = systemClock }: AuthenticatorOptions) {
    this.#clock = clock;
    this.#token = token;
    this.keys = keys ?? null;
    this.#failures = new FailureLimiter(clock);
    this.#codes = new OneTimeCodes(clock);
    this.#cookies = new SessionCookies(token, clock, endedSessions);
    this.#streamTokens = new StreamTokens({ clock });
    this.#sessionTokens = new SessionTokens({ clock });
  }

  /**
   * Null: nobody we know. What is sent in the first place counts alone: a wrong Bearer is not helped by a cookie.
   * @throws {TooManyFailures} when this attempt failed, and too many before it
   */
  async identify(request: Request, arrival: Arrival = NOWHERE): Promise<Identity | null> {
    const proof = proofOf(request, arrival);
    const identity = await this.#recognise(proof);
    if (identity) this.#proofs.set(identity, proof);
    // A cookie that has ended is what every browser brings some day: no attack, and nobody guesses 256 bits.
    return proof.kind === "cookie" ? identity : this.#orFailed(identity, arrival);
  }

  /**
   * True when what proved `identity` would still be taken, and lets do what needs `scope`: its key is not revoked, its token not replaced,
   * its JWT not over, its session not signed out.
   */
  async stillMay(identity: Identity, scope: Scope): Promise<boolean> {
    const proof = this.#proofs.get(identity);
    const now = proof ? await this.#recognise(proof) : null;
    return now !== null && mayDo(now, scope);
  }

  /** The answer to a challenge, which shows that this is the daemon of its home; null when there is none. */
  prove(challenge: string): string | null {
    const token = this.#token();
    return token === null ? null : answerChallenge(token, challenge);
  }

  /** A code for a link, for one use within five minutes. */
  issueCode(): { readonly code: string; readonly expiresAtUs: number } {
    return this.#codes.issue();
  }

  /** The `Set-Cookie` header for a code; null when the code is wrong. @throws {TooManyFailures} */
  redeemCode(code: string, arrival: Arrival = NOWHERE): string | null {
    const cookie = this.#codes.redeem(code) ? this.#cookies.issue(arrival.port, arrival.secure) : null;
    return this.#orFailed(cookie, arrival);
  }

  /** Ends the session of the browser that asks. Returns the `Set-Cookie` header that makes it forget its cookie. @throws {KmError} as `SessionCookies.end` */
  signOut({ headers }: Request, { port, secure }: Arrival = NOWHERE): string {
    this.#cookies.end(headers.get("Cookie") ?? "", port);
    return this.#cookies.clear(port, secure);
  }

  /** A JWT for a WebSocket, for 15 minutes, or until whoever asks for it is nobody any more. */
  async issueStreamToken(
    identity: Identity,
  ): Promise<{ readonly token: string; readonly expiresAtUs: number }> {
    const issued = await this.#streamTokens.issue(identity.name);
    this.#remember(issued.token, identity, issued.expiresAtUs);
    return issued;
  }

  /** A JWT that the first message over a WebSocket of sessions carries, with no more rights than `identity` has; as long as the other. */
  async issueSessionToken(
    identity: Identity,
    grant: Pick<SessionGrant, "access" | "sessions">,
  ): Promise<{ readonly token: string; readonly expiresAtUs: number }> {
    const issued = await this.#sessionTokens.issue({ ...grant, name: identity.name });
    this.#remember(issued.token, identity, issued.expiresAtUs);
    return issued;
  }

  /** What a WebSocket of sessions may do that sent `token`; null: nothing. @throws {TooManyFailures} */
  async identifySession(token: string, arrival: Arrival = NOWHERE): Promise<SessionGrant | null> {
    return this.#orFailed(await this.sessionGrant(token), arrival);
  }

  /** As `identifySession`, for a token that was taken before: that it has ended is no guess. */
  async sessionGrant(token: string): Promise<SessionGrant | null> {
    const grant = await this.#sessionTokens.verify(token);
    const issuer = this.#issuers.get(token)?.identity;
    if (!grant || !issuer) return null;
    const scope = grant.access === "write" ? "sessions" : "read";
    return await this.stillMay(issuer, scope) || await this.stillMay(issuer, "sessions") && scope === "read"
      ? grant
      : null;
  }

  #remember(token: string, identity: Identity, expiresAtUs: number): void {
    this.#issuers.set(token, { identity, expiresAtUs });
    const nowUs = this.#clock.nowUs();
    for (const [other, { expiresAtUs }] of this.#issuers) {
      if (expiresAtUs > nowUs && this.#issuers.size <= MAX_STREAM_TOKENS) break;
      this.#issuers.delete(other);
    }
  }

  async #recognise(proof: Proof): Promise<Identity | null> {
    switch (proof.kind) {
      case "bearer":
        return this.#byBearer(proof.authorization);
      case "jwt":
        return await this.#byStreamToken(proof.token);
      case "cookie":
        return this.#cookies.accepts(proof.header, proof.port)
          ? { name: "browser", via: "cookie", scopes: ["admin"] }
          : null;
    }
  }

  async #byStreamToken(token: string): Promise<Identity | null> {
    const identity = await this.#streamTokens.verify(token);
    const issuer = this.#issuers.get(token)?.identity;
    return identity && issuer && await this.stillMay(issuer, "read") ? identity : null;
  }

  #byBearer(authorization: string): Identity | null {
    const bearer = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
    if (bearer === undefined) return null;
    const token = this.#token();
    if (token !== null && equalSecrets(bearer, token)) {
      return { name: "token", via: "token", scopes: ["admin"] };
    }
    return this.keys?.identify(bearer) ?? null;
  }

  #orFailed<T>(found: T | null, { address }: Arrival): T | null {
    if (found === null) this.#failures.fail(address);
    return found;
  }
}

/** What counts of all that a request sends: the first, alone. */
function proofOf(request: Request, { port }: Arrival): Proof {
  const { headers } = request;
  const authorization = headers.get("Authorization");
  if (authorization !== null) return { kind: "bearer", authorization };
  const token = tokenOfUpgrade(request);
  if (token !== undefined) return { kind: "jwt", token };
  return { kind: "cookie", header: headers.get("Cookie") ?? "", port };
}
