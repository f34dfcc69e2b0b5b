/** Whose signature on a licence counts: the keys compiled in, and a file of the user's for issuers of their own. @module */
import { KmError } from "../core/error.ts";
import { readOwnFile } from "../proc/private_file.ts";
import compiledIn from "./licence_keys.json" with { type: "json" };

export const LICENCE_ALGORITHMS = ["EdDSA", "PS256"] as const;
export type LicenceAlgorithm = typeof LICENCE_ALGORITHMS[number];

/** A public key of an issuer: a JWK (RFC 7517) that also says its issuer. */
export interface IssuerKey {
  readonly kid: string;
  /** The only algorithm that it signs with: what a token says of its algorithm is never believed. */
  readonly alg: LicenceAlgorithm;
  /** The only issuer whose tokens it signs. */
  readonly iss: string;
  readonly jwk: Readonly<Record<string, unknown>>;
}

const MAX_FILE_BYTES = 256 * 1024;
const MAX_NAME_CHARS = 200;
/** Shorter ones can be broken. */
const LEAST_RSA_BITS = 2048;
const KEY_TYPES: Readonly<Record<LicenceAlgorithm, string>> = { EdDSA: "OKP", PS256: "RSA" };

/** The keys compiled in, and those of the JWKS file at `path`. @throws {KmError} not_trusted, not_found, store_unavailable about the file */
export function loadIssuerKeys(path: string | null): readonly IssuerKey[] {
  const own = parseJwks(compiledIn) ?? [];
  if (path === null) return own;
  const bytes = readOwnFile(path, MAX_FILE_BYTES);
  if (bytes === null) {
    throw new KmError("not_found", `Cannot read the licence keys "${path}": there is no such file`, {
      hint: "set plugins.licenceKeys to the file that your issuer gave you",
    });
  }
  // Own keys first: a file adds issuers, it does not replace one.
  return [...own, ...parseFile(new TextDecoder().decode(bytes), path)];
}

/** The keys of a JWKS; null: it is none, or one of its keys is not of the kind that signs licences. */
export function parseJwks(value: unknown): readonly IssuerKey[] | null {
  if (!isRecord(value) || !Array.isArray(value.keys)) return null;
  const keys = value.keys.map(parseKey);
  return keys.every((key) => key !== null) ? keys : null;
}

function parseFile(text: string, path: string): readonly IssuerKey[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = null;
  }
  const keys = parseJwks(value);
  if (keys !== null) return keys;
  throw new KmError(
    "not_trusted",
    `Cannot use the licence keys "${path}": they are no JWKS of licence keys`,
    {
      hint:
        'each key needs kid, iss, alg "EdDSA" (OKP, Ed25519) or "PS256" (RSA, 2048 bits or more), and no private part',
    },
  );
}

function parseKey(value: unknown): IssuerKey | null {
  if (!isRecord(value)) return null;
  const { kid, iss, alg, kty, crv, n, d } = value;
  const algorithm = LICENCE_ALGORITHMS.find((one) => one === alg);
  if (!isName(kid) || !isName(iss) || algorithm === undefined || KEY_TYPES[algorithm] !== kty) return null;
  // A private key does not belong where licences are checked.
  if (d !== undefined) return null;
  if (algorithm === "EdDSA" ? crv !== "Ed25519" : rsaBits(n) < LEAST_RSA_BITS) return null;
  return { kid, iss, alg: algorithm, jwk: value };
}

function rsaBits(n: unknown): number {
  try {
    // A modulus has no leading zeros (RFC 7518, section 6.3.1.1).
    return typeof n === "string" ? Uint8Array.fromBase64(n, { alphabet: "base64url" }).length * 8 : 0;
  } catch {
    return 0;
  }
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= MAX_NAME_CHARS;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
