/** SHA256SUMS, in the form of `sha256sum`: 64 hex digits, two spaces, a file name. @module */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

/** The file that lists all others. */
export const CHECKSUMS = "SHA256SUMS";

/** SHA-256 of a file in hex, read in pieces. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(path)) hash.update(piece);
  return hash.digest("hex");
}

/** Writes the text for `sums`: hash by file name. */
export function checksumsText(sums: ReadonlyMap<string, string>): string {
  return [...sums].sort(([a], [b]) => a < b ? -1 : 1).map(([name, sum]) => `${sum}  ${name}\n`).join("");
}

/** Reads such a text. @throws {TypeError} when a line is not one, or names something outside of the folder */
export function readChecksums(text: string): Map<string, string> {
  const lines = text.split("\n").filter((line) => line !== "");
  return new Map(lines.map((line) => {
    const [, sum, name] = /^([0-9a-f]{64}) {2}([A-Za-z0-9][A-Za-z0-9._+-]*)$/.exec(line) ?? [];
    if (sum === undefined || name === undefined) throw new TypeError(`"${line}" is no line of ${CHECKSUMS}`);
    return [name, sum];
  }));
}
