/**
 * Signatures in OpenSSH's own format, so that a machine without a recent openssl can check a release with `ssh-keygen -Y verify`.
 * @see PROTOCOL.sshsig of OpenSSH; RFC 4251, section 5 (strings); RFC 8709 (Ed25519)
 * @module
 */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";

/** What the signature is for: one made for another purpose with the same key is refused. Also the signer's name in `allowed_signers`. */
export const SSH_NAMESPACE = "km";
const PREAMBLE = Buffer.from("SSHSIG");
const HASH = "sha512";
const BEGIN = "-----BEGIN SSH SIGNATURE-----";
const END = "-----END SSH SIGNATURE-----";
/** Length of the lines of base64. Source: PROTOCOL.sshsig, section 1. */
const LINE_LENGTH = 76;

/** What has to be signed with Ed25519 for a signature over `message`. */
export function sshSignedData(message: Uint8Array): Uint8Array<ArrayBuffer> {
  const hash = createHash(HASH).update(message).digest();
  return concat(PREAMBLE, string(SSH_NAMESPACE), string(""), string(HASH), string(hash));
}

/** The armored text around a 64-byte Ed25519 signature. `publicKey` is the key's 32 bytes. */
export function sshsigText(publicKey: Uint8Array, signature: Uint8Array): string {
  const base64 = Buffer.from(blob(publicKey, signature)).toString("base64");
  const lines = base64.match(new RegExp(`.{1,${LINE_LENGTH}}`, "g")) ?? [];
  return [BEGIN, ...lines, END, ""].join("\n");
}

/** The 64 bytes of the signature in `text`, or null when it is not one of this key in the form that `sshsigText` writes. */
export function readSshsig(text: string, publicKey: Uint8Array): Uint8Array<ArrayBuffer> | null {
  const lines = text.split("\n");
  const bytes = new Uint8Array(Buffer.from(lines.slice(1, -2).join(""), "base64"));
  const signature = bytes.slice(-64);
  return sshsigText(publicKey, signature) === text ? signature : null;
}

/** The public key as in `authorized_keys` and `allowed_signers`: the type, a space, base64. */
export function sshPublicKey(publicKey: Uint8Array): string {
  return `ssh-ed25519 ${Buffer.from(keyBlob(publicKey)).toString("base64")}`;
}

/** The line of an `allowed_signers` file that lets this key sign releases and nothing else. */
export function allowedSigner(publicKey: Uint8Array): string {
  return `${SSH_NAMESPACE} namespaces="${SSH_NAMESPACE}" ${sshPublicKey(publicKey)}`;
}

function blob(publicKey: Uint8Array, signature: Uint8Array): Uint8Array {
  const version = new Uint8Array([0, 0, 0, 1]);
  const signed = concat(string("ssh-ed25519"), string(signature));
  return concat(
    PREAMBLE,
    version,
    string(keyBlob(publicKey)),
    string(SSH_NAMESPACE),
    string(""),
    string(HASH),
    string(signed),
  );
}

function keyBlob(publicKey: Uint8Array): Uint8Array {
  return concat(string("ssh-ed25519"), string(publicKey));
}

/** A string of RFC 4251: four bytes of length, most significant first, then the bytes. */
function string(content: string | Uint8Array): Uint8Array {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, bytes.length);
  return concat(length, bytes);
}

function concat(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat(parts));
}
