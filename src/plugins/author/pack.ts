/** From a compiled plugin to its `.kmpkg`. @module */
import { KmError } from "../../core/error.ts";
import type { Manifest } from "../manifest.ts";
import { buildPackage, openPackage } from "../package/package.ts";
import { PROTOCOL_VERSIONS } from "../wire/versions.ts";
import { MANIFEST_FILES, type Project } from "./project.ts";

/** The unsigned package of a plugin; the same sources make the same bytes. @throws {KmError} usage for a manifest that nobody could install */
export function packProject(
  { manifest, documents }: Project,
  code: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  try {
    const bytes = buildPackage({
      manifest,
      code,
      readme: documents["README.md"] ?? null,
      license: documents["LICENSE"] ?? null,
    });
    refuseUseless(openPackage(bytes).manifest, Date.now());
    return bytes;
  } catch (error) {
    if (!(error instanceof KmError) || error.code !== "not_trusted") throw error;
    // Whoever reads this is the author: it is not about trust.
    throw new KmError("usage", error.message.replace("Cannot accept", "Cannot pack"), {
      hint: `change ${MANIFEST_FILES[0]}; plugins/README.md says what it may hold`,
      cause: error,
    });
  }
}

/** A package is also fit for later, and for a newer km; what is refused here could run nowhere that this km knows of. */
function refuseUseless({ protocol, expires }: Manifest, nowMs: number): void {
  if (!protocol.some((version) => PROTOCOL_VERSIONS.includes(version))) {
    throw useless(
      `"protocol" says ${protocol.join(", ")}`,
      `this km speaks ${PROTOCOL_VERSIONS.join(" and ")}; leave "protocol" out for both`,
    );
  }
  if (expires === null || Date.parse(expires) > nowMs) return;
  throw useless(`it expired on ${expires}`, 'set "expires" to a time to come, or leave it out');
}

function useless(state: string, hint: string): KmError {
  return new KmError("usage", `Cannot pack the manifest: ${state}, so nobody could run it`, { hint });
}

/** What a package is called when nobody says. */
export function packageName({ manifest }: Project): string {
  return `${manifest.name}-${manifest.version}.kmpkg`;
}
