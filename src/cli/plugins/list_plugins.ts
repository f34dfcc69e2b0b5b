/** What `km plugins` and `km plugins list` print. @module */
import { writeError } from "../terminal.ts";

export const LIST_FLAGS = [{ name: "json", type: "boolean", help: "One JSON object per line" }] as const;

export const LIST_JSON = { name: "name of the plugin" } as const;

/** Prints the table; returns the exit code. */
export function listPlugins(json: boolean): Promise<number> {
  if (!json) writeError('no plugins; "km plugins install <file>" installs one\n');
  return Promise.resolve(0);
}
