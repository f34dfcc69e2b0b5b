/** Flags and `--json` of `km sessions` and `km sessions list`. @module */
import type { Flag } from "../command.ts";

export const LIST_FLAGS = [
  {
    name: "all",
    short: "a",
    type: "boolean",
    help: "Those that have ended, too, and not only lost ones that nobody has seen",
  },
  { name: "limit", short: "n", type: "number", default: "100", help: "Show the newest n" },
  { name: "json", type: "boolean", help: "One JSON object per line" },
] as const satisfies readonly Flag[];

/** As the API tells it. */
export const LIST_JSON = {
  id: "id, a UUID",
  number: "short name, counted up in each home",
  name: "name",
  provider: "what was run: claude, codex, gemini, cursor-agent, shell or one of your own",
  command: "program and arguments, without secrets",
  cwd: "folder that it was started in",
  fullAccess: "true: its own safeguards were switched off",
  state: "starting, running, idle, waiting_input, waiting_approval, auth_required, exited or lost",
  stateReason: "why it is in that state",
  stateSource: "who says so: spawn, hook, osc, screen, input, quiet, exit or restart",
  stateSince: "ISO 8601 in UTC with µs, as are all times",
  createdAt: "when it was started",
  endedAt: "when it ended, or null",
  exitCode: "of its program, or null",
  exitSignal: "the signal that ended it, or null",
  size: "{cols, rows} of its terminal",
  title: "as the program set it",
  pid: "of its program, or null",
  resumeId: "the provider's id of the conversation, or null",
  resumedFrom: "id of the session that it goes on with, or null",
  isResumable: "true: km sessions resume can go on with it",
  createdBy: "who started it",
  seq: "bytes that it has written",
  seen: "false: nobody has looked since it began to wait, or ended",
  viewers: "how many look at it",
  sizeOwner: "who decides on its size, or null",
  queuedCommands: "commands that wait until it is idle",
} as const;
