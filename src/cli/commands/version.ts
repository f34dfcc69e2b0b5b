/** `km --version`. @module */

import manifest from "../../../deno.json" with { type: "json" };
import { write } from "../terminal.ts";

/** km's version, from its manifest. */
export const VERSION: string = manifest.version;

/** Prints the version on stdout and returns the exit code. */
export function printVersion(): number {
  write(`km ${VERSION}\n`);
  return 0;
}
