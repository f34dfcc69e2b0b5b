/** The daemon's own secret: 256 bits in `$KM_HOME/token` (0600). Whoever can read it is the user. @module */
import { createHash, timingSafeEqual } from "node:crypto";
import { KmError } from "../core/error.ts";
import {
  createPrivateFile,
  readPrivateFile,
  replacePrivateFile,
  watchPrivateFile,
} from "../proc/private_file.ts";

const SECRET_BYTES = 32;
const WELL_FORMED = /^[A-Za-z0-9_-]{43,}$/;

/**
 * Reads the token at `path`; makes it when there is none. Of two that start at once, one makes it and both have it.
 * @throws {KmError} store_unavailable when others could know it, or it is none
 */
export function loadToken(path: string): string {
  const found = readToken(path);
  if (found !== null) return found;
  createPrivateFile(path, newSecret() + "\n");
  const made = readToken(path);
  if (made === null) {
    throw new KmError("store_unavailable", `Cannot keep the token "${path}": it was removed`);
  }
  return made;
}

/** Reads the token at `path`; null when there is none. @throws {KmError} as `loadToken` */
export function readToken(path: string): string | null {
  return parseToken(readPrivateFile(path), path);
}

/** The token at `path` whenever it is asked for, also after it was replaced; null while there is none that can be trusted. */
export function watchToken(path: string): () => string | null {
  const read = watchPrivateFile(path, (text) => parseToken(text, path));
  return () => {
    try {
      return read();
    } catch {
      return null; // The next start says what is wrong with it.
    }
  };
}

/** Puts a new token in the place of the one at `path`: whoever came in by the old one is nobody. @throws {KmError} store_unavailable */
export function replaceToken(path: string): void {
  replacePrivateFile(path, newSecret() + "\n");
}

function parseToken(text: string | null, path: string): string | null {
  const token = text?.trim() ?? null;
  if (token === null || WELL_FORMED.test(token)) return token;
  throw new KmError("store_unavailable", `Cannot use "${path}": it holds no token`, {
    hint: `remove it, the next start makes a new one: rm "${path}"`,
  });
}

/** 256 random bits as text that is safe in URLs, headers and file names. */
export function newSecret(): string {
  return crypto.getRandomValues(new Uint8Array(SECRET_BYTES)).toBase64({
    alphabet: "base64url",
    omitPadding: true,
  });
}

/** SHA-256 in hex. Enough for secrets of 256 random bits, which nobody guesses; a password would need a slow hash. */
export function hashSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

/** Compares without telling by its duration how much is equal. */
export function equalSecrets(a: string, b: string): boolean {
  const [left, right] = [a, b].map((text) => createHash("sha256").update(text).digest()) as [Buffer, Buffer]; // as: two in, two out
  return timingSafeEqual(left, right);
}
