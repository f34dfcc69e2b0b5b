/** What is published already, from a folder of the published manifests: a release must not set a channel back. @module */
import type { Channel } from "../../src/update/manifest.ts";
import type { ReleaseKey } from "../../src/update/release_key.ts";
import { KmError } from "../../src/core/error.ts";
import type { Newest } from "./manifests.ts";
import { refuseMissing } from "./verify.ts";
import { findManifests, readPast } from "./verify_folder.ts";

/** Reads the version of each channel. @throws {KmError} not_trusted when one is not signed by `keys`; not_found without the folder */
export async function readNewest(folder: string, keys: readonly ReleaseKey[]): Promise<Newest> {
  await refuseMissing(folder);
  const newest = new Map<Channel, string>();
  for (const found of await findManifests(folder)) {
    if (found.channel === null) continue;
    try {
      newest.set(found.channel, (await readPast(found, keys)).version);
    } catch (cause) {
      const state = cause instanceof Error ? cause.message : String(cause);
      throw new KmError("not_trusted", `Cannot believe "${folder}/${found.name}": ${state}`, {
        hint:
          "fetch it again if it was changed; if its key was rotated out, renew it, with --keys naming a list of both keys",
        cause,
      });
    }
  }
  return newest;
}
