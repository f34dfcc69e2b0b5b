/** What `build` and `sign` share: the addresses of a release, its signer, its making. @module */
import type { ReleaseKey } from "../../src/update/release_key.ts";
import type { BuiltFile } from "../build/compile.ts";
import type { Checkout } from "./checkout.ts";
import { readKeys } from "./keys.ts";
import { makeRelease } from "./make_release.ts";
import { expiryOf, type Newest, VALID_DAYS } from "./manifests.ts";
import { placeOf, readPrivateKey } from "./private_key.ts";
import { readNewest } from "./published.ts";
import { refusal } from "./refusal.ts";
import { readDays, readFolderUrl } from "./read_words.ts";

/** Flags that both verbs take. */
export const SHARED_FLAGS = [
  "base-url",
  "files-url",
  "homepage",
  "key",
  "tag",
  "valid-days",
  "channels",
] as const;

/** Flags by name, as `readWords` gives them. */
export type Texts = Readonly<Record<string, string | undefined>>;

/** Where the parts of a release will lie. */
export interface Addresses {
  readonly baseUrl: string;
  readonly filesUrl?: string;
  readonly homepage?: string;
}

/** Who signs. */
export interface Signer {
  readonly keys: readonly ReleaseKey[];
  readonly privateKeyPem: string;
  readonly place: "in use" | "next";
  /** What is published already. */
  readonly newest: Newest;
}

/** @throws {KmError} usage */
export function readAddresses(verb: string, text: Texts): Addresses {
  const baseUrl = readUrl("base-url", text);
  if (baseUrl === undefined) {
    throw refusal(
      `Cannot ${verb}: no --base-url was given`,
      "name the address that the folder will have",
    );
  }
  const [filesUrl, homepage] = [readUrl("files-url", text), readUrl("homepage", text)];
  return {
    baseUrl,
    ...filesUrl === undefined ? {} : { filesUrl },
    ...homepage === undefined ? {} : { homepage },
  };
}

/** The address that a flag gives. @throws {KmError} usage */
export function readUrl(flag: string, text: Texts): string | undefined {
  return text[flag] === undefined ? undefined : readFolderUrl(flag, text[flag]);
}

/** The project's public keys. @throws {KmError} when there are none: nobody could believe the release */
export async function readReleaseKeys(): Promise<ReleaseKey[]> {
  const keys = await readKeys();
  if (keys.length > 0) return keys;
  throw refusal(
    "Cannot release: there are no release keys",
    '"deno run -A scripts/release.ts keygen --out <folder>"',
  );
}

/** @throws {KmError} when there is no private key, or it is none of the project's, or what is published is not */
export async function readSigner({ key, channels }: Texts): Promise<Signer> {
  const keys = await readReleaseKeys();
  // First, because the environment forgets it.
  const privateKeyPem = await readPrivateKey(key);
  const place = placeOf(privateKeyPem, keys);
  if (channels === undefined) {
    throw refusal(
      "Cannot sign: no --channels was given",
      "name the folder of what is published now, so that no channel goes backwards; an empty one before the first release",
    );
  }
  return { keys, privateKeyPem, place, newest: await readNewest(channels, keys) };
}

/** How long the manifests are believed, in days. @throws {KmError} usage */
export function readValidDays(text: Texts): number {
  return readDays(text["valid-days"]) ?? VALID_DAYS;
}

/** Until when the manifests are believed. @throws {KmError} when that is over already */
export function expiryOfCheckout({ commit, published }: Checkout, validDays: number): Date {
  const expires = expiryOf(published, validDays);
  if (expires.getTime() > Date.now()) return expires;
  throw refusal(
    `Cannot release commit ${commit}: it is so old that its manifest would have expired`,
    "give a greater --valid-days, or SOURCE_DATE_EPOCH",
  );
}

/** Makes the release of `files` in `out`. Returns what is to be said. */
export async function finishRelease(
  files: readonly BuiltFile[],
  options: {
    readonly out: string;
    readonly checkout: Checkout;
    readonly addresses: Addresses;
    readonly signer: Signer;
    readonly expires: Date;
  },
): Promise<string[]> {
  const { out, addresses, expires, checkout: { version, commit, published } } = options;
  const { keys, privateKeyPem, place, newest } = options.signer;
  const release = { files, out, version, commit, now: published, expires, keys, privateKeyPem, newest };
  const left = await makeRelease({ ...release, ...addresses });
  return [
    ...left.map((sentence) => `left out: ${sentence}`),
    ...place === "next"
      ? ["signed with the next key: km believes it already; now rotate (keygen --rotate)"]
      : [],
    `release ${version} lies in ${out}, believed until ${expires.toISOString().slice(0, 10)}`,
  ];
}
