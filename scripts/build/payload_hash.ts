/** One number for what a bundle is, whatever is packed around it. @module */
import { createHash } from "node:crypto";

/** SHA-256 over the names and contents of a folder's files, in hex. */
export async function payloadHash(folder: string): Promise<string> {
  const hash = createHash("sha256");
  for (const name of (await filesIn(folder)).sort()) {
    const bytes = await Deno.readFile(`${folder}/${name}`);
    hash.update(`${name}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest("hex");
}

/** Paths of all files of a folder, relative to it, with `/`. */
export async function filesIn(folder: string, below = ""): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder + below)) {
    if (isDirectory) names.push(...await filesIn(folder, `${below}/${name}`));
    else names.push(`${below}/${name}`.slice(1));
  }
  return names;
}
