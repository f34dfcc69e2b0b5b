/** From a compiled plugin to its `.kmpkg`. @module */
import { KmError } from "../../core/error.ts";
import { buildPackage } from "../package/package.ts";
import { MANIFEST_FILES, type Project } from "./project.ts";

/** The unsigned package of a plugin; the same sources make the same bytes. @throws {KmError} usage for a manifest that nobody could install */
export function packProject(
  { manifest, documents }: Project,
  code: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  try {
    return buildPackage({
      manifest,
      code,
      readme: documents["README.md"] ?? null,
      license: documents["LICENSE"] ?? null,
    });
  } catch (error) {
    if (!(error instanceof KmError) || error.code !== "not_trusted") throw error;
    // Whoever reads this is the author: it is not about trust.
    throw new KmError("usage", error.message.replace("Cannot accept", "Cannot pack"), {
      hint: `change ${MANIFEST_FILES[0]}; plugins/README.md says what it may hold`,
      cause: error,
    });
  }
}

/** What a package is called when nobody says. */
export function packageName({ manifest }: Project): string {
  return `${manifest.name}-${manifest.version}.kmpkg`;
}
