/**
 * A registry's index: which plugins there are, in which releases, and the SHA-256 of each release's manifest. All of it in one signed text, so that
 * no release can be shown beside another's name; numbered and short-lived, so that nobody is held back on an old one for long.
 * @module
 */
import { MAX_PLUGIN_NAME, PLUGIN_NAME } from "../../core/plugin.ts";
import { compareVersions, isVersion } from "../../core/version.ts";
import type { PublisherKey } from "../package/signature.ts";
import { type Shape, ShapeError } from "../shape.ts";
import { readKey } from "./plugins_lock.ts";
import { readRevoked, type Revoked } from "./roots.ts";
import { parseText } from "./signed_document.ts";

/** The longest that an index is believed, in ms. */
export const MAX_INDEX_VALID_MS: number = 92 * 86_400_000;
const MAX_PLUGINS = 1_000;
const MAX_RELEASES = 200;
const MAX_REVOKED = 10_000;

export interface RegistryIndex {
  readonly name: string;
  /** Its own key: what is pinned on first use. */
  readonly key: PublisherKey;
  readonly sequence: number;
  /** Number of the root statement that lies beside it; 0: none. Whoever keeps that statement away is noticed by it. */
  readonly rootsSequence: number;
  /** ISO 8601, UTC. */
  readonly issued: string;
  readonly expires: string;
  /** Keys that the registry vouches for. */
  readonly publishers: readonly { readonly publisher: string; readonly key: PublisherKey }[];
  readonly plugins: readonly RegistryPlugin[];
  readonly revokedKeys: readonly Revoked[];
  readonly revokedPackages: readonly Revoked[];
}

export interface RegistryPlugin {
  readonly name: string;
  readonly publisher: string;
  readonly description: string;
  /** At least one. */
  readonly releases: readonly RegistryRelease[];
}

export interface RegistryRelease {
  readonly version: string;
  readonly releaseSequence: number;
  readonly manifestSha256: string;
  /** Where the package lies: relative to the index, with `/`. */
  readonly file: string;
  readonly sizeBytes: number;
}

/** The newest release of a plugin that is no prerelease, else the newest; or the one of `version`. Undefined: there is none. */
export function releaseOf(plugin: RegistryPlugin, version: string | null): RegistryRelease | undefined {
  if (version !== null) return plugin.releases.find((one) => one.version === version);
  const newestFirst = plugin.releases.toSorted((a, b) => b.releaseSequence - a.releaseSequence);
  return newestFirst.find((one) => !/^[^+]*-/.test(one.version)) ?? newestFirst[0];
}

/** An index as it is signed. */
export function indexText({ publishers, plugins, key, ...rest }: RegistryIndex): string {
  const plain = {
    type: "km plugin registry",
    format: 1,
    ...rest,
    publicKey: key.spki,
    publishers: publishers.map(({ publisher, key }) => ({ publisher, publicKey: key.spki })),
    plugins: plugins.map(({ releases, ...plugin }) => ({
      ...plugin,
      releases: releases.toSorted((a, b) => compareVersions(b.version, a.version)),
    })),
  };
  return JSON.stringify(plain, null, 2);
}

/** @throws {ShapeError} */
export function readIndex(text: string): RegistryIndex {
  const shape = parseText(text);
  if (shape.field("type").value !== "km plugin registry") throw shape.field("type").wrong();
  if (shape.field("format").value !== 1) {
    throw shape.field("format").wrong("is not 1, the only one that this km reads");
  }
  const fields = shape.fields(
    "type",
    "format",
    "name",
    "publicKey",
    "sequence",
    "rootsSequence",
    "issued",
    "expires",
    "publishers",
    "plugins",
    "revokedKeys",
    "revokedPackages",
  );
  const index: RegistryIndex = {
    name: fields.name.text(isFilled, 200),
    key: readKey(fields.publicKey),
    sequence: fields.sequence.count(1),
    rootsSequence: fields.rootsSequence.count(),
    issued: fields.issued.time(),
    expires: fields.expires.time(),
    publishers: fields.publishers.list((one) => {
      const { publisher, publicKey } = one.fields("publisher", "publicKey");
      return { publisher: publisher.text(isFilled, 200), key: readKey(publicKey) };
    }, MAX_PLUGINS),
    plugins: fields.plugins.list(readPlugin, MAX_PLUGINS),
    revokedKeys: fields.revokedKeys.list(readRevoked, MAX_REVOKED),
    revokedPackages: fields.revokedPackages.list(readRevoked, MAX_REVOKED),
  };
  const validMs = Date.parse(index.expires) - Date.parse(index.issued);
  if (validMs <= 0 || validMs > MAX_INDEX_VALID_MS) {
    throw fields.expires.wrong("is not within 92 days of its issue");
  }
  const names = index.plugins.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new ShapeError(`it names plugin "${twice}" twice`);
  return index;
}

function readPlugin(shape: Shape): RegistryPlugin {
  const { name, publisher, description, releases } = shape.fields(
    "name",
    "publisher",
    "description",
    "releases",
  );
  const list = releases.list(readRelease, MAX_RELEASES);
  if (list.length === 0) throw releases.wrong("is empty");
  for (const key of ["version", "releaseSequence"] as const) {
    if (new Set(list.map((one) => one[key])).size !== list.length) {
      throw releases.wrong(`names a ${key} twice`);
    }
  }
  return {
    name: name.text(PLUGIN_NAME, MAX_PLUGIN_NAME),
    publisher: publisher.text(isFilled, 200),
    description: description.text(() => true, 500),
    releases: list,
  };
}

function readRelease(shape: Shape): RegistryRelease {
  const { version, releaseSequence, manifestSha256, file, sizeBytes } = shape.fields(
    "version",
    "releaseSequence",
    "manifestSha256",
    "file",
    "sizeBytes",
  );
  return {
    version: version.text(isVersion),
    releaseSequence: releaseSequence.count(1),
    manifestSha256: manifestSha256.text(/^[0-9a-f]{64}$/),
    // Below the index, and no hidden file: no "..", no scheme, no query.
    file: file.text(/^[A-Za-z0-9_][A-Za-z0-9._+-]*(\/[A-Za-z0-9_][A-Za-z0-9._+-]*)*$/, 500),
    sizeBytes: sizeBytes.count(1),
  };
}

function isFilled(text: string): boolean {
  return text !== "";
}
