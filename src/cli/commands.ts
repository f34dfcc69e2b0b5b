/** Every command of km, in the order that help shows them. Nothing is loaded before it is asked for. @module */

import type { Command } from "./command.ts";

type Loader = () => Promise<{ readonly command: Command }>;

/** Commands by heading of `km --help`. */
export const COMMAND_GROUPS: Readonly<Record<string, Readonly<Record<string, Loader>>>> = {
  "Record": {
    monitor: () => import("./commands/monitor.ts"),
    demo: () => import("./commands/demo.ts"),
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
export function commandNames(): string[] {
  return Object.values(COMMAND_GROUPS).flatMap((group) => Object.keys(group));
}

/** Loads the command called `name`; undefined when there is none. */
export async function loadCommand(name: string): Promise<Command | undefined> {
  for (const group of Object.values(COMMAND_GROUPS)) {
    const load = Object.hasOwn(group, name) ? group[name] : undefined;
    if (load) return (await load()).command;
  }
  return undefined;
}
