/** Help text, made from the records of commands and flags. @module */

import { settingOf } from "../config/settings.ts";
import { type Command, type Flag, HELP_FLAG } from "./command.ts";
import { COMMAND_GROUPS, loadCommand } from "./commands.ts";
import { type Paint, painter } from "../core/paint.ts";
import { stdoutTerminal, type Terminal, writeLines } from "./terminal.ts";

/** Help is not set wider than this, in columns: longer lines are hard to read. */
const MAX_COLUMNS = 100;

/** Prints the help of one command; returns the exit code. */
export function printHelp(command: Command): number {
  writeLines(commandHelp(command, stdoutTerminal()));
  return 0;
}

/** Prints the list of all commands; returns the exit code. */
export async function printOverview(): Promise<number> {
  writeLines(await overview(stdoutTerminal()));
  return 0;
}

/** Lines of `km <command> --help`. */
export function commandHelp(command: Command, terminal: Terminal): string[] {
  const paint = painter(terminal.color);
  const columns = Math.min(terminal.columns, MAX_COLUMNS);
  const usage = ["km", command.name, command.flags.length > 0 ? "[flags]" : "", command.usage ?? ""];
  const lines = [`${command.summary}.`, "", `${paint("bold", "Usage:")} ${usage.filter(Boolean).join(" ")}`];
  if (command.details) lines.push("", ...wrap(command.details, columns));
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
  for (const [heading, group] of Object.entries(COMMAND_GROUPS)) {
    const commands = await Promise.all(Object.keys(group).map(loadCommand));
    const entries = commands.flatMap((command) => command ? [[command.name, command.summary] as const] : []);
    lines.push("", paint("bold", `${heading}:`), ...definitions(entries, columns, paint, 12));
  }
  lines.push(
    "",
    ...wrap(`"km <command> --help" says more about one. "km --version" prints the version.`, columns),
    ...wrap("New here? Try: km demo", columns),
  );
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
  const byDefault = setting?.default ?? (flag.type === "boolean" ? undefined : flag.default);
  const notes = [
    flag.type === "choice" && flag.choices.join("|").length > 24 ? `one of ${flag.choices.join(", ")}` : "",
    byDefault === undefined ? "" : `default ${byDefault}`,
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
