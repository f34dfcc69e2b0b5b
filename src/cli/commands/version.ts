/** `km --version`. @module */

import manifest from "../../../deno.json" with { type: "json" };
import { BUILD } from "../build.ts";
import { write } from "../terminal.ts";

/** km's version: what the build says, else its manifest. */
export const VERSION: string = BUILD?.version ?? manifest.version;

/** Prints the version on stdout and returns the exit code. */
export function printVersion(): number {
  write(`km ${VERSION}\n`);
  return 0;
}
