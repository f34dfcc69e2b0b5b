/**
 * Whose key signed a package, and is it the one that is believed for that publisher? Pinned on first use, as ssh does with hosts; a change is refused
 * loudly, unless km's roots announced it or the user names the new key's fingerprint.
 * @module
 */
import { KmError } from "../../core/error.ts";
import { type OpenedPackage, verifyPackage } from "../package/package.ts";
import { fingerprint, type PublisherKey } from "../package/signature.ts";
import type { PinnedBy, PinnedPublisher, PluginsLock } from "./plugins_lock.ts";
import { isSamePublisher } from "./publisher_name.ts";
import type { RegistryIndex } from "./registry_index.ts";
import { refuseRevoked, type Trust } from "./revocations.ts";

/** How the key of a package stands to what is pinned. */
export interface PublisherStanding {
  readonly publisher: string;
  /** The key that signed; its signature was checked. */
  readonly key: PublisherKey;
  /**
   * `same`: the pinned one. `first-use`: nobody vouches for it. `registry`, `roots`: they do, and it is pinned now. `accepted`: the user named its
   * fingerprint, and it takes the place of `before`.
   */
  readonly standing: "same" | PinnedBy;
  /** The key that was believed until now; null: none was, or it is the same. */
  readonly before: PublisherKey | null;
}

/** What is asked beside the package. */
export interface PublisherContext {
  readonly lock: PluginsLock;
  readonly trust: Trust;
  /** The index that the package was found by; null: it came as a file or from an address. */
  readonly index: RegistryIndex | null;
  /** Fingerprint of a key that the user wants to believe from now on, spaces and case as one likes; null: none. */
  readonly acceptNewKey: string | null;
}

/** @throws {KmError} not_trusted: unsigned, revoked, or of another key than the one that is believed */
export async function judgePublisher(
  opened: OpenedPackage,
  context: PublisherContext,
): Promise<PublisherStanding> {
  const { publisher } = opened.manifest;
  const pinned = pinnedKey(context.lock, publisher);
  if (opened.signatures.length === 0) {
    // Says so in its own words.
    await verifyPackage(opened, pinned ?? NO_KEY);
  }
  const signed = opened.signatures.map(({ key }) => key);
  const revoked = signed.map(({ id }) => context.trust.whyRevoked(id, opened.manifestSha256));
  const believed = signed.filter((_, at) => revoked[at] === null);
  const [why] = revoked;
  if (believed.length === 0 && typeof why === "string") {
    throw refuseRevoked(`${opened.manifest.name} ${opened.manifest.version}`, why);
  }
  const standing = choose(publisher, believed, pinned, context);
  await verifyPackage(opened, standing.key);
  refuseForeignName(opened, standing, context);
  return standing;
}

/** The key that is believed for a publisher now; null: none yet. */
export function pinnedKey({ publishers }: PluginsLock, publisher: string): PublisherKey | null {
  return publishers.find((one) => one.replacedAt === null && isSamePublisher(one.publisher, publisher))
    ?.key ??
    null;
}

/** The lock with the key of `standing` pinned; a key that it replaces stays for what it signed. */
export function withPin(
  lock: PluginsLock,
  { publisher, key, standing }: PublisherStanding,
  now: string,
): PluginsLock {
  if (standing === "same") return lock;
  const others = lock.publishers
    .filter((one) => !(isSamePublisher(one.publisher, publisher) && one.key.id === key.id))
    .map((one): PinnedPublisher =>
      isSamePublisher(one.publisher, publisher) && one.replacedAt === null ? { ...one, replacedAt: now } : one
    );
  const pin: PinnedPublisher = { publisher, key, pinnedAt: now, by: standing, replacedAt: null };
  return { ...lock, publishers: [...others, pin] };
}

/** Never anybody's: only to have an unsigned package refused. */
const NO_KEY: PublisherKey = { id: "", alg: "Ed25519", spki: "" };

