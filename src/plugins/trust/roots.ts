/**
 * Root keys: those that are built into km, and what they have said since. A root statement names publishers' keys and registries' keys, revokes keys
 * and packages, and can hand over to other roots; each needs the signatures of as many roots as were agreed on, and a change of roots those of
 * the old ones and of the new ones. Statements are numbered, so that none is taken back by an older one, and they expire.
 *
 * The newest statement is complete: what it does not say does not hold. Earlier ones are kept only where they changed the roots.
 * @module
 */
import { KmError } from "../../core/error.ts";
import type { PublisherKey } from "../package/signature.ts";
import { Shape, ShapeError } from "../shape.ts";
import { readKey } from "./plugins_lock.ts";
import builtIn from "./roots.json" with { type: "json" };
import {
  parseFile,
  parseText,
  plainSigned,
  readSigned,
  type SignedDocument,
  signersOf,
} from "./signed_document.ts";

/** Most statements in a row: each but the last changed the roots. */
const MAX_STATEMENTS = 64;
const MAX_KEYS = 16;
const MAX_PUBLISHERS = 1_000;
const MAX_REVOKED = 10_000;
/** The longest that one is believed: whoever keeps a newer one away wins no more than that. In ms. */
export const MAX_ROOTS_VALID_MS: number = 400 * 86_400_000;

const TELL_HINT =
  "nothing of them was taken over; whoever runs the registry must publish statements that km's roots signed";

/** Who may make statements, and how many of them it takes. */
export interface RootKeys {
  readonly threshold: number;
  readonly keys: readonly PublisherKey[];
}

/** Something that is not believed any more. */
export interface Revoked {
  /** Key id, or SHA-256 of a manifest. */
  readonly id: string;
  /** For people. */
  readonly reason: string;
}

export interface RootStatement {
  readonly sequence: number;
  /** ISO 8601, UTC. */
  readonly issued: string;
  readonly expires: string;
  /** Who makes the next one. */
  readonly roots: RootKeys;
  /** Keys that may sign registries; those need no pin. */
  readonly registries: readonly PublisherKey[];
  readonly publishers: readonly PublisherKeys[];
  readonly revokedKeys: readonly Revoked[];
  readonly revokedPackages: readonly Revoked[];
}

export interface PublisherKeys {
  readonly publisher: string;
  readonly keys: readonly PublisherKey[];
}

/** Statements that were followed from the built-in roots to the newest. */
export interface RootChain {
  readonly statements: readonly SignedDocument[];
  /** Null: there is none. */
  readonly newest: RootStatement | null;
  readonly roots: RootKeys;
}

/** The roots of this build: `roots.json`, which `scripts/plugin_roots.ts keygen` fills. Empty: no statement is believed. */
export const BUILT_IN_ROOTS: RootKeys = readRootKeys(new Shape(builtIn));

/** @throws {ShapeError} */
export function readRootKeys(shape: Shape): RootKeys {
  const { threshold, keys } = shape.fields("threshold", "keys");
  const roots = { threshold: threshold.count(1), keys: keys.list(readKey, MAX_KEYS) };
  if (new Set(roots.keys.map(({ id }) => id)).size !== roots.keys.length) throw keys.wrong("has a key twice");
  if (roots.keys.length > 0 && roots.threshold > roots.keys.length) {
    throw threshold.wrong("asks for more keys than there are");
  }
  return roots;
}

/** What `readRootKeys` reads, as a value for JSON. */
export function plainRootKeys({ threshold, keys }: RootKeys): unknown {
  return { threshold, keys: keys.map(({ spki }) => spki) };
}

/** A statement as it is signed. */
export function statementText(statement: RootStatement): string {
  const { roots, registries, publishers, ...rest } = statement;
  const plain = {
    type: "km plugin roots",
    format: 1,
    ...rest,
    roots: plainRootKeys(roots),
    registries: registries.map(({ spki }) => spki),
    publishers: publishers.map(({ publisher, keys }) => ({ publisher, keys: keys.map(({ spki }) => spki) })),
  };
  return JSON.stringify(plain, null, 2);
}

/** A file of statements: `roots.json` of a registry, and of `PluginPaths.trust`. */
export function chainText(statements: readonly SignedDocument[]): string {
  return `${JSON.stringify({ statements: statements.map(plainSigned) }, null, 2)}\n`;
}

/**
 * Follows a file of statements from `builtInRoots` on.
 * @throws {KmError} not_trusted, naming `place`, when it cannot be followed to its end
 */
