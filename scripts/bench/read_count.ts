/** Flags of the benches that count something. @module */

/** Reads a whole number above 0. @throws when `text` is none */
export function readCount(flag: string, text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw new Error(`Cannot read ${flag} "${text}": it is not a whole number above 0`);
}
