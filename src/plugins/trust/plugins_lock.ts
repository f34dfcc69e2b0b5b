/** What `plugins.lock` says, and reading it strictly: it decides what runs, so nothing in it is guessed. @module */
import { MAX_PLUGIN_NAME, PLUGIN_NAME } from "../../core/plugin.ts";
import { isVersion } from "../../core/version.ts";
import type { Grants } from "../grants.ts";
import type { FileEntry, Permissions } from "../manifest.ts";
import { type PublisherKey, publisherKeyOf } from "../package/signature.ts";
import { readPermissions } from "../permissions/read_permissions.ts";
import { type Shape, ShapeError } from "../shape.ts";

/** The form that this km writes. */
export const LOCK_FORMAT = 1;
const MAX_PLUGINS = 1_000;
const MAX_FILES = 16;
const SHA256 = /^[0-9a-f]{64}$/;

/** All of it. */
export interface PluginsLock {
  /** By name. */
  readonly plugins: readonly InstalledPlugin[];
  /** Whose key is believed for which publisher, by publisher; former keys too. */
  readonly publishers: readonly PinnedPublisher[];
  /** The newest release of each plugin that was ever installed here, also of removed ones: an older one is a step back. By name. */
  readonly newest: readonly NewestRelease[];
}

/** A package whose files lie in `PluginPaths.installed`. */
export interface InstalledPackage {
  readonly version: string;
  readonly manifestSha256: string;
  /** Every file of it, manifest.json and signatures.json too. */
  readonly files: Readonly<Record<string, FileEntry>>;
  /** Lower-case hex SHA-256 of the key (SPKI) whose signature was checked. */
  readonly keyId: string;
  readonly releaseSequence: number;
  /** Where it came from: a path, an address, or `registry <place>`. */
  readonly source: string;
  /** ISO 8601, UTC. */
  readonly installedAt: string;
}

export interface InstalledPlugin extends InstalledPackage {
  readonly name: string;
  readonly publisher: string;
  readonly grants: Grants;
  readonly enabled: boolean;
  /** ISO 8601, UTC: when the user last turned it on by name; absent: never. */
  readonly enabledAt?: string;
  /** Why km disabled it by itself; null: it did not. */
  readonly disabledBecause: string | null;
  /** An update that wants more than was granted: it lies there, and does not run. */
  readonly waiting: WaitingUpdate | null;
}

export interface WaitingUpdate extends InstalledPackage {
  /** What it wants that was not agreed to. */
  readonly missing: Permissions;
}

/** A key that is believed for a publisher, or was: what it signed goes on to run. */
export interface PinnedPublisher {
  readonly publisher: string;
  readonly key: PublisherKey;
  /** ISO 8601, UTC. */
  readonly pinnedAt: string;
  /** What vouched for it. */
  readonly by: PinnedBy;
  /** When another key took its place: new packages of it are refused. Null: it is the one. */
  readonly replacedAt: string | null;
}

export const PINNED_BY = ["first-use", "registry", "roots", "accepted"] as const;
export type PinnedBy = typeof PINNED_BY[number];

export interface NewestRelease {
  readonly name: string;
  /** The plugin's name is this publisher's from then on. */
  readonly publisher: string;
  readonly version: string;
  readonly releaseSequence: number;
  readonly manifestSha256: string;
}

/** What holds while there is no file. */
export const EMPTY_LOCK: PluginsLock = { plugins: [], publishers: [], newest: [] };

/** @throws {ShapeError} when it is not exactly what a km of this format writes */
export function readLock(shape: Shape): PluginsLock {
  const format = shape.field("format");
  if (typeof format.value === "number" && format.value > LOCK_FORMAT) throw new NewerFormatError();
  if (format.value !== LOCK_FORMAT) throw format.wrong();
  const { plugins, publishers, newest } = shape.fields("format", "plugins", "publishers", "newest");
  return {
    plugins: unique("plugin", plugins.list(readPlugin, MAX_PLUGINS), ({ name }) => name),
    publishers: readPublishers(publishers),
    newest: unique("release", newest.list(readNewest, MAX_PLUGINS), ({ name }) => name),
  };
}

/** A newer km wrote it. */
export class NewerFormatError extends ShapeError {
  constructor() {
    super("a newer km wrote it");
  }
}

/** As the file has it, in one order. */
export function writeLock({ plugins, publishers, newest }: PluginsLock): string {
  const lock = {
    format: LOCK_FORMAT,
    plugins: plugins.toSorted(by((one) => one.name)),
    publishers: publishers.toSorted(by((one) => `${one.publisher}\0${one.pinnedAt}`)).map(
      ({ key, publisher, ...rest }) => ({ publisher, keyId: key.id, publicKey: key.spki, ...rest }),
    ),
    newest: newest.toSorted(by((one) => one.name)),
  };
  return `${JSON.stringify(lock, null, 2)}\n`;
}

