/** How the release script refuses. @module */
import { KmError } from "../../src/core/error.ts";

/** The command line, the checkout or a folder is not as it must be: exit code 2. */
export function refusal(message: string, hint: string): KmError {
  return new KmError("usage", message, { hint });
}
