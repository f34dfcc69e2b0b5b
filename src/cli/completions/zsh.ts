/** Completions for zsh. @module */

import { type Command, type Flag, HELP_FLAG } from "../command.ts";

/** Returns the script, for a file called `_km` on fpath or for `source`. */
export function zshCompletions(commands: readonly Command[]): string {
  return `#compdef km
# zsh completion for km
_km() {
  local context state state_descr line
  typeset -A opt_args
  _arguments -C '(- *)'{-h,--help}'[Show this help]' '(- *)'{-V,--version}'[Print the version]' \\
    '1: :->command' '*:: :->rest' && return
  case $state in
    command)
      local -a km_commands=(
${commands.map((command) => `        ${quote(`${command.name}:${command.summary}`)}`).join("\n")}
      )
      _describe -t commands 'km command' km_commands
      _command_names -e ;;
    rest)
      case $line[1] in
${commands.map(commandCase).join("\n")}
        *) _normal ;;
      esac ;;
  esac
}
if [ "$funcstack[1]" = "_km" ]; then _km "$@"; else compdef _km km; fi
`;
}

function commandCase(command: Command): string {
  const specs = [...command.flags, HELP_FLAG].map(flagSpec);
  if (command.passthrough) specs.push("'*:: :_normal'");
  else if (command.wordChoices) specs.push(quote(`1: :(${command.wordChoices.join(" ")})`));
  return `        ${command.name}) _arguments -S ${specs.join(" \\\n          ")} ;;`;
}

function flagSpec(flag: Flag): string {
  const help = flag.help.replace(/[[\]:]/g, "\\$&");
  const value = flag.type === "boolean"
    ? ""
    : flag.type === "choice"
    ? `:${flag.name}:(${flag.choices.join(" ")})`
    : `:${flag.name}:_files`;
  const names = flag.short
    ? `'(-${flag.short} --${flag.name})'{-${flag.short},--${flag.name}}`
    : `--${flag.name}`;
  return names + quote(`[${help}]${value}`);
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
