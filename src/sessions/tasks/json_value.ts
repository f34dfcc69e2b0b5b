/** JSON of unknown shape, looked into without trust. @module */

/** An object, of which nothing is known. */
export type Json = Readonly<Record<string, unknown>>;

/** The object that `text` is; null: it is none. */
export function parseObject(text: string): Json | null {
  if (!text.trimStart().startsWith("{")) return null;
  try {
    return objectOf(JSON.parse(text));
  } catch {
    return null;
  }
}

export function objectOf(value: unknown): Json | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value as Json : null; // as: that is what was asked
}

export function objectsOf(value: unknown): Json[] {
  return Array.isArray(value) ? value.map(objectOf).filter((item) => item !== null) : [];
}

/** Text that is not empty. */
export function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

/** A number that can be counted with: finite, and not negative. */
export function countOf(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : null;
}

/** The sum of what is known; null: nothing is. */
export function sumOf(...values: unknown[]): number | null {
  const counts = values.map(countOf).filter((count) => count !== null);
  return counts.length === 0 ? null : counts.reduce((sum, count) => sum + count, 0);
}

/** US dollars as millionths, exactly: of what was written, not of what a float made of it. */
export function microUsdOf(value: unknown): number | null {
  const usd = countOf(value);
  if (usd === null) return null;
  const micro = Math.round(Number(`${usd.toFixed(9)}e6`));
  return Number.isSafeInteger(micro) ? micro : null;
}

/** Longest description of a tool use, in characters. */
const MAX_CHARS = 4000;

/** A value in one line, for people. */
export function inBrief(value: unknown, maxChars = MAX_CHARS): string {
  const text = typeof value === "string" ? value : JSON.stringify(value) ?? "";
  return text.length <= maxChars ? text : `${text.slice(0, maxChars).toWellFormed()}…`;
}
