/** `km tasks submit`: a prompt for an agent. @module */
import { command as defineCommand } from "../command.ts";
import { TASK_JSON } from "./task_json.ts";

export const command = defineCommand({
  name: "tasks submit",
  summary: "Give an agent a prompt; prints the number of the task",
  usage: "<provider> <prompt…|-> [-- args…]",
  words: [1, Infinity],
  keepsSeparator: true,
  details:
    "Without a prompt, or with -, it is read from stdin. With --wait it prints what the agent said at the end, and ends with 0 when the task " +
    "is done, with 1 when it failed or was cancelled. Starts km serve in the background when it does not run.",
  flags: [
    { name: "cwd", type: "string", placeholder: "folder", help: "Folder to work in; this one when absent" },
    { name: "model", type: "string", help: "Model, as the provider calls it" },
    {
      name: "full-access",
      type: "boolean",
      help: "Switch the agent's own safeguards off: it asks nobody before it acts",
    },
    {
      name: "key",
      type: "string",
      help: "A word of your choice: sent again, it is still one task, that of the first time",
    },
    {
      name: "timeout",
      type: "duration",
      help: "End it when it has run so long; the time that it waits for its turn does not count",
    },
    {
      name: "wait",
      short: "w",
      type: "boolean",
      help: "Wait until it is over, then print what the agent said",
    },
    { name: "json", type: "boolean", help: "Print the task as JSON" },
  ],
  examples: [
    ['km tasks submit claude "write tests for src/size.ts" --wait', "and what it said at the end"],
    ["git diff | km tasks submit codex - --key review-$(git rev-parse HEAD)", "once for each commit"],
  ],
  json: TASK_JSON,
  async run(flags, words) {
    const { submitTask } = await import("./submit_task.ts");
    return await submitTask(words, flags);
  },
});
