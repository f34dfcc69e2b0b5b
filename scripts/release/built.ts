/** What was built and waits for its signature: `built.json` beside the files, for the one machine that has the key. @module */
import { basename } from "node:path";
import type { BuiltFile } from "../build/compile.ts";
import { refusal } from "./refusal.ts";

const NAME = "built.json";

/** What is compiled into the files, and must be the same where they are signed. */
export interface BuiltFor {
  readonly commit: string;
  readonly baseUrl: string;
}

/** Says beside the files what they are. */
export async function writeBuilt(
  folder: string,
  built: BuiltFor,
  files: readonly BuiltFile[],
): Promise<void> {
  const list = files.map((file) => ({ ...file, path: basename(file.path) }));
  await Deno.writeTextFile(`${folder}/${NAME}`, JSON.stringify({ ...built, files: list }, null, 2) + "\n");
}

/**
 * The files of a folder that `build --unsigned` made; their hashes are compared when the release is made of them.
 * @throws {KmError} usage when there are none, or they were built of another commit or for another address
 */
export async function readBuilt(folder: string, { commit, baseUrl }: BuiltFor): Promise<BuiltFile[]> {
  const text = await Deno.readTextFile(`${folder}/${NAME}`).catch(() => null);
  if (text === null) {
    throw refusal(
      `Cannot sign "${folder}": there is no ${NAME} in it`,
      `"build --unsigned --out ${folder}" makes it`,
    );
  }
  // Written by writeBuilt, of the same commit.
  const built = JSON.parse(text) as BuiltFor & { readonly files: readonly BuiltFile[] };
  if (built.commit !== commit) {
    throw refusal(
      `Cannot sign "${folder}": it was built of commit ${built.commit}, and this checkout is ${commit}`,
      "sign with the checkout that it was built of",
    );
  }
  if (built.baseUrl !== baseUrl) {
    throw refusal(
      `Cannot sign "${folder}" for "${baseUrl}": its km updates from "${built.baseUrl}"`,
      "give build and sign the same --base-url",
    );
  }
  return built.files.map((file) => ({ ...file, path: `${folder}/${basename(file.path)}` }));
}

/** The list is no part of the release. */
export async function removeBuilt(folder: string): Promise<void> {
  await Deno.remove(`${folder}/${NAME}`);
}
