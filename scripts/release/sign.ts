/** `sign`: makes a release of what `build --unsigned` built, so that the key is where nothing is bundled or compiled. @module */
import { resolve } from "node:path";
import { readBuilt, removeBuilt } from "./built.ts";
import { readCheckout } from "./checkout.ts";
import {
  expiryOfCheckout,
  finishRelease,
  readAddresses,
  readSigner,
  readValidDays,
  SHARED_FLAGS,
} from "./plan.ts";
import { readWords } from "./read_words.ts";
import { refuseMissing } from "./verify.ts";

/** Runs the verb. Returns what is to be said. @throws {KmError} when the folder cannot become a release of this checkout */
export async function sign(argv: readonly string[]): Promise<string[]> {
  const { text, on, words } = readWords("sign", argv, {
    texts: SHARED_FLAGS,
    switches: ["allow-dirty"],
    words: 1,
  });
  const addresses = readAddresses("sign", text);
  const validDays = readValidDays(text);
  const out = resolve(words[0] ?? "");
  await refuseMissing(out);
  const checkout = await readCheckout({ tag: text.tag, allowDirty: on["allow-dirty"] === true });
  const expires = expiryOfCheckout(checkout, validDays);
  const files = await readBuilt(out, { commit: checkout.commit, baseUrl: addresses.baseUrl });
  const signer = await readSigner(text);
  const said = await finishRelease(files, { out, checkout, addresses, signer, expires });
  await removeBuilt(out);
  return said;
}
