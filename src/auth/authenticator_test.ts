import { deepEqual, equal, match, notEqual, ok, rejects, throws } from "node:assert/strict";
import { SignJWT } from "jose";
import { TempFolder } from "../../tests/e2e/harness.ts";
import { verifies } from "../../tests/verifies.ts";
import { ApiKeys } from "./api_keys.ts";
import { type Arrival, Authenticator } from "./authenticator.ts";
import type { Identity } from "./identity.ts";
import { TooManyFailures } from "./failure_limiter.ts";
import { SessionCookies } from "./session_cookie.ts";
import { newSecret } from "./secret_token.ts";
import { StreamTokens } from "./stream_tokens.ts";

const HERE: Arrival = { address: "127.0.0.1", port: 4242, secure: false };
const TOKEN = newSecret();
const MINUTE_US = 60 * 1_000_000;

function makeAuthenticator() {
  const time = { nowUs: Date.UTC(2026, 10, 21) * 1000 };
  const clock = { nowUs: () => time.nowUs };
  return { time, clock, auth: new Authenticator({ token: () => TOKEN, clock }) };
}

const request = (headers: Record<string, string>, { path = "/api/stream/ws", method = "GET" } = {}) =>
  new Request(`http://127.0.0.1:4242${path}`, { headers, method });
const bearer = (token: string) => request({ Authorization: `Bearer ${token}` });
/** What a browser sends back of a `Set-Cookie` header. */
const sent = (setCookie: string | null) => setCookie?.split(";")[0] ?? "";

Deno.test("identify() knows the token, as Bearer only", async () => {
  verifies("auth-token");
  const { auth } = makeAuthenticator();
  deepEqual(await auth.identify(bearer(TOKEN), HERE), { name: "token", via: "token", scopes: ["admin"] });
  for (
    const value of [
      `Basic ${TOKEN}`,
      TOKEN,
      "Bearer",
      `Bearer ${TOKEN}x`,
      `Bearer ${TOKEN} x`,
      "Bearer undefined",
    ]
  ) {
    equal(await auth.identify(request({ Authorization: value }), HERE), null, value);
  }
  equal(await auth.identify(request({ Cookie: `km_session_4242=${TOKEN}` }), HERE), null);
});

Deno.test("identify() knows a key", async () => {
  using folder = new TempFolder();
  await using keys = new ApiKeys(`${folder.path}/keys.json`);
  const auth = new Authenticator({ token: () => TOKEN, keys });
  const key = await keys.add("ci", ["ingest"]);
  deepEqual(await auth.identify(bearer(key), HERE), { name: "ci", via: "key", scopes: ["ingest"] });
});

Deno.test("redeemCode() turns a code into a cookie, once, within five minutes", async () => {
  verifies("auth-cookie");
  const { auth, time } = makeAuthenticator();
  const { code } = auth.issueCode();
  const cookie = auth.redeemCode(code, HERE);
  match(
    cookie ?? "",
    /^km_session_4242=1\.4242\.\d+\.\S+; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Strict$/,
  );
  deepEqual(await auth.identify(request({ Cookie: sent(cookie) }), HERE), {
    name: "browser",
    via: "cookie",
    scopes: ["admin"],
  });
  equal(auth.redeemCode(code, HERE), null, "a second time");
  const late = auth.issueCode();
  time.nowUs += 5 * MINUTE_US;
  equal(auth.redeemCode(late.code, HERE), null, "too late");
  equal(auth.redeemCode(TOKEN, HERE), null, "the token is no code");
});

Deno.test("redeemCode() over TLS gives a cookie that is never sent without", () => {
  const { auth } = makeAuthenticator();
  match(auth.redeemCode(auth.issueCode().code, { ...HERE, secure: true }) ?? "", /; Secure$/);
});

Deno.test("issueCode() keeps at most 100 open codes: the newest", () => {
  const { auth } = makeAuthenticator();
  const codes = Array.from({ length: 101 }, () => auth.issueCode().code);
  equal(auth.redeemCode(codes[0] as string, HERE), null);
  notEqual(auth.redeemCode(codes[1] as string, HERE), null);
});

