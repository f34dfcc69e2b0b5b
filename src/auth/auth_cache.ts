/**
 * What plugins' own `authenticate` last answered: one sealed file each, bound to the plugin, its version and the key that signed it, so that
 * the yes of one plugin (or of the version before) never counts for another.
 * @module
 */
import { join } from "node:path";
import { type Tier, TIERS } from "../core/plugin.ts";
import { makeSealKey, readSealed, type SealKey, writeSealed } from "./sealed_file.ts";

/** Whose answer it is. */
export interface AuthSubject {
  readonly plugin: string;
  readonly version: string;
  /** SHA-256 of the key that signed the package. */
  readonly keyId: string;
}

/** An answer, and what was asked about. */
export interface CachedAuth {
  readonly accepted: boolean;
  /** In the plugin's words. */
  readonly reason: string;
  readonly tier: Tier;
  readonly customerId: string | null;
  /** Seconds since the Unix epoch. */
  readonly checkedAtS: number;
}

export class AuthCache {
  readonly #folder: string;
  readonly #key: SealKey | null;
  readonly #onRefused: (line: string) => void;

  /** `onRefused` is told of each file that is not what it should be; such a one counts as not there. */
  constructor(folder: string, key: SealKey | null, onRefused: (line: string) => void = () => {}) {
    this.#folder = folder;
    this.#key = key;
    this.#onRefused = onRefused;
  }

  /** The cache in `folder`, with the key at `keyPath`, which is made when there is none. Where that cannot be, nothing is kept. */
  static async open(
    folder: string,
    keyPath: string,
    onRefused: (line: string) => void = () => {},
  ): Promise<AuthCache> {
    try {
      return new AuthCache(folder, await makeSealKey(keyPath), onRefused);
    } catch (error) {
      onRefused(error instanceof Error ? error.message : String(error));
      return new AuthCache(folder, null, onRefused);
    }
  }

  /** The last answer; null when there is none that can be trusted. */
  async read(subject: AuthSubject): Promise<CachedAuth | null> {
    const { text, refused } = await readSealed(this.#path(subject), {
      key: this.#key,
      boundTo: boundTo(subject),
    });
    if (refused !== null) this.#onRefused(refused);
    return text === null ? null : parse(text);
  }

  /** Keeps an answer in place of the last one. Without a key nothing is kept. @throws {KmError} store_unavailable */
  async write(subject: AuthSubject, answer: CachedAuth): Promise<void> {
    if (this.#key === null) return;
    const options = { key: this.#key, boundTo: boundTo(subject) };
    await writeSealed(this.#path(subject), JSON.stringify(answer), options);
  }

  /** Forgets the answers of a plugin. */
  remove(plugin: string): void {
    try {
      Deno.removeSync(join(this.#folder, plugin));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  #path({ plugin }: AuthSubject): string {
    return join(this.#folder, plugin);
  }
}

function boundTo({ plugin, version, keyId }: AuthSubject): readonly string[] {
  return ["auth", plugin, version, keyId];
}

function parse(text: string): CachedAuth | null {
  const { accepted, reason, tier, customerId, checkedAtS } = JSON.parse(text) as CachedAuth; // as: only km can have sealed it
  const isWhole = typeof accepted === "boolean" && TIERS.includes(tier) && Number.isSafeInteger(checkedAtS);
  return isWhole ? { accepted, reason, tier, customerId, checkedAtS } : null;
}
