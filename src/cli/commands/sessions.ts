/** `km sessions`: programs in terminals that outlive the window they were started from. @module */
import { command as defineCommand } from "../command.ts";
import { LIST_FLAGS, LIST_JSON } from "../sessions/list_contract.ts";
import { INTERNAL_COMMANDS, SESSION_COMMANDS } from "../sessions/session_commands.ts";

export const command = defineCommand({
  name: "sessions",
  summary: "See, type into, wait for and end sessions that km run started",
  usage: "[command]",
  details:
    "Without a command it lists them, first those that wait for you. A session is named by its number, its name, its id or the " +
    "beginning of that (6 digits or more).",
  subcommands: SESSION_COMMANDS,
  internal: INTERNAL_COMMANDS,
  flags: LIST_FLAGS,
  examples: [
    ["km sessions", "what runs, and what waits for you"],
    ["km sessions attach 3", "session 3, in this terminal"],
    ["km sessions wait 3 && km sessions screen 3", "what it shows once it is idle"],
  ],
  json: LIST_JSON,
  async run(flags) {
    const { listSessions } = await import("../sessions/list_sessions.ts");
    return await listSessions(flags);
  },
});