Deno.test("identify() refuses a cookie of another port, of another home, changed or ended, but not one after a restart", async () => {
  verifies("auth-cookie");
  const { auth, clock, time } = makeAuthenticator();
  const cookie = sent(new SessionCookies(() => TOKEN, clock).issue(4242, false));
  const value = cookie.slice("km_session_4242=".length);
  const [version, , expires, nonce, mac] = value.split(".");
  const forms: Readonly<Record<string, string>> = {
    "of another port": sent(new SessionCookies(() => TOKEN, clock).issue(4243, false)),
    "of another port, renamed": sent(new SessionCookies(() => TOKEN, clock).issue(4243, false)).replace(
      "4243",
      "4242",
    ),
    "with another port written in": `km_session_4242=${[version, 4243, expires, nonce, mac].join(".")}`,
    "of another home": sent(new SessionCookies(() => "other", clock).issue(4242, false)),
    "that ends later": `km_session_4242=${[version, 4242, Number(expires) + 1, nonce, mac].join(".")}`,
    "without a signature": `km_session_4242=${[version, 4242, expires, nonce].join(".")}`,
    "with an empty signature": `km_session_4242=${[version, 4242, expires, nonce, ""].join(".")}`,
    "empty": "km_session_4242=",
    "behind too many others": `${"km_session_4242=x; ".repeat(8)}${cookie}`,
  };
  const identify = (cookie: string, port = 4242) =>
    auth.identify(request({ Cookie: cookie }), { ...HERE, port });
  for (const [name, form] of Object.entries(forms)) equal(await identify(form), null, name);
  equal(await identify(cookie, 4243), null, "at another port");
  ok(await identify(`a=b; km_session_4242=tossed; ${cookie}`), "among others");
  time.nowUs += 30 * 24 * 60 * MINUTE_US;
  equal(await identify(cookie), null, "after 30 days");
});

Deno.test("identify() lets a wrong Bearer not be helped by a good cookie", async () => {
  const { auth, clock } = makeAuthenticator();
  const Cookie = sent(new SessionCookies(() => TOKEN, clock).issue(4242, false));
  equal(await auth.identify(request({ Cookie, Authorization: "Bearer wrong" }), HERE), null);
});

/** Long enough for HS512 too. */
const KEY = new Uint8Array(64).fill(7);
const BASE = { sub: "token", jti: "1", iss: "km", aud: "km.stream" };

/** A JWT as an attacker, or another program with the same key, would make it. */
async function forged(
  claims: Record<string, unknown>,
  options: { alg?: string; key?: Uint8Array | CryptoKey } = {},
) {
  return await new SignJWT(claims).setProtectedHeader({ alg: options.alg ?? "HS256" }).sign(
    options.key ?? KEY,
  );
}

Deno.test("StreamTokens.verify() takes only HS256 of this start, for this, of at most 15 minutes", async (t) => {
  verifies("auth-jwt");
  const nowS = Date.UTC(2026, 10, 21) / 1000;
  const tokens = new StreamTokens({ clock: { nowUs: () => nowS * 1e6 }, key: KEY });
  const times = { iat: nowS, exp: nowS + 900 };
  const good = { ...BASE, ...times };
  const { privateKey } = await crypto.subtle.generateKey(
    {
      name: "RSASSA-PKCS1-v1_5",
      modulusLength: 2048,
      publicExponent: new Uint8Array([1, 0, 1]),
      hash: "SHA-256",
    },
    false,
    ["sign", "verify"],
  );
  const unsigned = [{ alg: "none" }, good].map((part) => btoa(JSON.stringify(part)).replaceAll("=", "")).join(
    ".",
  );
  const forms: Readonly<Record<string, string>> = {
    "empty": "",
    "no JWT": "a.b.c",
    "alg none": `${unsigned}.`,
    "another key": await forged(good, { key: new Uint8Array(32) }),
    "HS512, by our own key": await forged(good, { alg: "HS512" }),
    "RS256": await forged(good, { alg: "RS256", key: privateKey }),
    "wrong audience": await forged({ ...good, aud: "km" }),
    "no audience": await forged({ ...good, aud: undefined }),
    "wrong issuer": await forged({ ...good, iss: "other" }),
    "expired": await forged({ ...good, iat: nowS - 900, exp: nowS }),
    "no end": await forged({ ...BASE, iat: nowS }),
    "no beginning": await forged({ ...BASE, exp: nowS + 60 }),
    "no id": await forged({ ...good, jti: undefined }),
    "16 minutes": await forged({ ...good, exp: nowS + 960 }),
    "begun long ago, for long": await forged({ ...good, iat: nowS - 901, exp: nowS + 60 }),
    "from the future": await forged({ ...good, iat: nowS + 3600, exp: nowS + 3700 }),
  };
  for (const [name, form] of Object.entries(forms)) {
    await t.step(name, async () => equal(await tokens.verify(form), null));
  }
  await t.step("a good one", async () => {
    const expected = { name: "token", via: "jwt", scopes: ["read"] };
    deepEqual(await tokens.verify(await forged(good)), expected);
    const { token, expiresAtUs } = await tokens.issue("token");
    deepEqual(await tokens.verify(token), expected);
    equal(expiresAtUs, (nowS + 900) * 1e6);
  });
});

