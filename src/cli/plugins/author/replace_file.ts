/** Puts a file in the place of another, whole or not at all. @module */
import { dirname } from "node:path";
import { KmError } from "../../../core/error.ts";

/** @throws {KmError} store_unavailable */
export async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const unfinished = `${path}.${crypto.randomUUID()}.tmp`;
  try {
    await Deno.mkdir(dirname(path), { recursive: true });
    await Deno.writeFile(unfinished, bytes, { createNew: true });
    await Deno.rename(unfinished, path);
  } catch (error) {
    await Deno.remove(unfinished).catch(() => {}); // It may not be there.
    throw new KmError("store_unavailable", `Cannot write "${path}": ${(error as Error).message}`, {
      cause: error,
    });
  }
}
