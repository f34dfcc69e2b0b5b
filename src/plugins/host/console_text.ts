/** Lines of plugins for a terminal: colours are let through, and nothing else that would steer it. @module */
import { printable } from "../../core/printable.ts";

// Select Graphic Rendition alone: colours, bold. deno-lint would have it that no expression holds an escape.
// deno-lint-ignore no-control-regex
const SGR = /\x1b\[[0-9;]{0,32}m/;
const MAX_CHARS = 4096;

/** What a plugin wants shown, as lines behind its name; `color`: whether the terminal shows colours. */
export function consoleText(plugin: string, text: string, color: boolean): string {
  const lines = text.slice(0, MAX_CHARS).replace(/\n+$/, "").split("\n");
  return lines.map((line) => `${plugin}: ${safeLine(line, color)}\n`).join("");
}

function safeLine(line: string, color: boolean): string {
  const pieces = line.split(new RegExp(`(${SGR.source})`));
  let colored = false;
  const shown = pieces.map((piece) => {
    if (!SGR.test(piece) || printable(piece) === piece) return printable(piece);
    colored ||= color;
    return color ? piece : "";
  });
  return shown.join("") + (colored ? "\x1b[0m" : "");
}
