/** `km sessions logs`: what a program wrote, as text. @module */
import { command as defineCommand } from "../command.ts";

export const command = defineCommand({
  name: "sessions logs",
  summary: "Print what a session has written, as text",
  usage: "<session>",
  words: [1, 1],
  wordNames: "sessions",
  details:
    "Without escape sequences, in the order in which it was written: programs that draw all over the screen are better seen with " +
    '"km sessions screen". Reads the database: km serve need not run.',
  flags: [
    { name: "lines", short: "n", type: "number", help: "Print the last n lines" },
    {
      name: "follow",
      short: "f",
      type: "boolean",
      help: "Go on with what comes, until its program ends or Ctrl-C",
    },
  ],
  examples: [["km sessions logs 3 --follow", "watch it"], ["km sessions logs 3 -n 20", "the last 20 lines"]],
  async run({ lines, follow }, [ref = ""]) {
    const { printLogs } = await import("./print_logs.ts");
    return await printLogs(ref, { lines, follow });
  },
});
