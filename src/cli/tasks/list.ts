/** `km tasks list`: what runs, what waits, what is over. @module */
import { command as defineCommand } from "../command.ts";
import { LIST_FLAGS } from "./list_flags.ts";
import { TASK_JSON } from "./task_json.ts";

export const command = defineCommand({
  name: "tasks list",
  summary: "List tasks, newest first",
  flags: LIST_FLAGS,
  examples: [["km tasks list --state failed", "what went wrong"]],
  json: TASK_JSON,
  async run(flags) {
    const { listTasks } = await import("./list_tasks.ts");
    return await listTasks(flags);
  },
});
