/** How the release script refuses: the codes of km's errors, for a script. @module */
import { KmError } from "../../src/core/error.ts";

/** The command line is wrong: exit code 2. */
export function wrongUsage(message: string, hint: string): KmError {
  return new KmError("usage", message, { hint });
}

/** Something about the checkout or a folder must be put right first: exit code 1, as of a failed check. */
export function notNow(message: string, hint: string): KmError {
  return new KmError("internal", message, { hint });
}
