/** Fills the templates `install.sh` and `install.ps1`: where a release lies, and whose signatures prove it. @module */
import type { ReleaseKey } from "../../src/update/release_key.ts";

/** What an installer is filled with. */
export interface InstallerStamp {
  /** Folder of the manifests, without a slash at its end. */
  readonly baseUrl: string;
  readonly releaseKeys: readonly ReleaseKey[];
}

/**
 * Fills an installer. Both languages quote with apostrophes here, so nothing that could end the quotes may come in.
 * @throws {TypeError} when a value is not one, or a placeholder is missing or stands there twice
 */
export function stampInstaller(text: string, { baseUrl, releaseKeys }: InstallerStamp): string {
  if (!/^https?:\/\/[A-Za-z0-9._~:/[\]@%+-]+$/.test(baseUrl) || baseUrl.endsWith("/")) {
    throw new TypeError(`"${baseUrl}" is no address of a folder, without a slash at its end`);
  }
  const keys = releaseKeys.map(({ id, publicKey }) => `${id}:${publicKey}`).join(" ");
  if (!/^[0-9a-f]{16}:[A-Za-z0-9+/]{43}=( [0-9a-f]{16}:[A-Za-z0-9+/]{43}=)*$/.test(keys)) {
    throw new TypeError(`"${keys}" are no release keys`);
  }
  return fill(fill(text, "'@KM_BASE_URL@'", `'${baseUrl}'`), "'@KM_RELEASE_KEYS@'", `'${keys}'`);
}

/** The assignment alone is filled: the script may name the placeholder elsewhere, to see whether it is still the template. */
function fill(text: string, placeholder: string, value: string): string {
  const lines = text.split("\n");
  const isAssignment = (line: string) => /^\s*[$\w]+\s*=\s*'/.test(line) && line.includes(placeholder);
  const found = lines.filter(isAssignment).length;
  if (found !== 1) throw new TypeError(`${placeholder} is assigned ${found} times, not once`);
  return lines.map((line) => isAssignment(line) ? line.replace(placeholder, () => value) : line).join("\n");
}
