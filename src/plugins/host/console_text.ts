/** Lines of plugins for a terminal, behind the plugin's name. What a plugin may do to a terminal is `printableColored`'s to say. @module */
import { printable } from "../../core/printable.ts";
import { printableColored } from "../../core/printable_colored.ts";

// deno-lint-ignore no-control-regex -- the escape character is what is looked for
const SGR = /\x1b\[[0-9;]{0,40}m/g;
const MAX_CHARS = 4096;

/** What a plugin wants shown, as lines behind its name; `color`: whether the terminal shows colours. */
export function consoleText(plugin: string, text: string, color: boolean): string {
  const lines = text.slice(0, MAX_CHARS).replace(/\n+$/, "").split("\n");
  return lines.map((line) => `${plugin}: ${color ? printableColored(line) : plain(line)}\n`).join("");
}

function plain(line: string): string {
  return printable(line.replace(SGR, ""));
}
