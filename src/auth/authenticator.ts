/** Says who calls, by what they send: the token or a key as Bearer, a browser's cookie, a WebSocket's JWT. @module */
import { type Clock, systemClock } from "../core/clock.ts";
import type { ApiKeys } from "./api_keys.ts";
import { FailureLimiter } from "./failure_limiter.ts";
import type { Identity } from "./identity.ts";
import { OneTimeCodes } from "./one_time_codes.ts";
import { equalSecrets } from "./secret_token.ts";
import { SessionCookies } from "./session_cookie.ts";
import { StreamTokens, tokenOfProtocols } from "./stream_tokens.ts";

/** Where a request came from and to; the server's word, never the request's. */
export interface Arrival {
  /** IP address of the sender. */
  readonly address: string;
  /** The port that it came to. */
  readonly port: number;
  /** Over TLS. */
  readonly secure: boolean;
}

export interface AuthenticatorOptions {
  readonly token: string;
  /** None: no keys are known. */
  readonly keys?: ApiKeys;
  readonly clock?: Clock;
}

/** A request that did not come through a socket: tests. */
const NOWHERE: Arrival = { address: "", port: 0, secure: false };

export class Authenticator {
  readonly #token: string;
  readonly #failures: FailureLimiter;
  readonly #codes: OneTimeCodes;
  readonly #cookies: SessionCookies;
  readonly #streamTokens: StreamTokens;
  readonly keys: ApiKeys | null;

  constructor({ token, keys, clock = systemClock }: AuthenticatorOptions) {
    this.#token = token;
    this.keys = keys ?? null;
    this.#failures = new FailureLimiter(clock);
    this.#codes = new OneTimeCodes(clock);
    this.#cookies = new SessionCookies(token, clock);
    this.#streamTokens = new StreamTokens({ clock });
  }

  /**
   * Null: nobody we know. What is sent in the first place counts alone: a wrong Bearer is not helped by a cookie.
   * @throws {TooManyFailures} when this attempt failed, and too many before it
   */
  async identify(request: Request, arrival: Arrival = NOWHERE): Promise<Identity | null> {
    const { headers } = request;
    const authorization = headers.get("Authorization");
    if (authorization !== null) return this.#orFailed(this.#byBearer(authorization), arrival);
    const streamToken = headers.has("Upgrade")
      ? tokenOfProtocols(headers.get("Sec-WebSocket-Protocol") ?? "")
      : undefined;
    if (streamToken !== undefined) return this.#orFailed(await this.verifyStreamToken(streamToken), arrival);
    // A cookie that has ended is what every browser brings some day: no attack, and nobody guesses 256 bits.
    const isSession = this.#cookies.accepts(headers.get("Cookie") ?? "", arrival.port);
    return isSession ? { name: "browser", via: "cookie", scopes: ["admin"] } : null;
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

  /** The `Set-Cookie` header that ends a browser's session. */
  clearCookie({ port, secure }: Arrival = NOWHERE): string {
    return this.#cookies.clear(port, secure);
  }

  /** A JWT for a WebSocket, for 15 minutes. */
  async issueStreamToken(name: string): Promise<{ readonly token: string; readonly expiresAtUs: number }> {
    return await this.#streamTokens.issue(name);
  }

  /** Who a JWT for a WebSocket was made for; null when it is not valid. */
  async verifyStreamToken(token: string): Promise<Identity | null> {
    return await this.#streamTokens.verify(token);
  }

  #byBearer(authorization: string): Identity | null {
    const bearer = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
    if (bearer === undefined) return null;
    if (equalSecrets(bearer, this.#token)) return { name: "token", via: "token", scopes: ["admin"] };
    return this.keys?.identify(bearer) ?? null;
  }

  #orFailed<T>(found: T | null, { address }: Arrival): T | null {
    if (found === null) this.#failures.fail(address);
    return found;
  }
}
