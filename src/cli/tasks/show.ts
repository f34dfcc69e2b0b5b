/** `km tasks show`: one task, and what happened in it. @module */
import { command as defineCommand } from "../command.ts";
import { TASK_JSON } from "./task_json.ts";

export const command = defineCommand({
  name: "tasks show",
  summary: "Show a task: its prompt, its result, what it cost, what happened",
  usage: "<task>",
  words: [1, 1],
  flags: [
    { name: "events", short: "e", type: "boolean", help: "With everything that happened in it" },
    {
      name: "follow",
      short: "f",
      type: "boolean",
      help: "Print what happens, as it happens, until it is over",
    },
    {
      name: "json",
      type: "boolean",
      help: "Print the task as JSON; with --events or --follow, its events, one per line",
    },
  ],
  examples: [
    ["km tasks show 3", "what came of it"],
    ["km tasks show 3 --follow", "watch it"],
  ],
  json: {
    ...TASK_JSON,
    seq: "of an event: counts up from 1",
    time: "of an event",
    kind: "state, message, tool, error or output",
    text: "of an event",
  },
  async run(flags, [ref = ""]) {
    const { showTask } = await import("./show_task.ts");
    return await showTask(ref, flags);
  },
});
