/** The daemon's own secret: 256 bits in `$KM_HOME/token` (0600). Whoever can read it is the user. @module */
import { timingSafeEqual } from "node:crypto";

const TOKEN_BYTES = 32;

/** Reads the token at `path`; makes it when there is none. */
export function loadToken(path: string): string {
  try {
    return Deno.readTextFileSync(path).trim();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const token = crypto.getRandomValues(new Uint8Array(TOKEN_BYTES)).toBase64({
    alphabet: "base64url",
    omitPadding: true,
  });
  Deno.writeTextFileSync(path, token + "\n", { mode: 0o600, createNew: true });
  return token;
}

/** Compares without telling by its duration how much is equal. */
export function equalSecrets(a: string, b: string): boolean {
  const [left, right] = [a, b].map((text) => new TextEncoder().encode(text)) as [Uint8Array, Uint8Array]; // as: two in, two out
  return left.length === right.length && timingSafeEqual(left, right);
}
