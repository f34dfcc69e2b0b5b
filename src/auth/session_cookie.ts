/**
 * The cookie of a browser that came by a one-time link. Nothing is kept for it until it is signed out: it carries port and end, signed with
 * a key made from the token, so that it outlives a restart, is worthless at another port or home, and ends for all when the token is
 * replaced.
 * @module
 */
import { createHmac } from "node:crypto";
import { type Clock, systemClock } from "../core/clock.ts";
import { EndedSessions } from "./ended_sessions.ts";
import { equalSecrets, newSecret } from "./secret_token.ts";

const LIFETIME_S = 30 * 24 * 60 * 60;
/** Other ports of this host may set cookies of our name; more than these are not looked at. */
const MAX_CANDIDATES = 8;

interface Session {
  readonly cookie: string;
  readonly endsAtS: number;
}

export class SessionCookies {
  readonly #token: () => string | null;
  readonly #clock: Clock;
  readonly #ended: EndedSessions;

  /** `token`: the one that counts now; null: none, and no cookie is taken. */
  constructor(
    token: () => string | null,
    clock: Clock = systemClock,
    ended: EndedSessions = new EndedSessions(null, clock),
  ) {
    this.#token = token;
    this.#clock = clock;
    this.#ended = ended;
  }

  /** The `Set-Cookie` header that signs a browser in; one that nobody takes while there is no token. */
  issue(port: number, secure: boolean): string {
    const signed = `1.${port}.${this.#nowS() + LIFETIME_S}.${newSecret()}`;
    return cookie(port, `${signed}.${this.#sign(signed)}`, LIFETIME_S, secure);
  }

  /** Ends the sessions of this port that the `Cookie` header has. @throws {KmError} store_unavailable when they may come back after a restart */
  end(header: string, port: number): void {
    for (const { cookie, endsAtS } of this.#sessions(header, port)) this.#ended.add(cookie, endsAtS);
  }

  /** The `Set-Cookie` header that makes a browser forget its session. */
  clear(port: number, secure: boolean): string {
    return cookie(port, "", 0, secure);
  }

  /** True when the `Cookie` header has a session of this port that has not ended. */
  accepts(header: string, port: number): boolean {
    return this.#sessions(header, port).length > 0;
  }

  #sessions(header: string, port: number): Session[] {
    const name = `${cookieName(port)}=`;
    const candidates = header.split(";").map((part) => part.trim()).filter((part) => part.startsWith(name));
    return candidates.slice(0, MAX_CANDIDATES).flatMap((part) =>
      this.#open(part.slice(name.length), port) ?? []
    );
  }

  /** Null: it is not ours, not of this port, or has ended. */
  #open(cookie: string, port: number): Session | null {
    const end = cookie.lastIndexOf(".");
    const signed = cookie.slice(0, end);
    const signature = this.#sign(signed);
    if (end < 0 || signature === null || !equalSecrets(cookie.slice(end + 1), signature)) return null;
    const [version, itsPort, expiresAt] = signed.split(".");
    const endsAtS = Number(expiresAt);
    const isOpen = version === "1" && itsPort === String(port) && this.#nowS() < endsAtS &&
      !this.#ended.has(cookie, endsAtS);
    return isOpen ? { cookie, endsAtS } : null;
  }

  #sign(signed: string): string | null {
    const token = this.#token();
    if (token === null) return null;
    const key = createHmac("sha256", token).update("km session cookie 1").digest();
    return createHmac("sha256", key).update(signed).digest("base64url");
  }

  #nowS(): number {
    return Math.floor(this.#clock.nowUs() / 1_000_000);
  }
}

/** Cookies do not know ports: the name has to. */
export function cookieName(port: number): string {
  return `km_session_${port}`;
}

function cookie(port: number, value: string, maxAgeS: number, secure: boolean): string {
  const parts = [
    `${cookieName(port)}=${value}`,
    "Path=/",
    `Max-Age=${maxAgeS}`,
    "HttpOnly",
    "SameSite=Strict",
  ];
  return [...parts, ...(secure ? ["Secure"] : [])].join("; ");
}
