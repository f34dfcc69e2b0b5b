/** A command as completions see it: with those below it loaded. @module */
import type { Command } from "../command.ts";
import { loadCommands } from "../commands.ts";

/** `below`: its subcommands; no shell's completions go deeper. */
export interface CompletedCommand extends Command {
  readonly below: readonly Command[];
}

/** Loads what is below `command`. */
export async function withSubcommands(command: Command): Promise<CompletedCommand> {
  return { ...command, below: command.subcommands ? await loadCommands(command.subcommands) : [] };
}
