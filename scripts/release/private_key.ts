/** Where a private release key comes from, and that it is never in a repository or open to others. @module */
import { KmError } from "../../src/core/error.ts";
import type { ReleaseKey } from "../../src/update/release_key.ts";
import { repositoryOf } from "./checkout.ts";
import { publicKeyOf } from "./keys.ts";
import { refusal } from "./refusal.ts";

/** The environment variable that holds the PEM itself, where there is no file: in CI. */
export const KEY_VARIABLE = "KM_RELEASE_KEY";

/** Reads the private key from `path`, or from the environment, which forgets it. @throws {KmError} */
export async function readPrivateKey(path: string | undefined): Promise<string> {
  const fromEnvironment = Deno.env.get(KEY_VARIABLE);
  // Nothing that is started later, a bundler or a package's script, finds it there.
  Deno.env.delete(KEY_VARIABLE);
  if (path === undefined) {
    if (fromEnvironment !== undefined && fromEnvironment !== "") return fromEnvironment;
    throw refusal(
      "Cannot sign: no release key was given",
      `give its file by --key, or the key by ${KEY_VARIABLE}`,
    );
  }
  const repository = repositoryOf(path);
  if (repository !== null) {
    throw new KmError(
      "not_trusted",
      `Cannot use the key "${path}": it lies in the repository "${repository}"`,
      {
        hint: "a private key that may have been committed is not private any more: make a new one",
      },
    );
  }
  return await readPrivateFile(path);
}

async function readPrivateFile(path: string): Promise<string> {
  try {
    const { mode } = await Deno.stat(path);
    if (mode !== null && (mode & 0o077) !== 0) {
      throw new KmError("not_trusted", `Cannot use the key "${path}": others may read it`, {
        hint: `"chmod 600 ${path}" if nobody did`,
      });
    }
    return await Deno.readTextFile(path);
  } catch (cause) {
    if (cause instanceof KmError) throw cause;
    const state = cause instanceof Error ? cause.message : String(cause);
    throw new KmError("not_found", `Cannot read the key "${path}": ${state}`, { cause });
  }
}

/** Which of the release keys `pem` is. @throws {KmError} not_trusted when it is none */
export function placeOf(pem: string, keys: readonly ReleaseKey[]): "in use" | "next" {
  const { id } = publicKeyOf(pem);
  const place = keys.findIndex((key) => key.id === id);
  if (place >= 0) return place === 0 ? "in use" : "next";
  throw new KmError("not_trusted", `Cannot sign with key ${id}: it is none of the release keys`, {
    hint: keys.length > 0
      ? `the release keys are ${keys.map((key) => key.id).join(" and ")}`
      : `there are none yet: "deno run -A scripts/release.ts keygen --out <folder>"`,
  });
}
