/** What a monitor that ends could hand over to no plugin host: counted in a small file, which the next host takes up. @module */
import { join } from "node:path";
import type { LeftShed } from "../core/plugin_link.ts";

/** More wait for a host only where none ever starts: then one more says nothing new. */
const MAX_FILES = 1_000;

/** Leaves one file, whole or not at all. A disk that is full costs the count, and nothing else. */
export function leaveShed(folder: string, left: LeftShed): void {
  try {
    Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
    if ([...Deno.readDirSync(folder)].length >= MAX_FILES) return;
    const path = join(folder, crypto.randomUUID());
    Deno.writeTextFileSync(`${path}.tmp`, JSON.stringify(left), { mode: 0o600 });
    Deno.renameSync(`${path}.tmp`, `${path}.json`);
  } catch {
    // Nobody is told; monitoring is over.
  }
}
