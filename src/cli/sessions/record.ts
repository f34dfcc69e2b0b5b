/** `km sessions record`: a session into a file. @module */
import { command as defineCommand } from "../command.ts";
import { ATTACH_FLAGS } from "./attach_flags.ts";

export const command = defineCommand({
  name: "sessions record",
  summary: "Record a session as an asciicast file",
  usage: "<session> <file> | <file> -- <program> [args…]",
  words: [2, Infinity],
  keepsSeparator: true,
  details:
    "With a program, starts it in a session and shows it here; the file is written when it ends or is left. With a session, waits until that ends, or " +
    "for Ctrl-C, and then writes the file, from its beginning on: km has recorded it all along.",
  flags: [
    { name: "force", short: "f", type: "boolean", help: "Write over a file that is there" },
    ...ATTACH_FLAGS,
  ],
  examples: [
    ["km sessions record demo.cast -- bash", "record a shell, until it ends"],
    ["km sessions record 3 fix.cast", "session 3, until it ends or Ctrl-C"],
  ],
  async run(flags, words) {
    const { recordSession } = await import("./record_session.ts");
    return await recordSession(words, flags);
  },
});
