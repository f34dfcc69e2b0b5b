/** `km completions bash|zsh|fish`: a script for the shell, made from the records of commands and flags. @module */

import { command as defineCommand } from "../command.ts";
import { loadCommands } from "../commands.ts";
import { type CompletedCommand, withSubcommands } from "../completions/completed_command.ts";
import { bashCompletions } from "../completions/bash.ts";
import { fishCompletions } from "../completions/fish.ts";
import { zshCompletions } from "../completions/zsh.ts";
import { write } from "../terminal.ts";

const SHELLS: Readonly<Record<string, (commands: readonly CompletedCommand[]) => string>> = {
  bash: bashCompletions,
  zsh: zshCompletions,
  fish: fishCompletions,
};

export const command = defineCommand({
  name: "completions",
  summary: "Print a completion script for your shell",
  usage: "bash|zsh|fish",
  words: [1, 1],
  wordChoices: Object.keys(SHELLS),
  flags: [],
  examples: [
    [
      "mkdir -p ~/.local/share/bash-completion/completions && km completions bash > ~/.local/share/bash-completion/completions/km",
      "bash",
    ],
    ['km completions zsh > "${fpath[1]}/_km"', "zsh"],
    [
      "mkdir -p ~/.config/fish/completions && km completions fish > ~/.config/fish/completions/km.fish",
      "fish",
    ],
  ],
  async run(_flags, [shell = ""]) {
    const commands = await Promise.all((await loadCommands()).map(withSubcommands));
    const make = SHELLS[shell];
    if (make) write(make(commands));
    return 0;
  },
});
