/** Takes the place of `src/plugins/sandbox/lexer_package.ts` in a bundle, as `packages_bundled.ts` does for the other packages. @module */

/** @see src/plugins/sandbox/lexer_package.ts */
export async function loadLexer(): Promise<Pick<typeof import("es-module-lexer/minimal"), "init" | "parse">> {
  return await import("es-module-lexer/minimal");
}
