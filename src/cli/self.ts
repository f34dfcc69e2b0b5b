/** How km starts itself once more. @module */
import { installation } from "./installation.ts";

/** The command line that runs `km <args…>`: the single file itself, or this Deno with the same entry point. */
export function selfCommand(...args: string[]): [string, ...string[]] {
  const { kind, file } = installation();
  return kind === "source" ? [Deno.execPath(), "run", "--quiet", "-A", file, ...args] : [file, ...args];
}
