/**
 * Reads licence tokens: JWTs signed by an issuer that km knows. Who imports this loads jose, so it is reached by `src/cli/packages.ts` alone, and
 * only when there is a token. Dates are read and not judged: that is `licence.ts`, which also knows of grace.
 * @module
 */
import { compactVerify, decodeProtectedHeader, importJWK } from "jose";
import { PLUGIN_NAME, TIERS } from "../core/plugin.ts";
import { printableStart } from "../core/printable.ts";
import type { LicenceClaims } from "./licence.ts";
import type { IssuerKey } from "./licence_keys.ts";
import type { TokenReading } from "./licence_keeper.ts";

/** What tokens are for, by type and audience (RFC 8725, sections 3.9, 3.11): no other JWT of an issuer is a licence. */
export const LICENCE_TYPE = "km-licence+jwt";
export const LICENCE_AUDIENCE = "km";
/** Longest token, in characters: one with 4096 bits of signature has about 1,200. */
export const MAX_TOKEN_CHARS: number = 16 * 1024;
const MAX_NAME_CHARS = 200;
const MAX_PLUGINS = 1000;

/** What `token` says, if one of `keys` signed it. Never throws. */
export async function readLicenceToken(token: string, keys: readonly IssuerKey[]): Promise<TokenReading> {
  if (token.length > MAX_TOKEN_CHARS) return problem("it is too long for a licence token");
  const header = isCanonical(token) ? headerOf(token) : null;
  if (header === null) return problem("it is no licence token");
  if (header.typ !== LICENCE_TYPE) return problem("it is a token for something else than a licence of km");
  const key = keys.find(({ kid }) => kid === header.kid);
  if (key === undefined) {
    const kid = printableStart(String(header.kid ?? ""), 80);
    return problem(
      `no issuer that this km knows signed it (key "${kid}"); an issuer of your own goes into plugins.licenceKeys`,
    );
  }
  const payload = await verify(token, key);
  if (payload === null) return problem("its signature is wrong");
  const claims = readClaims(payload, key.iss);
  return claims === null ? problem("it does not say what a licence must say") : { claims, problem: null };
}

/** One spelling for each token: base64 has spare bits at its end, which nobody signs. */
function isCanonical(token: string): boolean {
  try {
    return token.split(".").every((part) => {
      const bytes = Uint8Array.fromBase64(part, { alphabet: "base64url" });
      return bytes.toBase64({ alphabet: "base64url", omitPadding: true }) === part;
    });
  } catch {
    return false;
  }
}

function headerOf(token: string): { readonly typ?: unknown; readonly kid?: unknown } | null {
  try {
    return decodeProtectedHeader(token);
  } catch {
    return null;
  }
}

async function verify(token: string, { alg, jwk }: IssuerKey): Promise<Uint8Array | null> {
  try {
    // As: it was read from JSON, and its kind was checked.
    const key = await importJWK(jwk as Parameters<typeof importJWK>[0], alg);
    return (await compactVerify(token, key, { algorithms: [alg] })).payload;
  } catch {
    return null;
  }
}

function readClaims(payload: Uint8Array, issuer: string): LicenceClaims | null {
  const claims = parseObject(payload);
  if (claims === null) return null;
  const { iss, aud, sub, jti, iat, nbf, exp, tier, plugins } = claims;
  if (iss !== issuer || !(Array.isArray(aud) ? aud.includes(LICENCE_AUDIENCE) : aud === LICENCE_AUDIENCE)) {
    return null;
  }
  const known = TIERS.find((one) => one === tier);
  if (!isName(sub) || !isName(jti) || !isTime(iat) || !isTime(exp) || known === undefined) return null;
  if ((nbf !== undefined && !isTime(nbf)) || (plugins !== undefined && !isPlugins(plugins))) return null;
  return {
    id: jti,
    customerId: sub,
    tier: known,
    plugins: plugins ?? null,
    issuedAtS: iat,
    notBeforeS: nbf ?? null,
    expiresAtS: exp,
    issuer,
  };
}

function parseObject(bytes: Uint8Array): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    // As: checked here; its members are unknown.
    return typeof value === "object" && value !== null ? value as Record<string, unknown> : null;
  } catch {
    return null;
  }
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= MAX_NAME_CHARS;
}

/** Seconds since the Unix epoch, whole or not (RFC 7519, section 2, NumericDate), until the year 9999. */
function isTime(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value < 253_402_300_800;
}

function isPlugins(value: unknown): value is string[] {
  return Array.isArray(value) && value.length <= MAX_PLUGINS &&
    value.every((name) => typeof name === "string" && PLUGIN_NAME.test(name));
}

function problem(text: string): TokenReading {
  return { claims: null, problem: text };
}
