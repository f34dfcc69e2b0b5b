/** Which states may be waited for. @module */
import { KmError } from "../../core/error.ts";
import { SESSION_STATES, type SessionState, WAITING_STATES } from "../../core/session.ts";
import { suggest } from "../../core/suggest.ts";

/** It would take a prompt, or waits for a person: nothing more comes of itself. */
export const WORKS_NO_MORE: readonly SessionState[] = ["idle", ...WAITING_STATES];

/** Reads states with commas between. @throws {KmError} usage */
export function statesOf(text: string): SessionState[] {
  return text.split(",").map((word) => {
    const state = SESSION_STATES.find((state) => state === word.trim());
    if (state !== undefined) return state;
    const near = suggest(word.trim(), SESSION_STATES);
    throw new KmError("usage", `"${word}" is no state of a session (--for)`, {
      hint: near === undefined ? `one of: ${SESSION_STATES.join(", ")}` : `did you mean "${near}"?`,
    });
  });
}
