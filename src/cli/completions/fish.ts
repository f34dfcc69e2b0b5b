/** Completions for fish. @module */

import { type Command, type Flag, HELP_FLAG } from "../command.ts";
import { lastWord } from "../commands.ts";
import type { CompletedCommand } from "./completed_command.ts";

/** Returns the script. */
export function fishCompletions(commands: readonly CompletedCommand[]): string {
  const names = commands.map((command) => command.name).join(" ");
  return [
    "# fish completion for km",
    `function __km_needs_command; test (count (commandline -opc)) -eq 1; end`,
    `function __km_uses; set -l words (commandline -opc); test (count $words) -ge 2; and test $words[2] = $argv[1]; and not contains -- -- $words; end`,
    "function __km_uses_below; set -l words (commandline -opc); test (count $words) -ge 3; and test $words[2] = $argv[1]; and test $words[3] = $argv[2]; end",
    "function __km_needs_below; set -l words (commandline -opc); test (count $words) -eq 2; and test $words[2] = $argv[1]; end",
    "function __km_server_command; set -l words (commandline -opc) (commandline -ct); set -l at (contains -i -- -- $words); complete -C (string join ' ' -- $words[(math $at + 1)..-1]); end",
    "complete -c km -n __km_needs_command -s h -l help -d 'Show what km can do'",
    "complete -c km -n __km_needs_command -s V -l version -d 'Print the version'",
    `complete -c km -n 'not __km_needs_command; and contains -- (commandline -opc)[2] ${names}; and not contains -- -- (commandline -opc)' -f`,
    "complete -c km -n __km_needs_command -f -a '(__fish_complete_command)'",
    ...commands.flatMap((command) =>
      command.below.length === 0 ? commandLines(command) : groupLines(command)
    ),
    "",
  ].join("\n");
}

/** Its own flags until a command below is named, then that one's. */
function groupLines(command: CompletedCommand): string[] {
  const needs = `complete -c km -n '__km_needs_below ${command.name}'`;
  return [
    `complete -c km -n __km_needs_command -f -a ${command.name} -d ${quote(command.summary)}`,
    ...[...command.flags, HELP_FLAG].map((flag) => `${needs}${flagOptions(flag)}`),
    ...command.below.flatMap((one) => [
      `${needs} -f -a ${lastWord(one)} -d ${quote(one.summary)}`,
      ...wordAndFlagLines(one, `complete -c km -n '__km_uses_below ${one.name}'`),
    ]),
  ];
}

function commandLines(command: Command): string[] {
  return [
    `complete -c km -n __km_needs_command -f -a ${command.name} -d ${quote(command.summary)}`,
    ...wordAndFlagLines(command, `complete -c km -n '__km_uses ${command.name}'`),
  ];
}

function wordAndFlagLines(command: Command, uses: string): string[] {
  return [
    ...(command.wordChoices ? [`${uses} -f -a ${quote(command.wordChoices.join(" "))}`] : []),
    ...(command.wordNames ? [`${uses} -f -a '(km ${command.wordNames} names 2>/dev/null)'`] : []),
    ...(command.passthrough
      ? [`complete -c km -n 'contains -- -- (commandline -opc)' -f -a '(__km_server_command)'`]
      : []),
    ...[...command.flags, HELP_FLAG].map((flag) => `${uses}${flagOptions(flag)}`),
  ];
}

function flagOptions(flag: Flag): string {
  const short = flag.short ? ` -s ${flag.short}` : "";
  const value = flag.type === "boolean"
    ? ""
    : flag.type === "choice"
    ? ` -x -a ${quote(flag.choices.join(" "))}`
    : " -r";
  return `${short} -l ${flag.name}${value} -d ${quote(flag.help)}`;
}

function quote(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
