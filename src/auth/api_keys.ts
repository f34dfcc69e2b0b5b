/**
 * Named API keys for programs and other machines: `km_<id>_<secret>`, kept in `$KM_HOME/keys.json` as hashes. The file is the truth:
 * the command line changes it with or without a daemon, and a running daemon looks at it whenever a key is used.
 * @module
 */
import { type Clock, formatTimeUs, systemClock } from "../core/clock.ts";
import { KmError } from "../core/error.ts";
import { type Identity, type Scope, SCOPES } from "./identity.ts";
import { readPrivateFile, replacePrivateFile, watchPrivateFile, withFileLock } from "../proc/private_file.ts";
import { equalSecrets, hashSecret, newSecret } from "./secret_token.ts";

/** A key as anyone may see it. */
export interface KeyInfo {
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** ISO 8601 in UTC. */
  readonly createdAt: string;
  /** To the minute; null: never. */
  readonly lastUsedAt: string | null;
}

/** A key as the file has it. */
interface StoredKey extends KeyInfo {
  readonly id: string;
  readonly sha256: string;
}

const KEY_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** What callers without a key are called, also where it is told who sent an event (`api:token`). */
const OTHER_CALLERS: readonly string[] = ["token", "browser"];
const FULL_KEY = /^km_([0-9a-f]{12})_([A-Za-z0-9_-]{43})$/;
const MAX_KEYS = 1000;
/** `lastUsedAt` is written at most this often per key. */
const USE_WRITTEN_EVERY_US = 60 * 1_000_000;

export class ApiKeys implements AsyncDisposable {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #read: () => readonly StoredKey[];
  /** Key id → when it was used and not yet written, and when it was written last; in µs. */
  readonly #used = new Map<string, number>();
  readonly #written = new Map<string, number>();
  #writing: Promise<void> = Promise.resolve();

  constructor(path: string, clock: Clock = systemClock) {
    this.#path = path;
    this.#clock = clock;
    this.#read = watchPrivateFile(path, (text) => parseKeys(text, path));
  }

