/** `km run`: a program in a session, shown here. @module */
import { command as defineCommand } from "../command.ts";
import { ATTACH_FLAGS } from "../sessions/attach_flags.ts";

export const command = defineCommand({
  name: "run",
  summary: "Run an agent, or any program, in a terminal that outlives this one",
  usage: "<provider> [-- args…] | -- <program> [args…]",
  words: [0, Infinity],
  keepsSeparator: true,
  details:
    "Providers are claude, codex, gemini, cursor-agent, shell, and those of your own in the config file. Starts km serve in the " +
    'background when it does not run, and shows the session here. Ctrl-\\ then d leaves it, and it goes on; "km sessions attach" ' +
    "comes back, here or in the dashboard. When its program ends, so does km run, with the same exit code (128 + n for signal n). " +
    "What programs ask of their terminal km answers itself, alike wherever they are shown; of what they write, what does more than " +
    "draw does not reach yours: no clipboard unless --clipboard, no links but http, https and mailto, no files, no window changes.",
  flags: [
    { name: "name", type: "string", help: "What the session is called; made from the provider when absent" },
    { name: "cwd", type: "string", placeholder: "folder", help: "Folder to start in; this one when absent" },
    {
      name: "full-access",
      type: "boolean",
      help: "Switch the agent's own safeguards off, for this session: it asks nobody before it acts",
    },
    { name: "resume", type: "string", placeholder: "session", help: "Go on with a session that has ended" },
    { name: "detached", short: "d", type: "boolean", help: "Start it and do not show it; prints its number" },
    {
      name: "size",
      type: "string",
      placeholder: "cols×rows",
      help: "Size of the terminal, as 120x40, where this one's is not to be taken",
    },
    ...ATTACH_FLAGS,
    { name: "json", type: "boolean", help: "With --detached: print the session as JSON" },
  ],
  examples: [
    ["km run claude", "Claude Code in this folder; Ctrl-\\ d leaves it running"],
    ["km run codex -- --model o3", "words behind -- are the program's"],
    ["km run -- htop", "any program"],
    ['n=$(km run claude --detached) && km sessions send "$n" "fix the tests" --wait', "from a script"],
  ],
  async run(flags, words) {
    const { runSession } = await import("../sessions/run_session.ts");
    return await runSession(flags, words);
  },
});
