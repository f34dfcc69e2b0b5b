/** Commands below `km plugins`, in the order that help shows them. Nothing is loaded before it is asked for. @module */
import type { CommandGroups, Loader } from "../command.ts";
import { AUTHOR_COMMANDS } from "./author/author_commands.ts";

/** By heading of `km plugins --help`. */
export const PLUGIN_COMMANDS: CommandGroups = {
  "Look": {
    list: () => import("./list.ts"),
    status: () => import("./status.ts"),
    info: () => import("./info.ts"),
    logs: () => import("./logs.ts"),
    doctor: () => import("./doctor.ts"),
  },
  "Install": {
    install: () => import("./install.ts"),
    remove: () => import("./remove.ts"),
    enable: () => import("./enable.ts"),
    disable: () => import("./disable.ts"),
    grant: () => import("./grant.ts"),
    revoke: () => import("./revoke.ts"),
    refresh: () => import("./refresh.ts"),
  },
  "Licence": {
    licence: () => import("./licence_command.ts"),
    login: () => import("./login.ts"),
    logout: () => import("./logout.ts"),
  },
  "Write your own": AUTHOR_COMMANDS,
};

/** Commands that are not for people: the process that plugins are children of, and what completions ask. */
export const INTERNAL_COMMANDS: Readonly<Record<string, Loader>> = {
  host: () => import("./host_command.ts"),
  names: () => import("./names.ts"),
};