export async function followChain(
  bytes: Uint8Array,
  builtInRoots: RootKeys,
  place: string,
  hint: string = TELL_HINT,
): Promise<RootChain> {
  try {
    const { statements } = parseFile(bytes).fields("statements");
    return await follow(statements.list(readSigned, MAX_STATEMENTS), builtInRoots);
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    throw new KmError("not_trusted", `Cannot believe the root statements of "${place}": ${error.message}`, {
      hint,
      cause: error,
    });
  }
}

async function follow(documents: readonly SignedDocument[], builtInRoots: RootKeys): Promise<RootChain> {
  let chain: RootChain = { statements: [], newest: null, roots: builtInRoots };
  /** The last one changed no roots: the next one is followed without it. */
  let isSpare = false;
  for (const document of documents) {
    const statement = readStatement(document);
    const isBelieved = await hasEnough(document, chain.roots);
    // A newer km has newer roots built in, and does not know those that came before.
    if (!isBelieved && chain.newest === null) continue;
    if (!isBelieved) {
      throw new ShapeError(`statement ${statement.sequence} is not signed by ${enough(chain.roots)}`);
    }
    if (statement.sequence <= (chain.newest?.sequence ?? -1)) {
      throw new ShapeError(`statement ${statement.sequence} follows statement ${chain.newest?.sequence}`);
    }
    if (!await hasEnough(document, statement.roots)) {
      throw new ShapeError(
        `statement ${statement.sequence} is not signed by ${enough(statement.roots)} of its own`,
      );
    }
    const kept = isSpare ? chain.statements.slice(0, -1) : chain.statements;
    isSpare = isSame(chain.roots, statement.roots);
    chain = { statements: [...kept, document], newest: statement, roots: statement.roots };
  }
  if (documents.length > 0 && chain.newest === null) {
    throw new ShapeError(
      builtInRoots.keys.length === 0
        ? "this km has no root keys"
        : `no statement is signed by ${enough(builtInRoots)}`,
    );
  }
  return chain;
}

async function hasEnough(document: SignedDocument, { threshold, keys }: RootKeys): Promise<boolean> {
  return keys.length > 0 && (await signersOf("roots", document, keys)).length >= threshold;
}

function isSame(a: RootKeys, b: RootKeys): boolean {
  return JSON.stringify(plainRootKeys(a)) === JSON.stringify(plainRootKeys(b));
}

function enough({ threshold, keys }: RootKeys): string {
  return `${threshold} of the ${keys.length} root keys`;
}

function readStatement({ signed }: SignedDocument): RootStatement {
  const shape = parseText(signed);
  if (shape.field("type").value !== "km plugin roots") throw shape.field("type").wrong();
  if (shape.field("format").value !== 1) {
    throw shape.field("format").wrong("is not 1, the only one that this km reads");
  }
  const fields = shape.fields(
    "type",
    "format",
    "sequence",
    "issued",
    "expires",
    "roots",
    "registries",
    "publishers",
    "revokedKeys",
    "revokedPackages",
  );
  const statement: RootStatement = {
    sequence: fields.sequence.count(1),
    issued: fields.issued.time(),
    expires: fields.expires.time(),
    roots: readRootKeys(fields.roots),
    registries: fields.registries.list(readKey, MAX_KEYS),
    publishers: fields.publishers.list(readPublisherKeys, MAX_PUBLISHERS),
    revokedKeys: fields.revokedKeys.list(readRevoked, MAX_REVOKED),
    revokedPackages: fields.revokedPackages.list(readRevoked, MAX_REVOKED),
  };
  if (statement.roots.keys.length === 0) throw fields.roots.wrong("names no keys");
  const validMs = Date.parse(statement.expires) - Date.parse(statement.issued);
  if (validMs <= 0 || validMs > MAX_ROOTS_VALID_MS) {
    throw fields.expires.wrong("is not within 400 days of its issue");
  }
  return statement;
}

function readPublisherKeys(shape: Shape): PublisherKeys {
  const { publisher, keys } = shape.fields("publisher", "keys");
  return { publisher: publisher.text((text) => text !== "", 200), keys: keys.list(readKey, MAX_KEYS) };
}

/** @throws {ShapeError} */
export function readRevoked(shape: Shape): Revoked {
  const { id, reason } = shape.fields("id", "reason");
  return { id: id.text(/^[0-9a-f]{64}$/), reason: reason.text((text) => text !== "", 500) };
}
