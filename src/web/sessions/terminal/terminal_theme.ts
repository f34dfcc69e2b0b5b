/** How terminals look: dark in both schemes, since programs choose their colours for a dark ground. @module */
import type { ITheme } from "@xterm/xterm";

export const THEME: ITheme = {
  background: "#0e1116",
  foreground: "#dde3ea",
  cursor: "#4fd3b6",
  cursorAccent: "#0e1116",
  selectionBackground: "#2f5c86",
  selectionInactiveBackground: "#2b3a4a",
  scrollbarSliderBackground: "#67717f66",
  scrollbarSliderHoverBackground: "#67717f99",
  scrollbarSliderActiveBackground: "#67717fcc",
  black: "#1c2128",
  red: "#ff7b72",
  green: "#63d491",
  yellow: "#f0b955",
  blue: "#79b0ff",
  magenta: "#d2a3ff",
  cyan: "#4fd3d6",
  white: "#c5ccd4",
  brightBlack: "#76818e",
  brightRed: "#ffa198",
  brightGreen: "#8be9ae",
  brightYellow: "#ffd580",
  brightBlue: "#a5cbff",
  brightMagenta: "#e2c5ff",
  brightCyan: "#86ebe8",
  brightWhite: "#ffffff",
};

/** What is found is marked with these. */
export const FOUND = {
  matchBackground: "#4a3a10",
  matchOverviewRuler: "#f0b955",
  activeMatchBackground: "#9a6a00",
  activeMatchColorOverviewRuler: "#ffd580",
} as const;

export const FONT = 'ui-monospace, "SF Mono", "Cascadia Code", "JetBrains Mono", Menlo, Consolas, ' +
  '"DejaVu Sans Mono", monospace';
