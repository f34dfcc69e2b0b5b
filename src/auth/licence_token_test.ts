import assert from "node:assert/strict";
import { importJWK, SignJWT } from "jose";
import { verifies } from "../../tests/verifies.ts";
import { issueLicence, makeIssuerKey } from "./issue_licence.ts";
import { loadIssuerKeys, parseJwks } from "./licence_keys.ts";
import { readLicenceToken } from "./licence_token.ts";
import { DAY_S, LicenceHome, NOON_S } from "./testing_licence.ts";

const ORDER = { customerId: "c-42", tier: "pro", issuedAtS: NOON_S, expiresAtS: NOON_S + DAY_S } as const;
const CLAIMS = {
  iss: "acme",
  aud: "km",
  sub: "c-42",
  jti: "id",
  iat: NOON_S,
  exp: NOON_S + DAY_S,
  tier: "pro",
} as const;

for (const alg of ["EdDSA", "PS256"] as const) {
  Deno.test(`readLicenceToken() believes what a known ${alg} key signed`, async () => {
    verifies("tiers");
    const { privateJwk, publicJwk } = await makeIssuerKey("acme", alg, 2048);
    const keys = parseJwks({ keys: [publicJwk] });
    const token = await issueLicence(privateJwk, { ...ORDER, id: "id", plugins: ["tool-guard"] });
    assert.deepEqual(await readLicenceToken(token, keys ?? []), {
      claims: {
        id: "id",
        customerId: "c-42",
        tier: "pro",
        plugins: ["tool-guard"],
        issuedAtS: NOON_S,
        notBeforeS: null,
        expiresAtS: NOON_S + DAY_S,
        issuer: "acme",
      },
      problem: null,
    });
  });
}

Deno.test("readLicenceToken() refuses a token of which any character was changed", async () => {
  verifies("tiers");
  using home = await LicenceHome.make();
  const { readToken } = home.deps();
  const token = await home.token();
  for (const at of token.split("").keys()) {
    const char = token[at] === "A" ? "B" : "A";
    const { claims } = await readToken(token.slice(0, at) + char + token.slice(at + 1));
    assert.equal(claims, null, `character ${at}`);
  }
});

const OTHER_TOKENS: readonly [string, (home: LicenceHome) => Promise<string>, RegExp][] = [
  ["no token", () => Promise.resolve("free beer"), /no licence token/],
  ["nothing", () => Promise.resolve(""), /no licence token/],
  ["a book", () => Promise.resolve("a".repeat(1e6)), /too long/],
  ["alg none", (home) => Promise.resolve(unsigned(home)), /signature is wrong/],
  ["an HMAC by the public key", hmacByPublicKey, /signature is wrong/],
  ["a key that nobody knows", async () => {
    const { privateJwk } = await makeIssuerKey("acme", "EdDSA");
    return await issueLicence(privateJwk, ORDER);
  }, /no issuer that this km knows signed it \(key "[\w-]+"\); .*plugins\.licenceKeys/],
  ["another key by a known name", async (home) => {
    const { privateJwk } = await makeIssuerKey("acme", "EdDSA");
    return await issueLicence({ ...privateJwk, kid: home.issuer.publicJwk.kid ?? "" }, ORDER);
  }, /signature is wrong/],
  ["a token for something else", (home) => sign(home, CLAIMS, { typ: "at+jwt" }), /for something else/],
  ["another issuer", (home) => sign(home, { ...CLAIMS, iss: "evil" }), /does not say/],
  ["another audience", (home) => sign(home, { ...CLAIMS, aud: "x" }), /does not say/],
  ["an unknown tier", (home) => sign(home, { ...CLAIMS, tier: "ultimate" }), /does not say/],
  ["no customer", (home) => sign(home, { ...CLAIMS, sub: "" }), /does not say/],
  ["no id", (home) => sign(home, { ...CLAIMS, jti: undefined }), /does not say/],
  ["no end", (home) => sign(home, { ...CLAIMS, exp: undefined }), /does not say/],
  ["an end that is no number", (home) => sign(home, { ...CLAIMS, exp: "never" }), /does not say/],
  ["an end beyond all dates", (home) => sign(home, { ...CLAIMS, exp: 1e300 }), /does not say/],
  ["no beginning", (home) => sign(home, { ...CLAIMS, iat: undefined }), /does not say/],
  ["plugins that are no names", (home) => sign(home, { ...CLAIMS, plugins: ["../x"] }), /does not say/],
  ["a header that must be understood", (home) => sign(home, CLAIMS, { crit: ["b64"], b64: false }), /wrong/],
];

