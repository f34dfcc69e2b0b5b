/** Commands below `km sessions`, in the order that help shows them. Nothing is loaded before it is asked for. @module */
import type { CommandGroups, Loader } from "../command.ts";

/** By heading of `km sessions --help`. */
export const SESSION_COMMANDS: CommandGroups = {
  "Look": {
    list: () => import("./list.ts"),
    attach: () => import("./attach.ts"),
    screen: () => import("./screen.ts"),
    history: () => import("./history.ts"),
  },
  "Act": {
    send: () => import("./send.ts"),
    cancel: () => import("./cancel.ts"),
    wait: () => import("./wait.ts"),
    kill: () => import("./kill.ts"),
    detach: () => import("./detach.ts"),
    resume: () => import("./resume.ts"),
  },
  "Past output": {
    logs: () => import("./logs.ts"),
    search: () => import("./search.ts"),
    record: () => import("./record.ts"),
    export: () => import("./export.ts"),
  },
};

/** What completions ask. */
export const INTERNAL_COMMANDS: Readonly<Record<string, Loader>> = {
  names: () => import("./names.ts"),
};
