/** `km completions bash|zsh|fish`: a script for the shell, made from the records of commands and flags. @module */

import type { Command } from "../command.ts";
import { command as defineCommand } from "../command.ts";
import { commandNames, loadCommand } from "../commands.ts";
import { bashCompletions } from "../completions/bash.ts";
import { fishCompletions } from "../completions/fish.ts";
import { zshCompletions } from "../completions/zsh.ts";
import { write } from "../terminal.ts";

const SHELLS: Readonly<Record<string, (commands: readonly Command[]) => string>> = {
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
    const commands = await Promise.all(commandNames().map(loadCommand));
    const make = SHELLS[shell];
    if (make) write(make(commands.filter((command) => command !== undefined)));
    return 0;
  },
});
