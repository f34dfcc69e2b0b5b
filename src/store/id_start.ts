/** Sessions and tasks by the beginning of an id. @module */
import { KmError } from "../core/error.ts";
import { hexToBytes } from "./codes.ts";
import { cutLine, SESSION_LIMITS } from "./session_limits.ts";

/** Shortest beginning that stands for an id, in hex digits: what is shorter may be a mistyped number or name. */
const LEAST_DIGITS = 6;
const ID_DIGITS = 32;

/**
 * Returns the one row whose id begins with `ref`, none when `ref` begins no id.
 * `read`: the first two rows whose ids lie between both, which included.
 * @throws {KmError} ambiguous when several begin so, or `ref` is too short to tell
 */
export function byIdStart<Row>(
  what: "session" | "task",
  ref: string,
  read: (first: Uint8Array, last: Uint8Array) => readonly Row[],
): Row | undefined {
  const digits = ref.replaceAll("-", "");
  if (!/^[0-9a-f]+$/i.test(digits) || digits.length > ID_DIGITS) return undefined;
  const ends = ["0", "f"].map((digit) => hexToBytes(digits.padEnd(ID_DIGITS, digit), ID_DIGITS / 2));
  const [row, other] = read(...ends as [Uint8Array, Uint8Array]); // as: one for each digit
  if (row === undefined || (other === undefined && digits.length >= LEAST_DIGITS)) return row;
  const why = other === undefined
    ? `an id begins so, and at least ${LEAST_DIGITS} of its digits are needed`
    : "several ids begin so";
  const called = cutLine(ref, SESSION_LIMITS.nameChars);
  throw new KmError("ambiguous", `Cannot find ${what} "${called}": ${why}`, {
    hint:
      `give more of the id (at least ${LEAST_DIGITS} digits), or the number that "km ${what}s list" shows`,
  });
}
