/** Every command of km, in the order that help shows them. Nothing is loaded before it is asked for. @module */

import { suggest } from "../core/suggest.ts";
import { KmError } from "../core/error.ts";
import type { Command, CommandGroups, Loader } from "./command.ts";

/** Commands by heading of `km --help`. */
export const COMMAND_GROUPS: CommandGroups = {
  "Record": {
    monitor: () => import("./commands/monitor.ts"),
    demo: () => import("./commands/demo.ts"),
  },
  "Sessions": {
    run: () => import("./commands/run.ts"),
    sessions: () => import("./commands/sessions.ts"),
    tasks: () => import("./commands/tasks.ts"),
  },
  "Read": {
    events: () => import("./commands/events.ts"),
    calls: () => import("./commands/calls.ts"),
    show: () => import("./commands/show.ts"),
    stats: () => import("./commands/stats.ts"),
    export: () => import("./commands/export.ts"),
  },
  "Serve": {
    serve: () => import("./commands/serve.ts"),
    status: () => import("./commands/status.ts"),
    stop: () => import("./commands/stop.ts"),
    logs: () => import("./commands/logs.ts"),
    service: () => import("./commands/service.ts"),
    open: () => import("./commands/open.ts"),
    keys: () => import("./commands/keys.ts"),
  },
  "Extend": {
    plugins: () => import("./commands/plugins.ts"),
  },
  "Look after": {
    config: () => import("./commands/config.ts"),
    prune: () => import("./commands/prune.ts"),
    doctor: () => import("./commands/doctor.ts"),
    update: () => import("./commands/update.ts"),
    completions: () => import("./commands/completions.ts"),
    help: () => import("./commands/help.ts"),
  },
};

/** Names of all commands. */
export function commandNames(groups: CommandGroups = COMMAND_GROUPS): string[] {
  return Object.values(groups).flatMap((group) => Object.keys(group));
}

/** Loads the command called `name`; undefined when there is none. */
export async function loadCommand(
  name: string,
  groups: CommandGroups = COMMAND_GROUPS,
): Promise<Command | undefined> {
  return (await loaderOf(name, groups)?.())?.command;
}

/** Loads all commands of `groups`, in their order. */
export async function loadCommands(groups: CommandGroups = COMMAND_GROUPS): Promise<Command[]> {
  const loaders = Object.values(groups).flatMap((group) => Object.values(group));
  return (await Promise.all(loaders.map((load) => load()))).map(({ command }) => command);
}

/**
 * Goes from `command` down to the command below it that `argv` begins with. What is left of `argv` is that one's.
 * @throws {KmError} usage for a word that names none
 */
export async function descend(
  command: Command,
  argv: readonly string[],
): Promise<{ readonly command: Command; readonly argv: readonly string[] }> {
  const [word, ...rest] = argv;
  if (command.subcommands === undefined || word === undefined || word.startsWith("-")) {
    return { command, argv };
  }
  const internal = command.internal ?? {};
  const load = Object.hasOwn(internal, word) ? internal[word] : loaderOf(word, command.subcommands);
  if (load === undefined) throw unknownSubcommand(command, word, commandNames(command.subcommands));
  return await descend((await load()).command, rest);
}

function loaderOf(name: string, groups: CommandGroups): Loader | undefined {
  for (const group of Object.values(groups)) if (Object.hasOwn(group, name)) return group[name];
  return undefined;
}

function unknownSubcommand(command: Command, word: string, names: readonly string[]): KmError {
  const near = suggest(word, names);
  return new KmError("usage", `Cannot "km ${command.name} ${word}": unknown word "${word}"`, {
    hint: near ? `did you mean "${near}"?` : `one of: ${names.join(", ")}`,
  });
}

/** The last word of a command's name: how it is called among its neighbours. */
export function lastWord({ name }: Command): string {
  return name.slice(name.lastIndexOf(" ") + 1);
}