function choose(
  publisher: string,
  signed: readonly PublisherKey[],
  pinned: PublisherKey | null,
  { trust, index, acceptNewKey }: PublisherContext,
): PublisherStanding {
  const by = (key: PublisherKey | undefined, standing: PublisherStanding["standing"]) =>
    key === undefined ? null : { publisher, key, standing, before: standing === "same" ? null : pinned };
  const vouchedByRoots = trust.rootKeysOf(publisher);
  const isMine = (key: PublisherKey) => key.id === pinned?.id;
  // What the roots say of a publisher is all that holds of it: a key that they left out is no longer one.
  const isLeftOut = vouchedByRoots.length > 0 && pinned !== null && !vouchedByRoots.some(isMine);
  const vouchedByRegistry =
    index?.publishers.filter((one) => isSamePublisher(one.publisher, publisher)).map(({ key }) => key) ?? [];
  const found = (isLeftOut ? null : by(signed.find(isMine), "same")) ??
    by(signed.find((key) => hasKey(vouchedByRoots, key)), "roots") ??
    (vouchedByRoots.length > 0 ? null : by(signed.find((key) => isNamed(key, acceptNewKey)), "accepted"));
  if (found?.standing === "roots" && trust.expired !== null) throw refuseExpired(publisher, trust.expired);
  if (found !== null) return found;
  if (vouchedByRoots.length > 0) throw refuseOther(publisher, "km's root keys", vouchedByRoots, signed);
  if (pinned !== null) throw refuseChange(publisher, pinned, signed);
  const vouched = by(signed.find((key) => hasKey(vouchedByRegistry, key)), "registry");
  if (vouched !== null) return vouched;
  if (vouchedByRegistry.length > 0) throw refuseOther(publisher, "the registry", vouchedByRegistry, signed);
  const [first] = signed;
  if (first === undefined) throw new TypeError("an unsigned package was not refused");
  return { publisher, key: first, standing: "first-use", before: null };
}

/** A plugin keeps its publisher: what is granted to a name, nobody else may take over. */
function refuseForeignName(
  { manifest: { name, publisher } }: OpenedPackage,
  { key }: PublisherStanding,
  { lock, acceptNewKey }: PublisherContext,
): void {
  const known = lock.newest.find((one) => one.name === name);
  if (known === undefined || isSamePublisher(known.publisher, publisher) || isNamed(key, acceptNewKey)) {
    return;
  }
  const before = pinnedKey(lock, known.publisher);
  throw new KmError(
    "not_trusted",
    `Cannot accept the package: plugin "${name}" is of "${known.publisher}"${
      before === null ? "" : ` (key ${fingerprint(before)})`
    }, and this one is of "${publisher}" (key ${fingerprint(key)})`,
    {
      hint:
        `another publisher took the name: ask them both. If it has really changed hands: km plugins install … --accept-new-key ${key.id}`,
    },
  );
}

function refuseChange(publisher: string, pinned: PublisherKey, signed: readonly PublisherKey[]): KmError {
  const others = signed.map(fingerprint).join(", or ");
  return new KmError(
    "not_trusted",
    `THE KEY OF "${publisher}" IS ANOTHER ONE. Known here: ${fingerprint(pinned)}. This package: ${others}`,
    {
      hint:
        `somebody else may have made it: ask ${publisher} in another way which key is theirs. Only if they say the new one: km plugins install … --accept-new-key ${
          signed[0]?.id
        }`,
    },
  );
}

/** Whoever keeps newer statements away could else have an old key believed for ever. */
function refuseExpired(publisher: string, expired: string): KmError {
  return new KmError(
    "not_trusted",
    `Cannot accept the package: what km's root keys say of "${publisher}" expired on ${expired}`,
    { hint: '"km plugins refresh" gets what they say now' },
  );
}

function refuseOther(
  publisher: string,
  who: string,
  said: readonly PublisherKey[],
  signed: readonly PublisherKey[],
): KmError {
  return new KmError(
    "not_trusted",
    `Cannot accept the package: ${who} says that the key of "${publisher}" is ${
      said.map(fingerprint).join(" or ")
    }, and it is signed by ${signed.map(fingerprint).join(", ")}`,
    { hint: "somebody else may have made it: install nothing of it, and tell its publisher" },
  );
}

function hasKey(keys: readonly PublisherKey[], { id }: PublisherKey): boolean {
  return keys.some((key) => key.id === id);
}

function isNamed({ id }: PublisherKey, text: string | null): boolean {
  return text !== null && text.replace(/[\s:]/g, "").toLowerCase() === id;
}
