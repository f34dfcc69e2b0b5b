/** `km tasks`: one prompt for an agent, with a result. @module */
import { command as defineCommand } from "../command.ts";
import { LIST_FLAGS } from "../tasks/list_flags.ts";
import { TASK_JSON } from "../tasks/task_json.ts";

export const command = defineCommand({
  name: "tasks",
  summary: "Give agents prompts, one by one, and read what came of them",
  usage: "[command]",
  details:
    "Without a command it lists them. A task is a prompt for a provider, which works on it without a terminal where it can; tasks wait while " +
    "others run, and survive a restart of km serve. A task is named by its number, its key, its id or the beginning of that (6 digits or more).",
  subcommands: {
    "Tasks": {
      submit: () => import("../tasks/submit.ts"),
      list: () => import("../tasks/list.ts"),
      show: () => import("../tasks/show.ts"),
      cancel: () => import("../tasks/cancel.ts"),
    },
  },
  flags: LIST_FLAGS,
  examples: [
    ['km tasks submit claude "write tests for src/size.ts" --wait', "and what it said at the end"],
    ["km tasks", "what runs and what waits"],
  ],
  json: TASK_JSON,
  async run(flags) {
    const { listTasks } = await import("../tasks/list_tasks.ts");
    return await listTasks(flags);
  },
});
