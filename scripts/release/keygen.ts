/** `keygen`: makes the keys that releases are signed with. @module */
import { resolve } from "node:path";
import type { ReleaseKey } from "../../src/update/release_key.ts";
import { repositoryOf } from "./checkout.ts";
import { generateKey, KEYS_FILE, readKeys } from "./keys.ts";
import { refusal } from "./refusal.ts";
import { readWords } from "./read_words.ts";

/** Runs the verb. Returns what is to be said. */
export async function keygen(argv: readonly string[]): Promise<string[]> {
  const { text, on } = readWords("keygen", argv, { texts: ["out"], switches: ["rotate"] });
  if (text.out === undefined) {
    throw refusal(
      "Cannot make keys: no --out was given",
      "name a folder outside of the repository for the private keys",
    );
  }
  const folder = resolve(text.out);
  const repository = repositoryOf(folder);
  if (repository !== null) {
    throw refusal(
      `Cannot put private keys into "${folder}": it lies in the repository "${repository}"`,
      "name a folder outside",
    );
  }
  const known = await readKeys();
  if (on.rotate === true) return await rotate(folder, known);
  if (known.length > 0) {
    throw refusal(
      `Cannot make keys: "${KEYS_FILE}" has some already`,
      "--rotate lets the next key take over and makes a new next one",
    );
  }
  const [first, second] = [await saveNew(folder), await saveNew(folder)];
  await writeKeys([first.key, second.key]);
  return [
    `in use  ${first.key.id}  ${first.path}`,
    `next    ${second.key.id}  ${second.path}`,
    "",
    `The public keys are in scripts/release/keys.json: commit it. Every km that is built from now on believes both.`,
    "Sign with the first: --key <file>, or its text in KM_RELEASE_KEY as a secret of the release workflow.",
    "Keep the second offline, elsewhere: with it you go on when the first is lost or stolen (keygen --rotate).",
  ];
}

async function rotate(folder: string, known: readonly ReleaseKey[]): Promise<string[]> {
  const next = known[1];
  if (next === undefined) {
    throw refusal("Cannot rotate: there is no next key", `make the first two without --rotate`);
  }
  const made = await saveNew(folder);
  await writeKeys([next, made.key]);
  return [
    `in use  ${next.id}  the file you have kept`,
    `next    ${made.key.id}  ${made.path}`,
    "",
    `Sign with key ${next.id} from now on, and commit scripts/release/keys.json. Every km that is installed believes it already;`,
    `a km that is built from now on no longer believes ${
      known[0]?.id
    }. Channels that are published and were signed with that one:`,
    "before the commit of the new keys.json, sign them anew by renew with the key that takes over.",
  ];
}

/** A file that is there is never written over. */
async function saveNew(folder: string): Promise<{ key: ReleaseKey; path: string }> {
  const { key, privateKeyPem } = await generateKey();
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  const path = `${folder}/km-release-${key.id}.pem`;
  await Deno.writeTextFile(path, privateKeyPem, { createNew: true, mode: 0o600 });
  return { key, path };
}

async function writeKeys(keys: readonly ReleaseKey[]): Promise<void> {
  await Deno.writeTextFile(KEYS_FILE, `${JSON.stringify(keys, null, 2)}\n`);
}
