/** Where the command line comes in: finds the command, runs it, turns every failure into a message and an exit code. @module */

import { undoNodeShim } from "../config/node_shim.ts";
import { KmError } from "../core/error.ts";
import { suggest } from "../core/suggest.ts";
import { commandNames, descend, loadCommand } from "./commands.ts";
import { parseFlags } from "./flags.ts";
import { reportError } from "./report_error.ts";

/** Runs `km <argv…>` and returns the exit code. Never throws. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    undoNodeShim();
    return await dispatch(argv);
  } catch (error) {
    return reportError(error);
  }
}

async function dispatch(argv: readonly string[]): Promise<number> {
  const [first, ...rest] = argv;
  if (first === undefined || first === "--help" || first === "-h") return await runCommand("help", []);
  if (first === "--version" || first === "-V") return (await import("./commands/version.ts")).printVersion();
  if (first === "--") return await runCommand("monitor", argv);
  if (commandNames().includes(first)) return await runCommand(first, rest);
  if (first.startsWith("-")) throw unknownGlobalFlag(first);
  await refuseTypo(first);
  return await runCommand("monitor", ["--", ...argv]);
}

async function runCommand(name: string, argv: readonly string[]): Promise<number> {
  const first = await loadCommand(name);
  if (!first) throw new TypeError(`no command "${name}"`);
  const { command, argv: rest } = await descend(first, argv);
  const { flags, words, help } = parseFlags(command, rest);
  if (help) return (await import("./help.ts")).printHelp(command);
  return await command.run(flags, words);
}

/** A word that is nearly a command and no program on PATH is a typo, not a server. @throws {KmError} usage */
async function refuseTypo(word: string): Promise<void> {
  const near = suggest(word, commandNames());
  if (near === undefined) return;
  const { findProgram } = await import("./find_program.ts");
  if (findProgram(word) !== undefined) return;
  throw new KmError("usage", `Unknown command "${word}"`, { hint: `did you mean "${near}"?` });
}

function unknownGlobalFlag(flag: string): KmError {
  return new KmError("usage", `Unknown flag "${flag}"`, {
    hint: `flags follow a command: "km monitor ${flag} … -- <command>"; see "km --help"`,
  });
}
