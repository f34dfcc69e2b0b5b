/**
 * Small files that only this km can read or write: AES-256-GCM, 0600, bound to what they are for. One that was changed, renamed, put in the
 * place of another or brought from another home is refused, which its reader is told in one line, and counts as not there.
 *
 * The key lies beside them (0600), because km has no operating system's keychain yet. So it protects a copy of a sealed file that gets around
 * alone, and shows changes; it does not protect from who can read all of the user's files.
 * @module
 */
import { createHash } from "node:crypto";
import { KmError } from "../core/error.ts";
import { createPrivateFile, readPrivateFile, replacePrivateFile } from "../proc/private_file.ts";

const FORMAT = "km-sealed-1";
const ALGORITHM = "AES-GCM";
const KEY_BYTES = 32;
/** NIST SP 800-38D, section 8.2: 96 bits; random, so 2^32 writes by one key would be too many. */
const IV_BYTES = 12;
const TAG_BYTES = 16;
const KEY_ID_DIGITS = 16;

/** What sealed files are written and read with. */
export interface SealKey {
  /** Beginning of the SHA-256 of the key. */
  readonly id: string;
  readonly key: CryptoKey;
}

/** What is in a sealed file, or why it cannot be told. Both null: there is none. */
export interface Unsealed {
  readonly text: string | null;
  /** One line for people. */
  readonly refused: string | null;
}

/** The key at `path`; made when there is none. @throws {KmError} store_unavailable when others could know it, or it is none */
export async function makeSealKey(path: string): Promise<SealKey> {
  const found = await readSealKey(path);
  if (found !== null) return found;
  const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  createPrivateFile(path, bytes.toBase64() + "\n");
  // Of two that make one at once, both have the first.
  const made = await readSealKey(path);
  if (made === null) throw new KmError("store_unavailable", `Cannot keep the key "${path}": it was removed`);
  return made;
}

/** The key at `path`; null when there is none. @throws {KmError} store_unavailable when others could know it, or it is none */
export async function readSealKey(path: string): Promise<SealKey | null> {
  const text = readPrivateFile(path);
  if (text === null) return null;
  const bytes = keyBytes(text.trim());
  if (bytes === null) {
    throw new KmError("store_unavailable", `Cannot use "${path}": it holds no key`, {
      hint: `remove it, what was sealed with it is lost: rm "${path}"`,
    });
  }
  const id = createHash("sha256").update(bytes).digest("hex").slice(0, KEY_ID_DIGITS);
  const key = await crypto.subtle.importKey("raw", bytes, ALGORITHM, false, ["encrypt", "decrypt"]);
  return { id, key };
}

/** Puts `text`, sealed, in the place of what is at `path`. Only a reader that names the same `boundTo` gets it. @throws {KmError} store_unavailable */
export async function writeSealed(
  path: string,
  text: string,
  { key, boundTo }: { readonly key: SealKey; readonly boundTo: readonly string[] },
): Promise<void> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const parameters = { name: ALGORITHM, iv, additionalData: bound(boundTo, key.id) };
  const data = await crypto.subtle.encrypt(parameters, key.key, new TextEncoder().encode(text));
  replacePrivateFile(path, format({ keyId: key.id, iv, data: new Uint8Array(data) }));
}

/** Reads a sealed file. Null for the key: it is gone. Never throws: what cannot be read is refused. */
export async function readSealed(
  path: string,
  { key, boundTo }: { readonly key: SealKey | null; readonly boundTo: readonly string[] },
): Promise<Unsealed> {
  try {
    const file = readPrivateFile(path);
    if (file === null) return { text: null, refused: null };
    const sealed = parse(file);
    if (sealed === null) return refuse(path, "it was changed");
    if (key === null) return refuse(path, "the key that it was sealed with is gone");
    if (sealed.keyId !== key.id) return refuse(path, "it was sealed with another key, as of another home");
    const parameters = { name: ALGORITHM, iv: sealed.iv, additionalData: bound(boundTo, key.id) };
    const text = await crypto.subtle.decrypt(parameters, key.key, sealed.data).catch(() => null);
    if (text === null) return refuse(path, "it was changed, or it is the file of something else");
    return { text: new TextDecoder().decode(text), refused: null };
  } catch (error) {
    return { text: null, refused: error instanceof Error ? error.message : String(error) };
  }
}

interface Sealed {
  readonly keyId: string;
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly data: Uint8Array<ArrayBuffer>;
}

function format({ keyId, iv, data }: Sealed): string {
  return `${FORMAT} ${keyId} ${iv.toHex()} ${data.toBase64()}\n`;
}

/** Null: no sealed file, to the byte. Base64 and hex have several spellings of the same bytes; only km's counts. */
function parse(file: string): Sealed | null {
  const [, keyId = "", iv = "", data = ""] = file.trimEnd().split(" ");
  try {
    const sealed = { keyId, iv: Uint8Array.fromHex(iv), data: Uint8Array.fromBase64(data) };
    const isWhole = sealed.iv.length === IV_BYTES && sealed.data.length >= TAG_BYTES;
    return isWhole && format(sealed) === file ? sealed : null;
  } catch {
    return null;
  }
}

/** What is signed with the text but not kept in the file. As JSON, so that ["a","b"] is not ["ab"]. */
function bound(boundTo: readonly string[], keyId: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify([FORMAT, keyId, ...boundTo]));
}

function refuse(path: string, reason: string): Unsealed {
  return { text: null, refused: `"${path}" counts as not there: ${reason}` };
}

function keyBytes(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    const bytes = Uint8Array.fromBase64(text, { lastChunkHandling: "strict" });
    return bytes.length === KEY_BYTES ? bytes : null;
  } catch {
    return null;
  }
}
