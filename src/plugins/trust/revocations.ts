/** What root statements and registries that were taken over say of keys and packages; read anew before each launch. @module */
import { KmError } from "../../core/error.ts";
import { printable } from "../../core/printable.ts";
import { readOwnFile } from "../../proc/private_file.ts";
import type { PluginPaths } from "../paths.ts";
import type { PublisherKey } from "../package/signature.ts";
import { readKnownRegistries } from "./known_registries.ts";
import { isSamePublisher } from "./publisher_name.ts";
import { BUILT_IN_ROOTS, followChain, type RootChain, type RootKeys } from "./roots.ts";
import { rootsFile } from "./trust_files.ts";

/** Statements of `MAX_STATEMENTS` with a few hundred keys each. */
export const MAX_ROOTS_BYTES: number = 16 * 1024 * 1024;

export interface Trust {
  readonly chain: RootChain;
  /** When the newest root statement ended; null: it has not, or there is none. What it revoked stays so, whom it names is believed no more. */
  readonly expired: string | null;
  /** Keys that the roots named for a publisher; empty: they said nothing of it. */
  rootKeysOf(publisher: string): readonly PublisherKey[];
  /** Why the key, or a package with this manifest, is not believed any more; null: it is. */
  whyRevoked(keyId: string, manifestSha256: string | null): string | null;
}

/** What is known here. @throws {KmError} not_trusted, store_unavailable when it cannot be told for certain */
export async function readTrust(
  paths: PluginPaths,
  builtInRoots: RootKeys = BUILT_IN_ROOTS,
  nowMs: number = Date.now(),
): Promise<Trust> {
  const path = rootsFile(paths);
  const bytes = readOwnFile(path, MAX_ROOTS_BYTES);
  const chain = bytes === null
    ? { statements: [], newest: null, roots: builtInRoots }
    : await followChain(bytes, builtInRoots, path, `remove "${path}", then "km plugins refresh"`);
  const { newest } = chain;
  const lists = [newest, ...(await readKnownRegistries(paths)).map(({ index }) => index)].filter((one) =>
    one !== null
  );
  const keys = new Map(lists.flatMap((list) => list.revokedKeys).map(({ id, reason }) => [id, reason]));
  const packages = new Map(
    lists.flatMap((list) => list.revokedPackages).map(({ id, reason }) => [id, reason]),
  );
  return {
    chain,
    expired: newest !== null && Date.parse(newest.expires) <= nowMs ? newest.expires : null,
    rootKeysOf: (publisher) =>
      newest?.publishers.filter((one) => isSamePublisher(one.publisher, publisher)).flatMap(({ keys }) =>
        keys
      ) ?? [],
    whyRevoked: (keyId, manifestSha256) =>
      keys.get(keyId) ?? (manifestSha256 === null ? null : packages.get(manifestSha256) ?? null),
  };
}

/** What is said of something revoked. */
export function refuseRevoked(what: string, reason: string): KmError {
  return new KmError("not_trusted", `Cannot use ${what}: it was revoked: ${printable(reason)}`, {
    hint: "do not use it any more: its publisher, its registry or the project found it unsafe",
  });
}
