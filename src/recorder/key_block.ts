/** A private key that a server prints to stderr comes line by line: each line of it is a secret. @module */

/** Longest key in lines of 64 characters: RSA 16384 has 197. */
const MAX_LINES = 250;
const BEGIN = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY/;
const BODY = /^[\w+/=:;,. \t[\]()-]*$/;

/** What is shown in the place of such a line. */
export const HIDDEN_KEY_LINE: Uint8Array = new TextEncoder().encode("[redacted:private-key]");

/** Follows the lines of one log. */
export class KeyBlock {
  #linesLeft = 0;

  /** True when this line is part of a private key that began on an earlier one. */
  covers(line: string): boolean {
    if (this.#linesLeft > 0) {
      const ends = line.includes("-----END ");
      const covered = ends || BODY.test(line);
      this.#linesLeft = ends || !covered ? 0 : this.#linesLeft - 1;
      if (covered) return true;
    }
    if (BEGIN.test(line) && !line.includes("-----END ")) this.#linesLeft = MAX_LINES;
    return false;
  }
}
