/** Names are in lists, logs and messages, as they are: nobody looks there for a secret. @module */
import { KmError } from "../core/error.ts";
import { redactText } from "../core/redact.ts";

/** `what` could not be done. @throws {KmError} usage, without the secret */
export function refuseSecret(what: string, word: string): void {
  if (redactText(word) === word) return;
  throw new KmError("usage", `Cannot ${what}: it holds a secret`, {
    hint: "it would stand in lists and logs; choose another one",
  });
}
