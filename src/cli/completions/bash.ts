/** Completions for bash 3.2 and later. @module */

import { type Command, type Flag, HELP_FLAG } from "../command.ts";
import { lastWord } from "../commands.ts";
import type { CompletedCommand } from "./completed_command.ts";

/** Returns the script. After `--` and after a word that is no km command, it completes as the shell itself would. */
export function bashCompletions(commands: readonly CompletedCommand[]): string {
  const names = commands.map((command) => command.name);
  const all = commands.flatMap((command) => [command, ...command.below]);
  return `# bash completion for km
_km() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" command="\${COMP_WORDS[1]}"
  local words="" i
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${[...names, "--help", "--version"].join(" ")}" -- "$current"))
    [ \${#COMPREPLY[@]} -eq 0 ] && COMPREPLY=($(compgen -c -- "$current"))
    return
  fi
  for ((i = 2; i < COMP_CWORD; i++)); do
    if [ "\${COMP_WORDS[i]}" = "--" ]; then
      if ((i + 1 == COMP_CWORD)); then COMPREPLY=($(compgen -c -- "$current")); fi
      return
    fi
  done
${commands.filter(({ below }) => below.length > 0).map(descent).join("")}  case "$command $previous" in
${all.flatMap(flagValues).join("\n")}
  esac
  case "$command" in
${
    commands.flatMap((command) => [
      commandWords(command, command.below),
      ...command.below.map((one) => commandWords(one)),
    ]).join("\n")
  }
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _km km
`;
}

/** From the third word on, the command is the one below. */
function descent({ name, below }: CompletedCommand): string {
  return `  if [ "$command" = ${name} ] && [ "$COMP_CWORD" -gt 2 ]; then
    case "\${COMP_WORDS[2]}" in
      ${below.map(lastWord).join("|")}) command="$command \${COMP_WORDS[2]}" ;;
    esac
  fi
`;
}

/** What may follow a flag that takes a value: its choices, or whatever the shell offers. */
function flagValues(command: Command): string[] {
  return command.flags.filter((flag) => flag.type !== "boolean").map((flag) => {
    const patterns = spellings(flag).map((spelling) => `"${command.name} ${spelling}"`).join("|");
    const words = flag.type === "choice"
      ? `COMPREPLY=($(compgen -W "${flag.choices.join(" ")}" -- "$current")); `
      : "";
    return `    ${patterns}) ${words}return ;;`;
  });
}

function commandWords(command: Command, below: readonly Command[] = []): string {
  const flags = [...command.flags, HELP_FLAG].map((flag) => `--${flag.name}`);
  const words = [
    ...below.map(lastWord),
    ...(command.wordChoices ?? []),
    // What was typed, be it no km on PATH.
    ...(command.wordNames === undefined
      ? []
      : [`$("\${COMP_WORDS[0]}" ${command.wordNames} names 2>/dev/null)`]),
    ...flags,
    ...(command.passthrough ? ["--"] : []),
  ];
  const pattern = command.name.includes(" ") ? `"${command.name}"` : command.name;
  return `    ${pattern}) words="${words.join(" ")}" ;;`;
}

function spellings(flag: Flag): string[] {
  return flag.short ? [`--${flag.name}`, `-${flag.short}`] : [`--${flag.name}`];
}
