/** `km sessions attach`: a session, in this terminal. @module */
import { command as defineCommand } from "../command.ts";
import { ATTACH_FLAGS } from "./attach_flags.ts";

export const command = defineCommand({
  name: "sessions attach",
  summary: "Show a session in this terminal, and type into it",
  usage: "<session>",
  words: [1, 1],
  wordNames: "sessions",
  details:
    "It is as large as this terminal, unless somebody else who looks at it was first; --take-size takes it from them. Ctrl-\\ then d " +
    "leaves it, as the title of the window says, and it goes on. When its program ends, the exit code is the program's.",
  flags: ATTACH_FLAGS,
  examples: [
    ["km sessions attach 3", "Ctrl-\\ d leaves it"],
    ["km sessions attach claude-2 --read-only", "look, and type nothing"],
    ["km sessions attach 3 --detach-keys ctrl-p,ctrl-q", "with other keys to leave"],
  ],
  async run(flags, [ref = ""]) {
    const { attachOne } = await import("./attach_one.ts");
    return await attachOne(ref, flags);
  },
});
