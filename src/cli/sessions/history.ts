/** `km sessions history`: what a session has been doing. @module */
import { command as defineCommand } from "../command.ts";

export const command = defineCommand({
  name: "sessions history",
  summary: "Show what a session has been doing, and the commands it was sent",
  usage: "<session>",
  words: [1, 1],
  wordNames: "sessions",
  details: "Reads the database: km serve need not run.",
  flags: [{ name: "json", type: "boolean", help: "One JSON object per line" }],
  examples: [["km sessions history 3", "states and commands, oldest first"]],
  json: {
    time: "ISO 8601 in UTC with µs",
    id: "of a command, by which it can be cancelled, or null",
    kind: "state or command",
    state: "of the session, or of the command",
    text: "why it is in that state, or the command",
    source: "who says so, or who sent it",
    outcome: "of a command, or null",
  },
  async run({ json }, [ref = ""]) {
    const { printHistory } = await import("./print_history.ts");
    return await printHistory(ref, json);
  },
});
