/**
 * Following a registry: a folder, or an https address, that holds `registry.json` (the signed index), `roots.json` (root statements, where it has
 * them) and packages. Without a network the last index holds until it expires.
 * @module
 */
import { isAbsolute, join } from "node:path";
import { KmError } from "../../core/error.ts";
import { fetchWhole } from "../../proc/fetch_pieces.ts";
import { replacePrivateFile } from "../../proc/private_file.ts";
import { fetchPackage, type PackageTransfer, readPackageFile } from "../package/read_package.ts";
import { fingerprint, type PublisherKey } from "../package/signature.ts";
import { Shape, ShapeError } from "../shape.ts";
import { type KnownRegistry, readKnownRegistries, writeKnownRegistry } from "./known_registries.ts";
import { type PluginHome, timeOf, whileAlone } from "./plugin_home.ts";
import { readIndex, type RegistryIndex, type RegistryRelease, releaseOf } from "./registry_index.ts";
import { MAX_ROOTS_BYTES, readTrust, type Trust } from "./revocations.ts";
import { BUILT_IN_ROOTS, chainText, followChain } from "./roots.ts";
import {
  MAX_SIGNED_CHARS,
  parseFile,
  readSigned,
  type SignedDocument,
  signersOf,
} from "./signed_document.ts";
import { rootsFile } from "./trust_files.ts";

/** A JSON text within JSON: twice as long at worst, and the signatures. */
const MAX_INDEX_BYTES = 2 * MAX_SIGNED_CHARS;
/** A clock may be a little behind that of the registry, in ms. */
const MAX_AHEAD_MS = 24 * 3_600_000;

export interface FollowOptions {
  /** Id of a registry key that the user wants to believe from now on; null: none. */
  readonly acceptNewKey?: string | null;
  readonly transfer?: PackageTransfer;
}

/** A registry as it is known now. */
export interface FollowedRegistry {
  readonly registry: KnownRegistry;
  /** True when its key was pinned just now: its fingerprint is to be shown. */
  readonly isFirst: boolean;
  /** Why it could not be asked, and the last index is used; null: it was. */
  readonly offline: string | null;
}

/**
 * Asks the registry at `place` and takes over what it says.
 * @throws {KmError} not_trusted: not signed by its key, older than what was seen, expired; download_failed without a last index that holds
 */
export async function followRegistry(
  home: PluginHome,
  place: string,
  options: FollowOptions = {},
): Promise<FollowedRegistry> {
  const transfer = options.transfer ?? {};
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await readFrom(place, "registry.json", MAX_INDEX_BYTES, transfer);
  } catch (error) {
    return await lastKnown(home, place, error);
  }
  const { document, index } = parseIndex(bytes, place);
  const rootsBytes = await newerRoots(home, place, index, transfer);
  return await whileAlone(home, async () => {
    if (rootsBytes !== null) await takeRoots(home, place, rootsBytes, index);
    const trust = await readTrust(home.paths, home.roots, home.nowMs());
    const before = (await readKnownRegistries(home.paths)).find((one) => one.place === place) ?? null;
    const { key, by } = await registryKey(
      { place, document, index, before, trust },
      options.acceptNewKey ?? null,
    );
    refuseOld(place, { document, index }, by === "accepted" ? null : before, home.nowMs());
    const registry: KnownRegistry = { place, key, by, document, index, fetchedAt: timeOf(home) };
    await writeKnownRegistry(home.paths, registry);
    return { registry, isFirst: before === null && by === "first-use", offline: null };
  });
}

/** The package of a release, as the index describes it; that it is that release is for whoever opens it. @throws {KmError} */
export async function fetchRelease(
  place: string,
  { file, sizeBytes }: RegistryRelease,
  transfer: PackageTransfer = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = isAbsolute(place)
    ? await readPackageFile(join(place, ...file.split("/")))
    : await fetchPackage(`${place}/${file}`, transfer);
  if (bytes.length === sizeBytes) return bytes;
  throw new KmError(
    "not_trusted",
    `Cannot accept "${file}": it has ${bytes.length} bytes, and the registry says ${sizeBytes}`,
    { hint: "the registry serves another file than it announced: try again later, and tell whoever runs it" },
  );
}

/** A release by its name. @throws {KmError} not_found */
export function findRelease(
  { index, place }: KnownRegistry,
  name: string,
  version: string | null,
): RegistryRelease {
  const plugin = index.plugins.find((one) => one.name === name);
  const release = plugin === undefined ? undefined : releaseOf(plugin, version);
  if (release !== undefined) return release;
  const what = version === null || plugin === undefined
    ? `plugin "${name}"`
    : `version ${version} of "${name}"`;
  throw new KmError("not_found", `The registry "${place}" has no ${what}`, {
    hint: plugin === undefined
      ? "check its name; a file is given with its path, as ./name.kmpkg"
      : `it has ${plugin.releases.map((one) => one.version).join(", ")}`,
  });
}

interface Parsed {
  readonly document: SignedDocument;
  readonly index: RegistryIndex;
}

function parseIndex(bytes: Uint8Array, place: string): Parsed {
  try {
    const document = readSigned(new Shape(parseFile(bytes).value));
    return { document, index: readIndex(document.signed) };
  } catch (error) {
    throw error instanceof ShapeError ? distrust(place, error.message) : error;
  }
}

async function newerRoots(
  { paths, roots }: PluginHome,
  place: string,
  { rootsSequence }: RegistryIndex,
  transfer: PackageTransfer,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const { chain } = await readTrust(paths, roots);
  // A km without roots could believe none of it.
  if (chain.roots.keys.length === 0 || rootsSequence <= (chain.newest?.sequence ?? 0)) return null;
  return await readFrom(place, "roots.json", MAX_ROOTS_BYTES, transfer);
}

