/** `renew`: the same channels, believed for longer. For a project that rests: an expired manifest stops installing and updating. @module */
import { resolve } from "node:path";
import { KmError } from "../../src/core/error.ts";
import type { ReleaseKey } from "../../src/update/release_key.ts";
import { CHECKSUMS, checksumsText, readChecksums, sha256Of } from "./checksums.ts";
import { readKeys, refuseSignatures, signFile } from "./keys.ts";
import { expiryOf, isoSeconds, manifestText } from "./manifests.ts";
import { placeOf, readPrivateKey } from "./private_key.ts";
import { refusal } from "./refusal.ts";
import { readDays, readWords } from "./read_words.ts";
import { refuseMissing } from "./verify.ts";
import { findManifests, type FoundManifest, readPast, readSignatures } from "./verify_folder.ts";

/** Runs the verb. Returns what is to be said. @throws {KmError} not_trusted when a present signature is wrong: nothing was changed then */
export async function renew(argv: readonly string[]): Promise<string[]> {
  const { text, words } = readWords("renew", argv, { texts: ["key", "keys", "valid-days"], words: 1 });
  const folder = resolve(words[0] ?? "");
  await refuseMissing(folder);
  const expires = isoSeconds(expiryOf(new Date(), readDays(text["valid-days"])));
  const keys = await readKeys(text.keys);
  const privateKeyPem = await readPrivateKey(text.key);
  const place = placeOf(privateKeyPem, keys);
  const texts = new Map<string, string>();
  for (const found of await findManifests(folder)) {
    // A version is asked for by whoever knows it, expired or not.
    if (found.channel !== null) texts.set(found.name, await renewedText(found, keys, expires));
  }
  if (texts.size === 0) {
    throw refusal(`Cannot renew "${folder}": there is no channel in it`, "name the folder with stable.json");
  }
  const sums = await readProvenSums(folder, keys);
  for (const [name, text] of texts) {
    await Deno.writeTextFile(`${folder}/${name}`, text);
    await signFile(`${folder}/${name}`, privateKeyPem);
  }
  if (sums !== null) await renewSums(folder, sums, [...texts.keys()], privateKeyPem);
  return [...texts.keys()].map((name) => `${name}: believed until ${expires}, signed with the key ${place}`);
}

/** Expired or not, a manifest is renewed only when it was ours. */
async function renewedText(
  found: FoundManifest,
  keys: readonly ReleaseKey[],
  expires: string,
): Promise<string> {
  try {
    return manifestText({ ...await readPast(found, keys), expires });
  } catch (cause) {
    const state = cause instanceof Error ? cause.message : String(cause);
    throw new KmError("not_trusted", `Cannot renew "${found.name}": ${state}`, { cause });
  }
}

/** The checksums of the folder, or null where there are none: the folder may hold manifests alone. */
async function readProvenSums(
  folder: string,
  keys: readonly ReleaseKey[],
): Promise<Map<string, string> | null> {
  const path = `${folder}/${CHECKSUMS}`;
  const bytes = await Deno.readFile(path).catch(() => null);
  if (bytes === null) return null;
  const refused = refuseSignatures(bytes, await readSignatures(path), keys);
  if (refused !== null) throw new KmError("not_trusted", `Cannot renew "${CHECKSUMS}": ${refused}`);
  return readChecksums(new TextDecoder().decode(bytes));
}

/** Only what was renewed gets a new checksum: the other files may lie elsewhere. */
async function renewSums(
  folder: string,
  sums: Map<string, string>,
  names: string[],
  pem: string,
): Promise<void> {
  for (const name of names.flatMap((name) => [name, `${name}.sig`, `${name}.sshsig`])) {
    sums.set(name, await sha256Of(`${folder}/${name}`));
  }
  await Deno.writeTextFile(`${folder}/${CHECKSUMS}`, checksumsText(sums));
  await signFile(`${folder}/${CHECKSUMS}`, pem);
}
