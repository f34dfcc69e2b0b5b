/** The issuer's side of a licence: keys and tokens. No command of km uses it; `scripts/issue_licence.ts` does. @module */
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from "jose";
import type { Tier } from "../core/plugin.ts";
import type { LicenceAlgorithm } from "./licence_keys.ts";
import { LICENCE_AUDIENCE, LICENCE_TYPE } from "./licence_token.ts";

const RSA_BITS = 4096;

/** A key that says whose it is. */
export type IssuerJwk = JWK & { readonly iss?: string };

/** A new key of an issuer. */
export interface IssuerKeyPair {
  /** To be kept secret: what tokens are signed with. */
  readonly privateJwk: IssuerJwk;
  /** For the file that `plugins.licenceKeys` names, or `src/auth/licence_keys.json`. */
  readonly publicJwk: IssuerJwk;
}

/** What a licence is to say. */
export interface LicenceOrder {
  readonly customerId: string;
  readonly tier: Tier;
  /** Default: all plugins. */
  readonly plugins?: readonly string[];
  /** Seconds since the Unix epoch. */
  readonly issuedAtS: number;
  readonly expiresAtS: number;
  /** Default: a new one. */
  readonly id?: string;
}

/** Makes a key of `issuer`; `rsaBits` for tests, where 4096 take seconds. */
export async function makeIssuerKey(
  issuer: string,
  alg: LicenceAlgorithm,
  rsaBits = RSA_BITS,
): Promise<IssuerKeyPair> {
  const pair = await generateKeyPair(alg, {
    extractable: true,
    ...(alg === "PS256" ? { modulusLength: rsaBits } : { crv: "Ed25519" }),
  });
  const publicPart = await exportJWK(pair.publicKey);
  const about = { kid: await calculateJwkThumbprint(publicPart), alg, iss: issuer, use: "sig" };
  return {
    privateJwk: { ...await exportJWK(pair.privateKey), ...about },
    publicJwk: { ...publicPart, ...about },
  };
}

/** Signs a licence. The key says its issuer and its algorithm. */
export async function issueLicence(privateJwk: IssuerJwk, order: LicenceOrder): Promise<string> {
  const { alg = "", kid = "", iss = "" } = privateJwk;
  const { customerId, tier, plugins, issuedAtS, expiresAtS, id = crypto.randomUUID() } = order;
  return await new SignJWT({ tier, ...(plugins !== undefined && { plugins: [...plugins] }) })
    .setProtectedHeader({ alg, kid, typ: LICENCE_TYPE })
    .setIssuer(iss).setAudience(LICENCE_AUDIENCE).setSubject(customerId).setJti(id)
    .setIssuedAt(issuedAtS).setExpirationTime(expiresAtS)
    .sign(await importJWK(privateJwk, alg));
}
