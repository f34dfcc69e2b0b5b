/**
 * The package that edits JSON with comments. Named by a variable and not by a literal: Deno downloads what a literal import names before it
 * runs anything, `km monitor` in a client among it. In a built km another file takes the place of this one (`scripts/build/bundle.ts`).
 * @module
 */

const EDITOR: string = "jsonc-parser";

/** What of it `config_edit.ts` uses. */
export async function loadJsonEditor(): Promise<
  Pick<typeof import("jsonc-parser"), "applyEdits" | "modify">
> {
  // deno-lint-ignore rooms/direction -- a package, not a room
  return await import(EDITOR);
}
