/** `check`: whether a release could be made, before the long work: everything that can be known at once. @module */
import { readCheckout } from "./checkout.ts";
import { expiryOfCheckout, readAddresses, readReleaseKeys, readSigner, readValidDays } from "./plan.ts";
import { readWords } from "./read_words.ts";

/** Runs the verb. Returns what is to be said. Nothing is signed. @throws {KmError} when no release can be made of the checkout as it is */
export async function check(argv: readonly string[]): Promise<string[]> {
  const { text, on } = readWords("check", argv, {
    texts: ["base-url", "tag", "key", "channels", "valid-days"],
    switches: ["allow-dirty", "unsigned"],
  });
  const { baseUrl } = readAddresses("check", text);
  const checkout = await readCheckout({ tag: text.tag, allowDirty: on["allow-dirty"] === true });
  expiryOfCheckout(checkout, readValidDays(text));
  const { version, commit } = checkout;
  const ready = `${version} can be released to ${baseUrl}, of commit ${commit}`;
  if (on.unsigned === true) {
    const keys = await readReleaseKeys();
    return [ready, `release keys: ${keys.map(({ id }) => id).join(", ")}; the private one was not looked at`];
  }
  const { place, newest } = await readSigner(text);
  const published = [...newest].map(([channel, before]) => `${channel} ${before}`).join(", ");
  return [ready, `the private key is the one ${place}`, `published now: ${published || "nothing"}`];
}