for (const [name, make, problem] of OTHER_TOKENS) {
  Deno.test(`readLicenceToken() does not believe ${name}`, async () => {
    verifies("tiers");
    using home = await LicenceHome.make();
    const reading = await home.deps().readToken(await make(home));
    assert.equal(reading.claims, null);
    assert.match(reading.problem, problem);
  });
}

Deno.test("loadIssuerKeys() adds a file's keys to those compiled in, and says what is wrong with it", async () => {
  using home = await LicenceHome.make();
  const path = `${home.path}/keys.json`;
  const write = (value: unknown) => Deno.writeTextFileSync(path, JSON.stringify(value), { mode: 0o644 });
  assert.deepEqual(loadIssuerKeys(null), []);
  assert.throws(() => loadIssuerKeys(path), { code: "not_found" });
  const { publicJwk, privateJwk } = home.issuer;
  write({ keys: [publicJwk] });
  assert.deepEqual(loadIssuerKeys(path).map(({ kid, iss, alg }) => [kid, iss, alg]), [[
    publicJwk.kid,
    "acme",
    "EdDSA",
  ]]);
  const wrong = [
    {},
    { keys: {} },
    { keys: [privateJwk] },
    { keys: [{ ...publicJwk, alg: "HS256" }] },
    { keys: [{ ...publicJwk, alg: "PS256" }] },
    { keys: [{ ...publicJwk, kty: "oct" }] },
    { keys: [{ ...publicJwk, crv: "Ed448" }] },
    { keys: [{ ...publicJwk, iss: undefined }] },
    { keys: [{ kty: "RSA", alg: "PS256", kid: "k", iss: "acme", e: "AQAB", n: "A".repeat(170) }] },
  ];
  for (const value of wrong) {
    write(value);
    assert.throws(() => loadIssuerKeys(path), { code: "not_trusted", message: /no JWKS of licence keys/ });
  }
  Deno.writeTextFileSync(path, "{");
  assert.throws(() => loadIssuerKeys(path), { code: "not_trusted" });
});

async function sign(home: LicenceHome, claims: Record<string, unknown>, header = {}): Promise<string> {
  const { privateJwk } = home.issuer;
  const jwt = new SignJWT(claims).setProtectedHeader({
    alg: "EdDSA",
    kid: privateJwk.kid ?? "",
    typ: "km-licence+jwt",
    ...header,
  });
  const options = "crit" in header ? { crit: { b64: true } } : {};
  try {
    return await jwt.sign(await importJWK(privateJwk, "EdDSA"), options);
  } catch {
    // jose signs no such thing: the header is put in front of another's signature.
    const [, payload, signature] = (await sign(home, claims)).split(".");
    return `${
      encode({ alg: "EdDSA", kid: privateJwk.kid, typ: "km-licence+jwt", ...header })
    }.${payload}.${signature}`;
  }
}

function unsigned({ issuer }: LicenceHome): string {
  const header = { alg: "none", kid: issuer.publicJwk.kid, typ: "km-licence+jwt" };
  return `${encode(header)}.${encode(CLAIMS)}.`;
}

/** The oldest trick: the public key as if it were a shared secret. */
async function hmacByPublicKey({ issuer }: LicenceHome): Promise<string> {
  const secret = new TextEncoder().encode(JSON.stringify(issuer.publicJwk));
  return await new SignJWT(CLAIMS)
    .setProtectedHeader({ alg: "HS256", kid: issuer.publicJwk.kid ?? "", typ: "km-licence+jwt" })
    .sign(secret);
}

function encode(value: unknown): string {
  return new TextEncoder().encode(JSON.stringify(value)).toBase64({
    alphabet: "base64url",
    omitPadding: true,
  });
}
