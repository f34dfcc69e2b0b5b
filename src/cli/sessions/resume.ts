/** `km sessions resume`: goes on with a conversation. @module */
import { command as defineCommand } from "../command.ts";
import { ATTACH_FLAGS } from "./attach_flags.ts";

export const command = defineCommand({
  name: "sessions resume",
  summary: "Go on with a session that has ended or was lost, in a new one",
  usage: "<session> [-- args…]",
  words: [1, Infinity],
  wordNames: "sessions",
  keepsSeparator: true,
  details:
    "Where its provider can: the conversation goes on where it was, and commands that still waited go along. Arguments behind -- are the " +
    "program's; those of the session before are not taken over, since a prompt among them would be sent again.",
  flags: [
    {
      name: "full-access",
      type: "boolean",
      help: "Switch the agent's own safeguards off; never taken over from the session before",
    },
    { name: "detached", short: "d", type: "boolean", help: "Start it and do not show it; prints its number" },
    { name: "json", type: "boolean", help: "With --detached: print the session as JSON" },
    ...ATTACH_FLAGS,
  ],
  examples: [
    ["km sessions resume 3", "for example after the machine was restarted"],
    ["km sessions resume 3 -- --model opus", "with an argument for the program"],
  ],
  async run(flags, [ref, ...words]) {
    const { runSession } = await import("./run_session.ts");
    return await runSession(
      { ...flags, resume: ref, name: undefined, cwd: undefined, size: undefined },
      words,
    );
  },
});
