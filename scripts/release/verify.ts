/** `verify`: checks a release folder, and says how to do the same without km. @module */
import { resolve } from "node:path";
import { KmError } from "../../src/core/error.ts";
import type { ReleaseKey } from "../../src/update/release_key.ts";
import { CHECKSUMS } from "./checksums.ts";
import { keyBytes, publicKeyPem, readKeys } from "./keys.ts";
import { refusal } from "./refusal.ts";
import { readWords } from "./read_words.ts";
import { allowedSigner } from "./sshsig.ts";
import { findManifests, readSignatures, verifyFolder } from "./verify_folder.ts";

/** Runs the verb. Returns what is to be said. @throws {KmError} not_trusted when something is wrong with the folder */
export async function verify(argv: readonly string[]): Promise<string[]> {
  const { text, words } = readWords("verify", argv, { texts: ["keys"], words: 1 });
  const folder = resolve(words[0] ?? "");
  await refuseMissing(folder);
  const keys = await readKeys(text.keys);
  if (keys.length === 0) {
    throw refusal("Cannot verify: there are no release keys", "name a file of public keys with --keys");
  }
  const { good, bad } = await verifyFolder(folder, keys, new Date());
  const [first, ...others] = bad;
  if (first !== undefined) {
    const more = others.map((sentence) => `; ${sentence}`).join("");
    throw new KmError("not_trusted", `Cannot trust the release in "${folder}": ${first}${more}`);
  }
  return [...good, "", ...await commandsFor(folder, keys)];
}

/** Makes sure that a folder is there. @throws {KmError} not_found */
export async function refuseMissing(folder: string): Promise<void> {
  if (await Deno.stat(folder).then(({ isDirectory }) => isDirectory, () => false)) return;
  throw new KmError("not_found", `Cannot find the release in "${folder}": there is no such folder`);
}

/** Commands of a POSIX shell that prove the same with sha256sum, ssh-keygen and openssl. */
async function commandsFor(folder: string, keys: readonly ReleaseKey[]): Promise<string[]> {
  const { sig } = await readSignatures(`${folder}/${CHECKSUMS}`);
  const key = keys.find(({ id }) => sig.startsWith(id)) ?? keys[0] as ReleaseKey;
  // The commands know one key; the other one's manifests were checked above.
  const manifests = (await findManifests(folder)).filter(({ signatures }) =>
    signatures.sig.startsWith(key.id)
  );
  const signed = [CHECKSUMS, ...manifests.map(({ name }) => name)];
  const files = `for file in ${signed.join(" ")}; do`;
  return [
    "The same by hand:",
    "",
    `cd ${quote(folder)}`,
    // Of a published folder, some files lie elsewhere.
    "sha256sum -c --ignore-missing SHA256SUMS",
    "work=$(mktemp -d)",
    `echo ${quote(allowedSigner(keyBytes(key.publicKey)))} > "$work/allowed_signers"`,
    files,
    '  ssh-keygen -Y verify -f "$work/allowed_signers" -I km -n km -s "$file.sshsig" < "$file"',
    "done",
    `echo ${quote(publicKeyPem(key).trim())} > "$work/key.pem"`,
    files,
    `  cut -d ' ' -f 2 "$file.sig" | openssl base64 -d -A > "$work/signature"`,
    '  openssl pkeyutl -verify -pubin -inkey "$work/key.pem" -rawin -in "$file" -sigfile "$work/signature"',
    "done",
  ];
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
