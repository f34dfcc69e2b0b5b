/** `km sessions export`: what a session wrote, as a file. @module */
import { command as defineCommand } from "../command.ts";

export const command = defineCommand({
  name: "sessions export",
  summary: "Print the recording of a session: asciicast, text or the bytes themselves",
  usage: "<session>",
  words: [1, 1],
  wordNames: "sessions",
  details:
    "Players of asciicast show it as it was, at its own pace. Of a session that runs, what it has written so far. Reads the database: km serve " +
    "need not run.",
  flags: [
    {
      name: "format",
      type: "choice",
      choices: ["v3", "v2", "text", "ansi"],
      default: "v3",
      help: "Version of asciicast, or text without escape sequences, or everything as it was written",
    },
  ],
  examples: [
    ["km sessions export 3 > fix.cast && asciinema play fix.cast", "see it once more"],
    ["km sessions export 3 --format text > fix.txt", "as text"],
  ],
  async run({ format }, [ref = ""]) {
    const { exportSession } = await import("./export_session.ts");
    return await exportSession(ref, format);
  },
});
