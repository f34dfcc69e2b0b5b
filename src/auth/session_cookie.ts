/**
 * The cookie of a browser that came by a one-time link. Nothing is kept for it: it carries port and end, signed with a key made from the
 * token, so that it outlives a restart, is worthless at another port or home, and ends for all when the token is replaced.
 * @module
 */
import { createHmac } from "node:crypto";
import { type Clock, systemClock } from "../core/clock.ts";
import { equalSecrets, newSecret } from "./secret_token.ts";

const LIFETIME_S = 30 * 24 * 60 * 60;
/** Other ports of this host may set cookies of our name; more than these are not looked at. */
const MAX_CANDIDATES = 8;

export class SessionCookies {
  readonly #key: Uint8Array;
  readonly #clock: Clock;

  constructor(token: string, clock: Clock = systemClock) {
    this.#key = createHmac("sha256", token).update("km session cookie 1").digest();
    this.#clock = clock;
  }

  /** The `Set-Cookie` header that signs a browser in. */
  issue(port: number, secure: boolean): string {
    const signed = `1.${port}.${this.#nowS() + LIFETIME_S}.${newSecret()}`;
    return cookie(port, `${signed}.${this.#sign(signed)}`, LIFETIME_S, secure);
  }

  /** The `Set-Cookie` header that signs it out. */
  clear(port: number, secure: boolean): string {
    return cookie(port, "", 0, secure);
  }

  /** True when the `Cookie` header has a session of this port that has not ended. */
  accepts(header: string, port: number): boolean {
    const name = `${cookieName(port)}=`;
    const candidates = header.split(";").map((part) => part.trim()).filter((part) => part.startsWith(name));
    return candidates.slice(0, MAX_CANDIDATES).some((part) => this.#isValid(part.slice(name.length), port));
  }

  #isValid(value: string, port: number): boolean {
    const end = value.lastIndexOf(".");
    const signed = value.slice(0, end);
    if (end < 0 || !equalSecrets(value.slice(end + 1), this.#sign(signed))) return false;
    const [version, itsPort, expiresAtS] = signed.split(".");
    return version === "1" && itsPort === String(port) && this.#nowS() < Number(expiresAtS);
  }

  #sign(signed: string): string {
    return createHmac("sha256", this.#key).update(signed).digest("base64url");
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