const PACKAGE_FIELDS = [
  "version",
  "manifestSha256",
  "files",
  "keyId",
  "releaseSequence",
  "source",
  "installedAt",
] as const;

function readPlugin(shape: Shape): InstalledPlugin {
  const fields = shape.fields(
    "name",
    "publisher",
    "grants",
    "enabled",
    "disabledBecause",
    "waiting",
    ...(shape.has("enabledAt") ? ["enabledAt" as const] : []),
    ...PACKAGE_FIELDS,
  );
  return {
    name: readName(fields.name),
    publisher: fields.publisher.text(isFilled, 200),
    ...readPackage(fields),
    grants: readPermissions(fields.grants),
    enabled: fields.enabled.flag(),
    ...(shape.has("enabledAt") ? { enabledAt: fields.enabledAt.time() } : {}),
    disabledBecause: fields.disabledBecause.orNull((one) => one.text(isFilled)),
    waiting: fields.waiting.orNull((one) => {
      const { missing, ...kept } = one.fields("missing", ...PACKAGE_FIELDS);
      return { ...readPackage(kept), missing: readPermissions(missing) };
    }),
  };
}

function readPackage(fields: Readonly<Record<typeof PACKAGE_FIELDS[number], Shape>>): InstalledPackage {
  return {
    version: fields.version.text(isVersion),
    manifestSha256: fields.manifestSha256.text(SHA256),
    files: Object.fromEntries(
      fields.files.entries(MAX_FILES).map(([name, entry]) => {
        if (!/^[A-Za-z][A-Za-z0-9_-]*(\.[a-z]+)?$/.test(name)) throw entry.wrong("is no file of a package");
        const { sha256, sizeBytes } = entry.fields("sha256", "sizeBytes");
        return [name, { sha256: sha256.text(SHA256), sizeBytes: sizeBytes.count() }];
      }),
    ),
    keyId: fields.keyId.text(SHA256),
    releaseSequence: fields.releaseSequence.count(),
    source: fields.source.text(isFilled, 8192),
    installedAt: fields.installedAt.time(),
  };
}

function readPublishers(shape: Shape): readonly PinnedPublisher[] {
  const all = unique(
    "key",
    shape.list(readPublisher, MAX_PLUGINS),
    ({ publisher, key }) => `${key.id} of ${publisher}`,
  );
  unique("believed key of", all.filter(({ replacedAt }) => replacedAt === null), (one) => one.publisher);
  return all;
}

function readPublisher(shape: Shape): PinnedPublisher {
  const { publisher, keyId, publicKey, pinnedAt, by, replacedAt } = shape.fields(
    "publisher",
    "keyId",
    "publicKey",
    "pinnedAt",
    "by",
    "replacedAt",
  );
  const key = readKey(publicKey);
  if (key.id !== keyId.value) throw keyId.wrong();
  return {
    publisher: publisher.text(isFilled, 200),
    key,
    pinnedAt: pinnedAt.time(),
    by: by.choice(PINNED_BY),
    replacedAt: replacedAt.orNull((one) => one.time()),
  };
}

/** A public key in base64 (SPKI). @throws {ShapeError} */
export function readKey(shape: Shape): PublisherKey {
  try {
    return publisherKeyOf(shape.text(isFilled, 2048));
  } catch (error) {
    throw error instanceof ShapeError ? error : shape.wrong("is no key that packages are signed with");
  }
}

function readNewest(shape: Shape): NewestRelease {
  const { name, publisher, version, releaseSequence, manifestSha256 } = shape.fields(
    "name",
    "publisher",
    "version",
    "releaseSequence",
    "manifestSha256",
  );
  return {
    name: readName(name),
    publisher: publisher.text(isFilled, 200),
    version: version.text(isVersion),
    releaseSequence: releaseSequence.count(),
    manifestSha256: manifestSha256.text(SHA256),
  };
}

/** It becomes a folder's name. */
function readName(shape: Shape): string {
  return shape.text(PLUGIN_NAME, MAX_PLUGIN_NAME);
}

function isFilled(text: string): boolean {
  return text !== "";
}

function unique<T>(what: string, items: readonly T[], keyOf: (item: T) => string): readonly T[] {
  const seen = new Set<string>();
  for (const key of items.map(keyOf)) {
    if (seen.has(key)) throw new ShapeError(`it has ${what} ${JSON.stringify(key)} twice`);
    seen.add(key);
  }
  return items;
}

function by<T>(keyOf: (item: T) => string): (a: T, b: T) => number {
  return (a, b) => keyOf(a) < keyOf(b) ? -1 : keyOf(a) > keyOf(b) ? 1 : 0;
}
