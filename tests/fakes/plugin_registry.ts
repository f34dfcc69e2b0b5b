/** A registry of plugins for tests: a folder of packages, its index, and what root keys say. @module */
import type { SigningKey } from "../../src/plugins/package/signature.ts";
import {
  buildRegistryIndex,
  type BuildRegistryOptions,
  writeIndex,
} from "../../src/plugins/trust/build_registry.ts";
import type { RegistryIndex } from "../../src/plugins/trust/registry_index.ts";
import {
  chainText,
  type RootKeys,
  type RootStatement,
  statementText,
} from "../../src/plugins/trust/roots.ts";
import { type SignedDocument, signText } from "../../src/plugins/trust/signed_document.ts";
import { DAY_MS, NOON_MS } from "./plugin_home.ts";

/** Signs a registry in `folder`. */
export class TestRegistry {
  readonly folder: string;
  readonly #statements: SignedDocument[] = [];
  key: SigningKey;

  constructor(folder: string, key: SigningKey) {
    this.folder = folder;
    this.key = key;
  }

  /** Lists what lies there now. */
  async publish(change: Partial<BuildRegistryOptions> = {}): Promise<RegistryIndex> {
    return await buildRegistryIndex(this.folder, this.key, { nowMs: NOON_MS, ...change });
  }

  /** Signs an index that says whatever a test wants. */
  async forge(index: RegistryIndex, key: SigningKey = this.key): Promise<void> {
    await writeIndex(`${this.folder}/registry.json`, index, key);
  }

  /** Adds a root statement, signed by `signers`. */
  async say(statement: RootStatement, signers: readonly SigningKey[]): Promise<void> {
    this.#statements.push(await signText("roots", statementText(statement), signers));
    await Deno.writeTextFile(`${this.folder}/roots.json`, chainText(this.#statements));
  }
}

/** A statement that says nothing but what `change` says. */
export function rootStatement(roots: RootKeys, change: Partial<RootStatement> = {}): RootStatement {
  return {
    sequence: 1,
    issued: timeText(NOON_MS),
    expires: timeText(NOON_MS + 90 * DAY_MS),
    roots,
    registries: [],
    publishers: [],
    revokedKeys: [],
    revokedPackages: [],
    ...change,
  };
}

/** Root keys of which `threshold` have to sign. */
export function rootKeys(threshold: number, ...keys: readonly SigningKey[]): RootKeys {
  return { threshold, keys: keys.map(({ publicKey }) => publicKey) };
}

export function timeText(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}
