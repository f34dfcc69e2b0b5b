/** `km sessions send`: a command for the program in a session. @module */
import { command as defineCommand } from "../command.ts";

export const command = defineCommand({
  name: "sessions send",
  summary: "Send a session a command, typed in when it is idle",
  usage: "<session> <text…|->",
  words: [1, Infinity],
  wordNames: "sessions",
  details:
    "A command waits until the program would take it, and is then pasted and entered. Nothing is ever typed into a question: those are for " +
    "people, with --keys or attached. One of several lines is pasted; in a program that takes no paste it fails. Without a text, or with -, it is " +
    "read from stdin.",
  flags: [
    {
      name: "keys",
      type: "string",
      placeholder: "keys",
      help: 'Type keys at once instead, with blanks between: "ctrl-c", "down down enter", "y"',
    },
    { name: "wait", short: "w", type: "boolean", help: "Wait until it is done, then print the screen" },
    { name: "timeout", type: "duration", default: "5m", help: "With --wait: at most so long" },
    {
      name: "id",
      type: "string",
      help: "Id of the command, of your choice: sent again, it is still one command",
    },
    { name: "json", type: "boolean", help: "Print the command as JSON" },
  ],
  examples: [
    ['km sessions send 3 "fix the tests" --wait', "and what it shows when it is done"],
    ["git diff | km sessions send 3 -", "from stdin"],
    ['km sessions send 3 --keys "ctrl-c"', "stop what it does"],
  ],
  json: {
    id: "id of the command",
    text: "the command",
    state: "queued, delivered, done, failed or cancelled",
    by: "who sent it",
    queuedAt: "ISO 8601 in UTC with µs",
    deliveredAt: "when it was typed in, or null",
    endedAt: "when the session was idle after it, or null",
    outcome: "why it failed, or the state after it, or null",
  },
  async run(flags, [ref = "", ...words]) {
    const { sendCommand } = await import("./send_command.ts");
    return await sendCommand(ref, words, flags);
  },
});
