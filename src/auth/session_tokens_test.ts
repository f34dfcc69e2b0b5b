import { deepEqual, equal, ok } from "node:assert/strict";
import { SignJWT } from "jose";
import { SessionTokens } from "./session_tokens.ts";

const START_US = Date.UTC(2026, 10, 22) * 1000;

Deno.test("SessionTokens verify what they issued, until it ends after 15 minutes", async () => {
  let nowUs = START_US;
  const tokens = new SessionTokens({ clock: { nowUs: () => nowUs } });
  const issued = await tokens.issue({ name: "ci", access: "write", sessions: ["a", "b"] });
  const grant = await tokens.verify(issued.token);
  deepEqual([grant?.name, grant?.access, grant?.sessions], ["ci", "write", ["a", "b"]]);
  equal(grant?.expiresAtUs, START_US + 15 * 60 * 1e6);
  nowUs += 15 * 60 * 1e6 - 1e6;
  ok(await tokens.verify(issued.token));
  nowUs += 1e6;
  equal(await tokens.verify(issued.token), null);
});

Deno.test("SessionTokens take no JWT of another key, audience, algorithm, access or length of life", async () => {
  const key = new Uint8Array(32).fill(7);
  const tokens = new SessionTokens({ key, clock: { nowUs: () => START_US } });
  const nowS = START_US / 1e6;
  const sign = (
    changes: {
      aud?: string;
      iss?: string;
      exp?: number;
      iat?: number;
      access?: string;
      key?: Uint8Array;
      alg?: string;
    },
  ) =>
    new SignJWT({ access: changes.access ?? "read", sessions: null })
      .setProtectedHeader({ alg: changes.alg ?? "HS256" })
      .setIssuer(changes.iss ?? "km").setAudience(changes.aud ?? "km.sessions").setSubject("x").setJti("j")
      .setIssuedAt(changes.iat ?? nowS).setExpirationTime(changes.exp ?? nowS + 60)
      .sign(changes.key ?? key);
  ok(await tokens.verify(await sign({})), "so one is made");
  for (
    const changes of [
      { aud: "km.stream" },
      { iss: "other" },
      { access: "admin" },
      { exp: nowS - 1 },
      { exp: nowS + 3600 },
      { iat: nowS + 600, exp: nowS + 700 },
      { key: new Uint8Array(32) },
      { alg: "HS512", key: new Uint8Array(64).fill(7) },
    ]
  ) equal(await tokens.verify(await sign(changes)), null, JSON.stringify(changes));
  for (const text of ["", "a.b.c", "eyJhbGciOiJub25lIn0.e30."]) equal(await tokens.verify(text), null);
});
