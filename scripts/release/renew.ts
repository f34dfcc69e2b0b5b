/** `renew`: the same release, believed for longer. For a project that rests: an expired manifest stops installing and updating. @module */
import { resolve } from "node:path";
import { KmError } from "../../src/core/error.ts";
import type { ReleaseKey } from "../../src/update/release_key.ts";
import { CHECKSUMS, checksumsText, readChecksums, sha256Of } from "./checksums.ts";
import { readKeys, refuseSignatures, signFile } from "./keys.ts";
import { expiryOf, isoSeconds, manifestText } from "./manifests.ts";
import { placeOf, readPrivateKey } from "./private_key.ts";
import { notNow } from "./refusal.ts";
import { readDays, readWords } from "./read_words.ts";
import { refuseMissing } from "./verify.ts";
import { findManifests, type FoundManifest, readFound, readSignatures } from "./verify_folder.ts";

/** Runs the verb. Returns what is to be said. @throws {KmError} not_trusted when a present signature is wrong: nothing was changed then */
export async function renew(argv: readonly string[]): Promise<string[]> {
  const { text, words } = readWords("renew", argv, { texts: ["key", "keys", "valid-days"], words: 1 });
  const folder = resolve(words[0] ?? "");
  const expires = isoSeconds(expiryOf(new Date(), readDays(text["valid-days"])));
  const keys = await readKeys(text.keys);
  const privateKeyPem = await readPrivateKey(text.key);
  const place = placeOf(privateKeyPem, keys);
  await refuseMissing(folder);
  const found = await findManifests(folder);
  const left = found.filter((one) => isOfOldKey(one, keys)).map(({ name }) => name);
  const manifests = found.filter(({ name }) => !left.includes(name));
  if (manifests.length === 0) {
    throw notNow(`Cannot renew "${folder}": there is no manifest in it`, "name the folder with stable.json");
  }
  const texts = new Map<string, string>();
  for (const one of manifests) texts.set(one.name, await renewedText(one, keys, expires));
  const sums = await readProvenSums(folder, keys);
  for (const [name, text] of texts) {
    await Deno.writeTextFile(`${folder}/${name}`, text);
    await signFile(`${folder}/${name}`, privateKeyPem);
  }
  if (sums !== null) await renewSums(folder, sums, [...texts.keys()], privateKeyPem);
  return [
    ...[...texts.keys()].map((name) => `${name}: believed until ${expires}, signed with the key ${place}`),
    ...left.map((name) => `${name}: left as it is, its key is none of the release keys any more`),
  ];
}

/** After a rotation, older versions keep the signature of the key that is gone. A channel without a valid signature is a fault. */
function isOfOldKey({ name, signatures }: FoundManifest, keys: readonly ReleaseKey[]): boolean {
  const [, id] = /^([0-9a-f]{16}) /.exec(signatures.sig) ?? [];
  return name.startsWith("v") && id !== undefined && keys.every((key) => key.id !== id);
}

/** Expired or not, a manifest is renewed only when it was ours. */
async function renewedText(
  found: FoundManifest,
  keys: readonly ReleaseKey[],
  expires: string,
): Promise<string> {
  try {
    const { published } = JSON.parse(new TextDecoder().decode(found.bytes)) as { readonly published: string };
    const manifest = await readFound(found, keys, new Date(published));
    return manifestText({ ...manifest, expires });
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