  /** All keys, oldest first. @throws {KmError} store_unavailable when the file cannot be trusted or read */
  list(): KeyInfo[] {
    return this.#read().map(({ id, name, scopes, createdAt, lastUsedAt }) => {
      const usedUs = this.#used.get(id);
      return {
        name,
        scopes,
        createdAt,
        lastUsedAt: usedUs === undefined ? lastUsedAt : formatTimeUs(usedUs),
      };
    });
  }

  /** Makes a key and returns it: the only time that it can be seen. @throws {KmError} usage, ambiguous when the name is taken */
  async add(name: string, scopes: readonly Scope[]): Promise<string> {
    checkName(name);
    if (scopes.length === 0) {
      throw new KmError("usage", `Cannot add key "${name}": it has no scope`, { hint: SCOPE_HINT });
    }
    const id = crypto.getRandomValues(new Uint8Array(6)).toHex();
    const secret = newSecret();
    const createdAt = formatTimeUs(this.#clock.nowUs());
    const inOrder = SCOPES.filter((scope) => scopes.includes(scope));
    const key: StoredKey = {
      id,
      name,
      scopes: inOrder,
      sha256: hashSecret(secret),
      createdAt,
      lastUsedAt: null,
    };
    await this.#change((keys) => {
      if (keys.some((other) => other.name === name)) {
        throw new KmError("ambiguous", `Cannot add key "${name}": there is one of that name`, {
          hint: `choose another name, or first "km keys revoke ${name}"`,
        });
      }
      if (keys.length >= MAX_KEYS) {
        throw new KmError("usage", `Cannot add key "${name}": there are ${MAX_KEYS} already`);
      }
      return [...keys, key];
    });
    return `km_${id}_${secret}`;
  }

  /** Takes a key away; it is refused from now on. @throws {KmError} not_found */
  async revoke(name: string): Promise<void> {
    await this.#change((keys) => {
      const left = keys.filter((key) => key.name !== name);
      if (left.length === keys.length) {
        throw new KmError("not_found", `Cannot revoke key "${name}": there is none of that name`, {
          hint: '"km keys list" shows all keys',
        });
      }
      return left;
    });
  }

  /** Whose key this is; null: nobody's. */
  identify(key: string): Identity | null {
    const [, id, secret] = FULL_KEY.exec(key) ?? [];
    if (id === undefined || secret === undefined) return null;
    const found = this.#current().find((known) => known.id === id);
    if (!found || !equalSecrets(hashSecret(secret), found.sha256)) return null;
    this.#note(id);
    return { name: found.name, via: "key", scopes: found.scopes };
  }

  /** Writes what is known of the keys' last use. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing;
    await this.#writeUses();
  }

  /** The keys as they are now. A file that cannot be trusted holds no keys; "km keys list" and the start say what is wrong with it. */
  #current(): readonly StoredKey[] {
    try {
      return this.#read();
    } catch {
      return [];
    }
  }

  async #change(change: (keys: readonly StoredKey[]) => readonly StoredKey[]): Promise<void> {
    await withFileLock(this.#path, () => {
      const keys = change(parseKeys(readPrivateFile(this.#path), this.#path));
      replacePrivateFile(this.#path, JSON.stringify({ version: 1, keys }, null, 2) + "\n");
    });
  }

  #note(id: string): void {
    const nowUs = this.#clock.nowUs();
    this.#used.set(id, nowUs);
    if (nowUs - (this.#written.get(id) ?? -Infinity) < USE_WRITTEN_EVERY_US) return;
    this.#written.set(id, nowUs);
    this.#writing = this.#writing.then(() => this.#writeUses());
  }

  async #writeUses(): Promise<void> {
    const used = new Map(this.#used);
    if (used.size === 0) return;
    try {
      // Without the file there are no keys; and a home that was removed is not to come back.
      if (readPrivateFile(this.#path) === null) return;
      await this.#change((keys) =>
        keys.map((key) => {
          const usedUs = used.get(key.id);
          return usedUs === undefined ? key : { ...key, lastUsedAt: formatTimeUs(usedUs) };
        })
      );
      for (const [id, usedUs] of used) if (this.#used.get(id) === usedUs) this.#used.delete(id);
    } catch {
      // A full disk: the next use tries again, and nobody is refused for it.
    }
  }
}

const SCOPE_HINT = `scopes: ${SCOPES.join(", ")}`;

/** Reads `ingest,read`. @throws {KmError} usage */
export function parseScopes(text: string): Scope[] {
  return text.split(",").map((word) => {
    const scope = SCOPES.find((scope) => scope === word.trim());
    if (!scope) throw new KmError("usage", `"${word.trim()}" is no scope`, { hint: SCOPE_HINT });
    return scope;
  });
}

function checkName(name: string): void {
  if (OTHER_CALLERS.includes(name)) {
    throw new KmError("usage", `Cannot name a key "${name}": so km calls those who have none`, {
      hint: "choose another name",
    });
  }
  if (KEY_NAME.test(name)) return;
  throw new KmError("usage", `Cannot name a key ${JSON.stringify(name)}`, {
    hint: "1 to 64 letters, digits, dots, dashes and underscores, beginning with a letter or digit",
  });
}

function parseKeys(text: string | null, path: string): readonly StoredKey[] {
  if (text === null) return [];
  try {
    const { keys } = JSON.parse(text) as { keys: unknown }; // as: checked below
    if (Array.isArray(keys) && keys.every(isStoredKey)) return keys;
  } catch {
    // Told below.
  }
  throw new KmError("store_unavailable", `Cannot read "${path}": it is no list of keys`, {
    hint: `mend it, or remove it and add the keys again: rm "${path}"`,
  });
}

function isStoredKey(value: unknown): value is StoredKey {
  if (typeof value !== "object" || value === null) return false;
  const key = value as Partial<Record<keyof StoredKey, unknown>>; // as: that is what is checked here
  return typeof key.id === "string" && typeof key.name === "string" && typeof key.sha256 === "string" &&
    /^[0-9a-f]{64}$/.test(key.sha256) && typeof key.createdAt === "string" &&
    (key.lastUsedAt === null || typeof key.lastUsedAt === "string") &&
    Array.isArray(key.scopes) && key.scopes.every((scope) => SCOPES.some((known) => known === scope));
}