Deno.test("identify() takes a JWT from a WebSocket's protocols, and nowhere else", async () => {
  verifies("auth-jwt");
  const { auth, time } = makeAuthenticator();
  const owner = await auth.identify(bearer(TOKEN), HERE);
  const { token } = await auth.issueStreamToken(owner as Identity); // as: TOKEN is the token
  const Upgrade = "websocket";
  const protocols = { "Sec-WebSocket-Protocol": `km.stream.v1, km.jwt.${token}` };
  deepEqual(await auth.identify(request({ Upgrade, ...protocols }), HERE), {
    name: "token",
    via: "jwt",
    scopes: ["read"],
  });
  equal(await auth.identify(request(protocols), HERE), null);
  equal(await auth.identify(bearer(token), HERE), null);
  const elsewhere = ["/api/activity", "/api/keys", "/api/auth/tokens", "/api/stream", "/api/stream/ws/"];
  for (const path of elsewhere) {
    equal(await auth.identify(request({ Upgrade, ...protocols }, { path }), HERE), null, path);
  }
  equal(await auth.identify(request({ Upgrade, ...protocols }, { method: "POST" }), HERE), null, "POST");
  const restarted = new Authenticator({ token: () => TOKEN });
  equal(await restarted.identify(request({ Upgrade, ...protocols }), HERE), null, "after a restart");
  time.nowUs += 15 * MINUTE_US;
  equal(await auth.identify(request({ Upgrade, ...protocols }), HERE), null);
});

Deno.test("identify() makes failures wait longer each time, and never a valid credential", async () => {
  verifies("auth-rate-limit");
  const { auth, time } = makeAuthenticator();
  const waitS = async (address = "10.0.0.1") => {
    try {
      return await auth.identify(bearer("wrong"), { ...HERE, address }) ?? 0;
    } catch (error) {
      ok(error instanceof TooManyFailures);
      return error.retryAfterS;
    }
  };
  for (let attempt = 0; attempt < 10; attempt++) equal(await waitS(), 0);
  equal(await waitS(), 1);
  equal(await waitS(), 1, "an attempt while waiting makes it no longer");
  ok(
    await auth.identify(bearer(TOKEN), { ...HERE, address: "10.0.0.1" }),
    "the token passes, also from there",
  );
  equal(await waitS("10.0.0.2"), 0, "others are not concerned");
  for (const expected of [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]) {
    time.nowUs += 301 * 1_000_000;
    equal(await waitS(), expected);
  }
  time.nowUs += 16 * MINUTE_US;
  equal(await waitS(), 0, "forgotten");
});

Deno.test("identify() makes failures from everywhere wait together", async () => {
  verifies("auth-rate-limit");
  const { auth } = makeAuthenticator();
  for (let at = 0; at < 200; at++) {
    equal(await auth.identify(bearer("wrong"), { ...HERE, address: `10.0.1.${at}` }), null);
  }
  await rejects(auth.identify(bearer("wrong"), { ...HERE, address: "10.0.2.1" }), TooManyFailures);
  ok(await auth.identify(bearer(TOKEN), HERE));
});

Deno.test("redeemCode() counts wrong codes, and an old cookie counts nothing", async () => {
  verifies("auth-rate-limit");
  const { auth } = makeAuthenticator();
  for (let at = 0; at < 500; at++) {
    equal(await auth.identify(request({ Cookie: "km_session_4242=old" }), HERE), null);
  }
  for (let at = 0; at < 10; at++) equal(auth.redeemCode("wrong", HERE), null);
  throws(() => auth.redeemCode("wrong", HERE), TooManyFailures);
  ok(auth.redeemCode(auth.issueCode().code, HERE), "a good code passes");
});
