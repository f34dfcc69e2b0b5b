/** Short-lived JWTs for WebSockets, to which a browser can give no header. They only let read. @module */
import { jwtVerify, SignJWT } from "jose";
import { type Clock, systemClock } from "../core/clock.ts";
import type { Identity } from "./identity.ts";

const ALGORITHM = "HS256";
const ISSUER = "km";
const AUDIENCE = "km.stream";
/** The only place where a token counts: it opens the stream, and nothing else. */
const SOCKET_PATH = "/api/stream/ws";
const LIFETIME_S = 15 * 60;
/** What a WebSocket's list of protocols carries it in: `Sec-WebSocket-Protocol: km.stream.v1, km.jwt.<token>`. */
const PROTOCOL_PREFIX = "km.jwt.";

export class StreamTokens {
  readonly #clock: Clock;
  /** Of this start of the daemon: a restart ends all tokens. */
  readonly #key: Uint8Array;

  constructor(options: { readonly clock?: Clock; readonly key?: Uint8Array } = {}) {
    this.#clock = options.clock ?? systemClock;
    this.#key = options.key ?? crypto.getRandomValues(new Uint8Array(32));
  }

  async issue(name: string): Promise<{ readonly token: string; readonly expiresAtUs: number }> {
    const nowS = this.#nowS();
    const token = await new SignJWT({}).setProtectedHeader({ alg: ALGORITHM, typ: "JWT" })
      .setIssuer(ISSUER).setAudience(AUDIENCE).setSubject(name).setJti(crypto.randomUUID())
      .setIssuedAt(nowS).setExpirationTime(nowS + LIFETIME_S).sign(this.#key);
    return { token, expiresAtUs: (nowS + LIFETIME_S) * 1_000_000 };
  }

  /** Null: not ours, not for this, ended, or made for longer than 15 minutes. */
  async verify(token: string): Promise<Identity | null> {
    try {
      const { payload } = await jwtVerify(token, this.#key, {
        algorithms: [ALGORITHM],
        issuer: ISSUER,
        audience: AUDIENCE,
        requiredClaims: ["exp", "iat", "jti", "sub"],
        maxTokenAge: LIFETIME_S,
        currentDate: new Date(this.#nowS() * 1000),
      });
      const { exp = Infinity, iat = 0, sub = "" } = payload;
      return exp - iat > LIFETIME_S ? null : { name: sub, via: "jwt", scopes: ["read"] };
    } catch {
      return null; // Whatever is wrong with it, the answer is the same.
    }
  }

  #nowS(): number {
    return Math.floor(this.#clock.nowUs() / 1_000_000);
  }
}

/** The token among the protocols that a WebSocket asks for; undefined where there is none, and of every other request. */
export function tokenOfUpgrade({ method, url, headers }: Request): string | undefined {
  if (method !== "GET" || !headers.has("Upgrade") || new URL(url).pathname !== SOCKET_PATH) return undefined;
  const protocols = headers.get("Sec-WebSocket-Protocol") ?? "";
  const protocol = protocols.split(",").map((part) => part.trim()).find((part) =>
    part.startsWith(PROTOCOL_PREFIX)
  );
  return protocol?.slice(PROTOCOL_PREFIX.length);
}
