/** `km sessions screen`: what a session shows. @module */
import { command as defineCommand } from "../command.ts";

export const command = defineCommand({
  name: "sessions screen",
  summary: "Print what a session shows",
  usage: "<session>",
  words: [1, 1],
  wordNames: "sessions",
  flags: [
    { name: "ansi", type: "boolean", help: "With colours, as escape sequences" },
    {
      name: "cells",
      type: "boolean",
      help: "As JSON, cell by cell: text with its look, the cursor, the size",
    },
    { name: "scrollback", type: "boolean", help: "With the lines above the screen; as text" },
  ],
  examples: [
    ["km sessions wait 3 && km sessions screen 3", "what it shows once it is idle"],
    ["km sessions screen 3 --scrollback | less", "with the lines above"],
  ],
  async run(flags, [ref = ""]) {
    const { printScreen } = await import("./print_screen.ts");
    return await printScreen(ref, flags);
  },
});
