/** `km help [command]`. @module */

import { KmError } from "../../core/error.ts";
import { command as defineCommand } from "../command.ts";
import { commandNames, descend, loadCommand } from "../commands.ts";
import { printHelp, printOverview } from "../help.ts";

export const command = defineCommand({
  name: "help",
  summary: "Show what km can do, or everything about one command",
  usage: "[command] [subcommand]",
  words: [0, 2],
  wordChoices: commandNames(),
  flags: [],
  examples: [
    ["km help events", "everything about km events"],
    ["km help plugins install", "everything about km plugins install"],
  ],
  async run(_flags, [name, ...words]) {
    const asked = name === undefined ? undefined : await loadCommand(name);
    if (!asked) return await printOverview();
    const { command, argv: [extra] } = await descend(asked, words);
    if (extra === undefined) return await printHelp(command);
    throw new KmError("usage", `"km ${command.name}" has no command "${extra}"`, {
      hint: `see "km ${command.name} --help"`,
    });
  },
});
