/** What `--json` prints: a terminal may see it as well as a program, and strangers wrote what is in it. @module */
import { printableJson } from "../core/printable.ts";

/** `value` as JSON in which nothing steers a terminal or hides: such characters are escaped, and the value is the same. */
export function jsonText(value: unknown): string {
  return printableJson(JSON.stringify(value));
}
