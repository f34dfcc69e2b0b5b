/** `sign`: makes a release of what `build --unsigned` built, so that the key is where nothing is bundled or compiled. @module */
import { resolve } from "node:path";
import { readBuilt, removeBuilt } from "./built.ts";
import { readCheckout } from "./checkout.ts";
import { readKeys } from "./keys.ts";
import { makeRelease } from "./make_release.ts";
import { expiryOf } from "./manifests.ts";
import { placeOf, readPrivateKey } from "./private_key.ts";
import { wrongUsage } from "./refusal.ts";
import { readDays, readFolderUrl, readWords } from "./read_words.ts";
import { refuseMissing } from "./verify.ts";

const FLAGS = {
  texts: ["base-url", "files-url", "homepage", "key", "tag", "valid-days"],
  switches: ["allow-dirty"],
  words: 1,
};

/** Runs the verb. Returns what is to be said. @throws {KmError} when the folder cannot become a release of this checkout */
export async function sign(argv: readonly string[]): Promise<string[]> {
  const { text, on, words } = readWords("sign", argv, FLAGS);
  if (text["base-url"] === undefined) {
    throw wrongUsage("Cannot sign: no --base-url was given", "name the address that the folder will have");
  }
  const url = (flag: string) => text[flag] === undefined ? undefined : readFolderUrl(flag, text[flag]);
  const [baseUrl, filesUrl, homepage] = [
    readFolderUrl("base-url", text["base-url"]),
    url("files-url"),
    url("homepage"),
  ];
  const out = resolve(words[0] ?? "");
  await refuseMissing(out);
  const checkout = await readCheckout({ tag: text.tag, allowDirty: on["allow-dirty"] === true });
  const { version, commit, published } = checkout;
  const files = await readBuilt(out, commit);
  const keys = await readKeys();
  const privateKeyPem = await readPrivateKey(text.key);
  const place = placeOf(privateKeyPem, keys);
  const expires = expiryOf(published, readDays(text["valid-days"]));
  const left = await makeRelease({
    ...{ files, out, version, commit, baseUrl, privateKeyPem, keys, now: published, expires },
    ...filesUrl === undefined ? {} : { filesUrl },
    ...homepage === undefined ? {} : { homepage },
  });
  await removeBuilt(out);
  return [
    ...left.map((sentence) => `left out: ${sentence}`),
    `release ${version} lies in ${out}, signed with the key ${place}, believed until ${
      expires.toISOString().slice(0, 10)
    }`,
  ];
}
