/** Completions for zsh. @module */

import { type Command, type Flag, HELP_FLAG } from "../command.ts";
import { lastWord } from "../commands.ts";
import type { CompletedCommand } from "./completed_command.ts";

/** Returns the script, for a file called `_km` on fpath or for `source`. */
export function zshCompletions(commands: readonly CompletedCommand[]): string {
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
${described(commands, "        ")}
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

/** For `_describe`. */
function described(commands: readonly Command[], indent: string): string {
  // What stands behind the first colon that is not escaped is the description.
  return commands.map((command) => indent + quote(`${lastWord(command)}:${command.summary}`)).join("\n");
}

function commandCase(command: CompletedCommand): string {
  return command.below.length === 0 ? leafCase(command) : groupCase(command);
}

/** Its flags until a word of a command below stands there, then that one's. */
function groupCase({ name, flags, below }: CompletedCommand): string {
  const specs = [...flags, HELP_FLAG].map(flagSpec).join(" \\\n          ");
  return `        ${name})
          local -a km_below=(
${described(below, "            ")}
          )
          _arguments -C -S ${specs} \\
          '1: :->below' '*:: :->words' && return
          case $state in
            below) _describe -t commands 'km ${name} command' km_below ;;
            words)
              case $line[1] in
${below.map(leafCase).join("\n")}
              esac ;;
          esac ;;`;
}

function leafCase(command: Command): string {
  const specs = [...command.flags, HELP_FLAG].map(flagSpec);
  if (command.passthrough) specs.push("'*:: :_normal'");
  else if (command.wordChoices) specs.push(quote(`1: :(${command.wordChoices.join(" ")})`));
  if (command.wordNames) {
    specs.push(quote(`1: :{compadd -- \${(f)"$(km ${command.wordNames} names 2>/dev/null)"}}`));
  }
  return `        ${lastWord(command)}) _arguments -S ${specs.join(" \\\n          ")} ;;`;
}

function flagSpec(flag: Flag): string {
  const help = flag.help.replace(/[[\]:]/g, "\\$&");
  const value = flag.type === "boolean"
    ? ""
    : flag.type === "choice"
    ? `:${flag.name}:(${flag.choices.join(" ")})`
    : `:${flag.name}:_files`;
  // Without the star, zsh offers a flag once.
  const names = flag.type === "list"
    ? `'*'--${flag.name}`
    : flag.short
    ? `'(-${flag.short} --${flag.name})'{-${flag.short},--${flag.name}}`
    : `--${flag.name}`;
  return names + quote(`[${help}]${value}`);
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