async function takeRoots(
  { paths, roots = BUILT_IN_ROOTS }: PluginHome,
  place: string,
  bytes: Uint8Array,
  { rootsSequence }: RegistryIndex,
): Promise<void> {
  const chain = await followChain(bytes, roots, place);
  const found = chain.newest?.sequence ?? 0;
  const known = (await readTrust(paths, roots)).chain.newest?.sequence ?? 0;
  if (found < rootsSequence) {
    throw distrust(place, `it announces root statement ${rootsSequence}, and has ${found}`);
  }
  if (found > known) replacePrivateFile(rootsFile(paths), chainText(chain.statements));
}

async function registryKey(
  asked: Parsed & { readonly place: string; readonly before: KnownRegistry | null; readonly trust: Trust },
  acceptNewKey: string | null,
): Promise<Pick<KnownRegistry, "key" | "by">> {
  const { place, document, index, before, trust } = asked;
  const wrong = () => distrust(place, `it is not signed by its own key ${fingerprint(index.key)}`);
  const signed = (keys: readonly PublisherKey[]) => signersOf("registry", document, keys);
  const revoked = trust.whyRevoked(index.key.id, null);
  if (revoked !== null) throw distrust(place, `its key was revoked: ${revoked}`);
  const [vouched] = trust.expired === null ? await signed(trust.chain.newest?.registries ?? []) : [];
  if (vouched !== undefined) return { key: vouched, by: "roots" };
  if ((await signed([index.key])).length === 0) throw wrong();
  if (before === null) return { key: index.key, by: "first-use" };
  if (before.key.id === index.key.id) {
    return { key: index.key, by: before.by === "roots" ? "first-use" : before.by };
  }
  if (acceptNewKey?.replace(/[\s:]/g, "").toLowerCase() === index.key.id) {
    return { key: index.key, by: "accepted" };
  }
  throw new KmError(
    "not_trusted",
    `THE KEY OF THE REGISTRY "${place}" IS ANOTHER ONE. Known here: ${fingerprint(before.key)}. Now: ${
      fingerprint(index.key)
    }`,
    {
      hint:
        `somebody else may be answering: ask whoever runs it. Only if they say the new one: km plugins refresh --accept-new-key ${index.key.id}`,
    },
  );
}

function refuseOld(
  place: string,
  { document, index }: Parsed,
  before: KnownRegistry | null,
  nowMs: number,
): void {
  refuseExpired(place, index, nowMs);
  if (Date.parse(index.issued) > nowMs + MAX_AHEAD_MS) {
    throw distrust(
      place,
      `it is of ${index.issued}, and the clock here says ${new Date(nowMs).toISOString()}`,
      "set the clock",
    );
  }
  if (before === null) return;
  if (index.sequence < before.index.sequence) {
    throw distrust(
      place,
      `it is number ${index.sequence}, and number ${before.index.sequence} was seen before`,
      OLD_HINT,
    );
  }
  if (index.sequence === before.index.sequence && document.signed !== before.document.signed) {
    throw distrust(
      place,
      `it is another one than was seen before, with the same number ${index.sequence}`,
      OLD_HINT,
    );
  }
}

const OLD_HINT = "the registry, or something on the way to it, shows an old or forged index: try again later";

/** Whoever keeps newer ones away wins no more time than an index is valid. */
function refuseExpired(place: string, { expires }: RegistryIndex, nowMs: number): void {
  if (Date.parse(expires) > nowMs) return;
  const clock = new Date(nowMs).toISOString().replace(/\.\d+Z$/, "Z");
  throw distrust(
    place,
    `it expired on ${expires}, and the clock here says ${clock}`,
    "set the clock if it is wrong; else the registry was not renewed, or something holds newer indexes back",
  );
}

async function lastKnown(home: PluginHome, place: string, cause: unknown): Promise<FollowedRegistry> {
  const isAway = cause instanceof KmError &&
    ["download_failed", "not_found", "store_unavailable"].includes(cause.code);
  const known = (await readKnownRegistries(home.paths)).find((one) => one.place === place);
  if (!isAway || known === undefined) throw cause;
  refuseExpired(place, known.index, home.nowMs());
  return { registry: known, isFirst: false, offline: cause.message };
}

async function readFrom(
  place: string,
  file: string,
  maxBytes: number,
  transfer: PackageTransfer,
): Promise<Uint8Array<ArrayBuffer>> {
  if (isAbsolute(place)) return await readFolderFile(join(place, file), maxBytes);
  return await fetchWhole(new URL(`${place}/${file}`), {
    ...transfer,
    maxBytes,
    mayAsk: (url) => url.protocol === "https:" || place.startsWith("http:"),
    hintFor: () => "nothing was changed; check the address and the network (HTTPS_PROXY, DENO_CERT)",
  });
}

async function readFolderFile(path: string, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const info = await Deno.stat(path);
    if (info.isFile && info.size <= maxBytes) return await Deno.readFile(path);
    throw new KmError("not_trusted", `Cannot read "${path}": it is no file of at most ${maxBytes} bytes`);
  } catch (error) {
    if (error instanceof KmError || !(error instanceof Error)) throw error;
    const isMissing = error instanceof Deno.errors.NotFound;
    throw new KmError(
      isMissing ? "not_found" : "store_unavailable",
      `Cannot read the registry "${path}": ${isMissing ? "there is no such file" : error.message}`,
      { hint: "a registry is a folder that holds registry.json, or an https address of one", cause: error },
    );
  }
}

function distrust(place: string, state: string, hint?: string): KmError {
  return new KmError("not_trusted", `Cannot believe the registry "${place}": ${state}`, {
    hint: hint ?? "whoever runs it must publish what it has signed: tell them",
  });
}
