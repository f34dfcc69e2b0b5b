/** Takes the place of `src/config/json_editor.ts` in a bundle, as `packages_bundled.ts` does for the other packages. @module */

/** @see src/config/json_editor.ts */
export async function loadJsonEditor(): Promise<
  Pick<typeof import("jsonc-parser"), "applyEdits" | "modify">
> {
  return await import("jsonc-parser");
}
