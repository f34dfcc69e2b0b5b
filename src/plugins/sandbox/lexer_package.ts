/**
 * The package that finds imports in code. Named by a variable and not by a literal: Deno downloads what a literal import names before it runs
 * anything, and `km monitor` must start without a network. In a built km another file takes the place of this one (`scripts/build/bundle.ts`).
 * @module
 */

// The smaller build reads JavaScript only. The other one reads TypeScript too, where `import type from "x"` may vanish; in JavaScript it does not.
const LEXER: string = "es-module-lexer/minimal";

/** What of it `lex.ts` uses. */
export async function loadLexer(): Promise<Pick<typeof import("es-module-lexer/minimal"), "init" | "parse">> {
  // deno-lint-ignore rooms/direction -- a package, not a room
  return await import(LEXER);
}
