/** Colours, where they are wanted: one function that paints, one that does not. @module */

const CODES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  magenta: [35, 39],
  cyan: [36, 39],
} as const;

export type Style = keyof typeof CODES;

/** Paints `text`; returns it as it is where colours are off. */
export type Paint = (style: Style, text: string) => string;

/** Returns a painter. */
export function painter(color: boolean): Paint {
  if (!color) return (_, text) => text;
  return (style, text) => text === "" ? "" : `\x1b[${CODES[style][0]}m${text}\x1b[${CODES[style][1]}m`;
}
