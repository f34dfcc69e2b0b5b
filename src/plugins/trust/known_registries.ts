/** Registries that were followed: their keys, as first seen, and the last index of each that was believed: `PluginPaths.trust/registries.json`. @module */
import { KmError } from "../../core/error.ts";
import { readOwnFile, replacePrivateFile } from "../../proc/private_file.ts";
import type { PluginPaths } from "../paths.ts";
import type { PublisherKey } from "../package/signature.ts";
import { Shape, ShapeError } from "../shape.ts";
import { readKey } from "./plugins_lock.ts";
import { readIndex, type RegistryIndex } from "./registry_index.ts";
import { parseFile, plainSigned, readSigned, type SignedDocument, signersOf } from "./signed_document.ts";
import { registriesFile } from "./trust_files.ts";

const MAX_REGISTRIES = 32;
const MAX_FILE_BYTES = 64 * 1024 * 1024;

export interface KnownRegistry {
  /** A folder's absolute path, or an address without a slash at its end. */
  readonly place: string;
  /** Whose signature of the index was checked. */
  readonly key: PublisherKey;
  /** What vouched for the key. */
  readonly by: "first-use" | "roots" | "accepted";
  readonly document: SignedDocument;
  readonly index: RegistryIndex;
  /** ISO 8601, UTC. */
  readonly fetchedAt: string;
}

/** @throws {KmError} not_trusted, store_unavailable when it cannot be told for certain */
export async function readKnownRegistries(
  paths: Pick<PluginPaths, "trust">,
): Promise<readonly KnownRegistry[]> {
  const path = registriesFile(paths);
  const bytes = readOwnFile(path, MAX_FILE_BYTES);
  if (bytes === null) return [];
  try {
    const { format, registries } = parseFile(bytes).fields("format", "registries");
    if (format.value !== 1) throw format.wrong("is not 1, the only one that this km reads");
    return await Promise.all(registries.list(readKnown, MAX_REGISTRIES).map(provenKnown));
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    throw new KmError("not_trusted", `Cannot read "${path}": ${error.message}`, {
      hint: `it says what was revoked, so nothing runs without it: remove it, then "km plugins refresh"`,
      cause: error,
    });
  }
}

/** Puts `known` in the place of the one of its place. To be called while `lockTrust` holds. */
export async function writeKnownRegistry(
  paths: Pick<PluginPaths, "trust">,
  known: KnownRegistry,
): Promise<void> {
  const others = (await readKnownRegistries(paths)).filter(({ place }) => place !== known.place);
  // The oldest goes when there are too many.
  const all = [known, ...others.toSorted((a, b) => a.fetchedAt < b.fetchedAt ? 1 : -1)].slice(
    0,
    MAX_REGISTRIES,
  );
  const plain = all.map(({ place, key, by, document, fetchedAt }) => ({
    place,
    publicKey: key.spki,
    by,
    fetchedAt,
    ...(plainSigned(document) as Record<string, unknown>), // It is an object.
  }));
  replacePrivateFile(registriesFile(paths), `${JSON.stringify({ format: 1, registries: plain }, null, 2)}\n`);
}

function readKnown(shape: Shape): KnownRegistry {
  const { place, publicKey, by, fetchedAt, signed, signatures } = shape.fields(
    "place",
    "publicKey",
    "by",
    "fetchedAt",
    "signed",
    "signatures",
  );
  const document = readSigned(new Shape({ signed: signed.value, signatures: signatures.value }));
  return {
    place: place.text((text) => text !== ""),
    key: readKey(publicKey),
    by: by.choice(["first-use", "roots", "accepted"]),
    document,
    index: readIndex(document.signed),
    fetchedAt: fetchedAt.time(),
  };
}

async function provenKnown(known: KnownRegistry): Promise<KnownRegistry> {
  const signers = await signersOf("registry", known.document, [known.key]);
  if (signers.length === 0) throw new ShapeError(`the index of "${known.place}" is not signed by its key`);
  return known;
}
