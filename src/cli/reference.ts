/** The reference of all commands as Markdown, made from their records: COMMANDS.md. @module */

import { SETTINGS } from "../config/settings.ts";
import { VARIABLES } from "../config/variables.ts";
import { type Command, HELP_FLAG } from "./command.ts";
import { loadCommands } from "./commands.ts";
import { flagHelp, flagLabel, usageLine } from "./help.ts";

/** Returns the text of COMMANDS.md. */
export async function reference(): Promise<string> {
  const commands = await withSubcommands(await loadCommands());
  return [
    "# Commands",
    "",
    "Made from the commands' own records by `deno run -A scripts/reference.ts`; do not edit. Flags, settings and the fields of",
    "`--json` are a stable contract: they are added to, never renamed.",
    "",
    ...commands.flatMap(section),
    ...settings(),
    ...variables(),
  ].join("\n");
}

/** Each command, followed by those below it. */
async function withSubcommands(commands: readonly Command[]): Promise<Command[]> {
  const all: Command[] = [];
  for (const command of commands) {
    const below = command.subcommands ? await withSubcommands(await loadCommands(command.subcommands)) : [];
    all.push(command, ...below);
  }
  return all;
}

function section(command: Command): string[] {
  return [
    `## km ${command.name}`,
    "",
    `${command.summary}.${command.details ? ` ${escape(command.details)}` : ""}`,
    "",
    "```",
    usageLine(command),
    "",
    ...command.examples.map(([typed, does]) => `# ${does}\n${typed}`),
    "```",
    "",
    ...table(
      ["flag", ""],
      [...command.flags, HELP_FLAG].map((flag) => [`\`${flagLabel(flag)}\``, flagHelp(flag)]),
    ),
    ...(command.json
      ? table(
        ["field of --json", ""],
        Object.entries(command.json).map(([name, what]) => [`\`${name}\``, what]),
      )
      : []),
  ];
}

function settings(): string[] {
  return [
    "## Settings",
    "",
    "A flag comes before the environment, the environment before `config.jsonc` in `KM_HOME`, the file before the default.",
    "",
    ...table(
      ["setting", "default", "environment", ""],
      SETTINGS.map(({ key, default: value, env, help }) => [`\`${key}\``, value, `\`${env}\``, help]),
    ),
  ];
}

function variables(): string[] {
  return [
    "## Environment",
    "",
    "Beside the variables of settings:",
    "",
    ...table(["variable", ""], VARIABLES.map(({ name, help }) => [`\`${name}\``, help])),
  ];
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(titles), line(titles.map(() => "---")), ...rows.map((row) => line(row.map(escape))), ""];
}

/** A `|` would end a cell, and `<id>` would vanish as a tag; inside code both are safe but for the `|`. */
function escape(text: string): string {
  const safe = text.replaceAll("|", "\\|");
  return safe.startsWith("`") ? safe : safe.replaceAll("<", "&lt;");
}
