/** `km tasks cancel`: takes a task back, or ends it. @module */
import type { TaskBody } from "../../api/sessions/task_schemas.ts";
import { command as defineCommand } from "../command.ts";

export const command = defineCommand({
  name: "tasks cancel",
  summary: "Take tasks back that wait, and end those that run",
  usage: "<task…>",
  words: [1, Infinity],
  flags: [],
  examples: [["km tasks cancel 3", "ends when nothing of it runs any more"]],
  async run(_, refs) {
    const { answerOf } = await import("../sessions/api_answer.ts");
    const { eachOnce } = await import("../sessions/find_one.ts");
    const { connectSessions } = await import("../sessions/daemon_client.ts");
    const { writeLines } = await import("../terminal.ts");
    const { client } = await connectSessions();
    const tasks = await eachOnce(
      "task",
      refs,
      (ref) => answerOf<TaskBody>(client.api.tasks[":id"].$get({ param: { id: ref } })),
    );
    for (const { id } of tasks) {
      const { number, state } = await answerOf<TaskBody>(
        client.api.tasks[":id"].cancel.$post({ param: { id } }),
      );
      writeLines([
        state === "cancelled" ? `task ${number} is cancelled` : `task ${number} was over before: ${state}`,
      ]);
    }
    return 0;
  },
});
