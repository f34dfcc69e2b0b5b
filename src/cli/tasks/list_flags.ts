/** Flags of `km tasks` and `km tasks list`. @module */
import { TASK_STATES } from "../../core/task.ts";
import type { Flag } from "../command.ts";

export const LIST_FLAGS = [
  { name: "state", type: "choice", choices: TASK_STATES, help: "Only those in this state" },
  { name: "provider", type: "string", help: "Only those of this provider" },
  { name: "limit", short: "n", type: "number", default: "50", help: "Show the newest n" },
  { name: "json", type: "boolean", help: "One JSON object per line" },
] as const satisfies readonly Flag[];
