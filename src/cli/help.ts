/** Help text, made from the records of commands and flags. @module */

import { settingOf } from "../config/settings.ts";
import { type Command, type CommandGroups, type Flag, HELP_FLAG } from "./command.ts";
import { COMMAND_GROUPS, lastWord, loadCommands } from "./commands.ts";
import { type Paint, painter } from "../core/paint.ts";
import { stdoutTerminal, type Terminal, writeLines } from "./terminal.ts";

/** Help is not set wider than this, in columns: longer lines are hard to read. */
const MAX_COLUMNS = 100;

/** Prints the help of one command; returns the exit code. */
export async function printHelp(command: Command): Promise<number> {
  writeLines(await commandHelp(command, stdoutTerminal()));
  return 0;
}

/** Prints the list of all commands; returns the exit code. */
export async function printOverview(): Promise<number> {
  writeLines(await overview(stdoutTerminal()));
  return 0;
}

/** Lines of `km <command> --help`. */
export async function commandHelp(command: Command, terminal: Terminal): Promise<string[]> {
  const paint = painter(terminal.color);
  const columns = Math.min(terminal.columns, MAX_COLUMNS);
  const lines = [`${command.summary}.`, "", `${paint("bold", "Usage:")} ${usageLine(command)}`];
  if (command.details) lines.push("", ...wrap(command.details, columns));
  if (command.subcommands) lines.push(...await listed(command.subcommands, columns, paint));
  const flags = [...command.flags, HELP_FLAG];
  lines.push(
    "",
    paint("bold", "Flags:"),
    ...definitions(flags.map((flag) => [flagLabel(flag), flagHelp(flag)]), columns, paint),
  );
  if (command.examples.length > 0) {
    lines.push("", paint("bold", "Examples:"));
    for (const [typed, does] of command.examples) lines.push(`  ${paint("dim", `# ${does}`)}`, `  ${typed}`);
  }
  if (command.json) {
    lines.push(
      "",
      paint("bold", "Fields of --json:"),
      ...definitions(Object.entries(command.json), columns, paint),
    );
  }
  return lines;
}

/** Lines of `km --help`. */
export async function overview(terminal: Terminal): Promise<string[]> {
  const paint = painter(terminal.color);
  const columns = Math.min(terminal.columns, MAX_COLUMNS);
  const lines = [
    "km records what passes between an AI tool and its MCP servers.",
    "",
    `${paint("bold", "Usage:")} km <command> [flags]`,
    "       km <server command…>         the same as km monitor -- <server command…>",
  ];
  lines.push(...await listed(COMMAND_GROUPS, columns, paint));
  lines.push(
    "",
    ...wrap(`"km <command> --help" says more about one. "km --version" prints the version.`, columns),
    ...wrap("New here? Try: km demo", columns),
  );
  return lines;
}

/** `km events [flags]`, with what follows the flags. */
export function usageLine(command: Command): string {
  return ["km", command.name, command.flags.length > 0 ? "[flags]" : "", command.usage ?? ""]
    .filter(Boolean).join(" ");
}

/** Commands with their summaries, below their headings. */
async function listed(groups: CommandGroups, columns: number, paint: Paint): Promise<string[]> {
  const lines: string[] = [];
  for (const [heading, group] of Object.entries(groups)) {
    const commands = await loadCommands({ [heading]: group });
    if (commands.length === 0) continue;
    const entries = commands.map((command) => [lastWord(command), command.summary] as const);
    lines.push("", paint("bold", `${heading}:`), ...definitions(entries, columns, paint, 12));
  }
  return lines;
}

/** `-n, --limit <n>`. */
export function flagLabel(flag: Flag): string {
  const short = flag.short ? `-${flag.short}, ` : "";
  return `${short}--${flag.name}${flag.type === "boolean" ? "" : ` <${placeholder(flag)}>`}`;
}

function placeholder(flag: Exclude<Flag, { type: "boolean" }>): string {
  if (flag.type === "choice") return flag.choices.join("|").length <= 24 ? flag.choices.join("|") : flag.name;
  return flag.placeholder ?? (flag.type === "number" ? "n" : flag.type === "string" ? flag.name : flag.type);
}

/** The help of a flag with its choices, default and environment variable. */
export function flagHelp(flag: Flag): string {
  const setting = flag.setting === undefined ? undefined : settingOf(flag.setting);
  const byDefault = setting?.default ??
    (flag.type === "boolean" || flag.type === "list" ? undefined : flag.default);
  const notes = [
    flag.type === "choice" && flag.choices.join("|").length > 24 ? `one of ${flag.choices.join(", ")}` : "",
    byDefault === undefined ? "" : `default ${byDefault}`,
    flag.type === "list" ? "may be given several times" : "",
    setting?.env ?? flag.env ?? "",
  ].filter(Boolean);
  return notes.length === 0 ? flag.help : `${flag.help} (${notes.join("; ")})`;
}

/** Two columns: term and meaning; the meaning is wrapped beside its term, or below it where there is no room. */
function definitions(
  entries: readonly (readonly [string, string])[],
  columns: number,
  paint: Paint,
  leastWidth = 0,
): string[] {
  const width = Math.min(Math.max(leastWidth, ...entries.map(([term]) => term.length)), 28);
  return entries.flatMap(([term, meaning]) => {
    const indent = " ".repeat(width + 4);
    const wrapped = wrap(meaning, Math.max(20, columns - indent.length));
    const head = `  ${paint("cyan", term)}`;
    if (term.length > width) return [head, ...wrapped.map((line) => indent + line)];
    const first = `${head}${" ".repeat(width - term.length + 2)}${wrapped[0] ?? ""}`;
    return [first, ...wrapped.slice(1).map((line) => indent + line)];
  });
}

/** Breaks `text` into lines of at most `columns` columns at spaces; its own line ends stay. */
export function wrap(text: string, columns: number): string[] {
  return text.split("\n").flatMap((paragraph) => {
    const lines: string[] = [];
    let line = "";
    for (const word of paragraph.split(" ")) {
      if (line !== "" && line.length + 1 + word.length > columns) {
        lines.push(line);
        line = word;
      } else {
        line = line === "" ? word : `${line} ${word}`;
      }
    }
    return [...lines, line];
  });
}
