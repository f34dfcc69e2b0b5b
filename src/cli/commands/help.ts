/** `km help [command]`. @module */

import { command as defineCommand } from "../command.ts";
import { commandNames, loadCommand } from "../commands.ts";
import { printHelp, printOverview } from "../help.ts";

export const command = defineCommand({
  name: "help",
  summary: "Show what km can do, or everything about one command",
  usage: "[command]",
  words: [0, 1],
  wordChoices: commandNames(),
  flags: [],
  examples: [["km help events", "everything about km events"]],
  async run(_flags, [name]) {
    const asked = name === undefined ? undefined : await loadCommand(name);
    return asked ? printHelp(asked) : await printOverview();
  },
});
