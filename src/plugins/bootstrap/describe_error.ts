/** What was thrown, as text. @module */
import { MAX_REASON_CHARACTERS } from "../../../proto/limits.ts";
import { cut } from "../../../plugins/sdk/context.ts";

/** Never throws: what is thrown may be anything, even something that throws when it is looked at. */
export function describeError(thrown: unknown): string {
  try {
    const text = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
    return cut(text, MAX_REASON_CHARACTERS);
  } catch {
    return "something that cannot be shown was thrown";
  }
}
