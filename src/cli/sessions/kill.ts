/** `km sessions kill`: ends programs. @module */
import { command as defineCommand } from "../command.ts";

export const command = defineCommand({
  name: "sessions kill",
  summary: "End the programs of sessions",
  usage: "<session…>",
  words: [0, Infinity],
  wordNames: "sessions",
  details:
    "They are asked with SIGHUP, then SIGTERM, and after 4 s ended by SIGKILL, with everything that they started in their terminals. What they " +
    "wrote stays.",
  flags: [
    {
      name: "signal",
      short: "s",
      type: "choice",
      choices: ["INT", "QUIT", "TERM", "KILL", "HUP", "TSTP", "CONT", "USR1", "USR2"],
      help: "Send this signal, and wait for nothing",
    },
    { name: "force", short: "f", type: "boolean", help: "End them at once, by SIGKILL" },
    { name: "all", short: "a", type: "boolean", help: "All that run" },
    { name: "remove", type: "boolean", help: "Remove what they left behind, too: output, history, commands" },
  ],
  examples: [
    ["km sessions kill 3", "end it"],
    ["km sessions kill 3 --signal INT", "as Ctrl-C"],
    ["km sessions kill --all", "end all that run"],
  ],
  async run(flags, refs) {
    const { killSessions } = await import("./kill_sessions.ts");
    return await killSessions(refs, flags);
  },
});
