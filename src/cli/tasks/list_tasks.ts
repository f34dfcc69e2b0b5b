/** What `km tasks` and `km tasks list` print. @module */
import type { TaskBody } from "../../api/sessions/task_schemas.ts";
import type { Style } from "../../core/paint.ts";
import { formatAgo } from "../../core/quantity.ts";
import type { TaskState } from "../../core/task.ts";
import { jsonText } from "../json_text.ts";
import { answerOf } from "../sessions/api_answer.ts";
import { connectSessions } from "../sessions/daemon_client.ts";
import { type Column, table } from "../table.ts";
import { stdoutTerminal, writeError, writeLines } from "../terminal.ts";
import { costOf } from "./task_cost.ts";

export interface ListFlags {
  readonly state: TaskState | undefined;
  readonly provider: string | undefined;
  readonly limit: number;
  readonly json: boolean;
}

/** Most that the API gives at once. */
const MAX_PAGE = 200;

/** Prints the table; returns the exit code. @throws {KmError} */
export async function listTasks({ limit, json, ...filter }: ListFlags): Promise<number> {
  const tasks = await readTasks(filter, limit);
  if (json) writeLines(tasks.map((task) => jsonText(task)));
  else if (tasks.length > 0) writeLines(table(tasks, columns(), stdoutTerminal()));
  else if (limit > 0) writeError('no tasks; "km tasks submit claude <prompt>" makes one\n');
  return 0;
}

async function readTasks(
  { state, provider }: Pick<ListFlags, "state" | "provider">,
  limit: number,
): Promise<TaskBody[]> {
  const { client } = await connectSessions();
  const tasks: TaskBody[] = [];
  for (let cursor: string | null = null; tasks.length < limit;) {
    const query = {
      limit: String(Math.min(limit - tasks.length, MAX_PAGE)),
      ...(state !== undefined && { state }),
      ...(provider !== undefined && { provider }),
      ...(cursor !== null && { cursor }),
    };
    const page: { tasks: TaskBody[]; nextCursor: string | null } = await answerOf(
      client.api.tasks.$get({ query }),
    );
    tasks.push(...page.tasks);
    cursor = page.nextCursor;
    if (cursor === null) break;
  }
  return tasks;
}

const STYLES: Readonly<Record<TaskState, Style>> = {
  queued: "dim",
  running: "blue",
  done: "green",
  failed: "red",
  cancelled: "dim",
};

function columns(): Column<TaskBody>[] {
  const now = new Date();
  return [
    { title: "#", cell: ({ number }) => String(number), align: "right" },
    { title: "STATE", cell: ({ state }) => state, style: ({ state }) => STYLES[state] },
    { title: "PROVIDER", cell: ({ provider }) => provider, least: 6 },
    {
      title: "ACCESS",
      cell: ({ fullAccess }) => fullAccess ? "full" : "",
      style: () => "red",
      optional: true,
    },
    { title: "MADE", cell: ({ createdAt }) => formatAgo(createdAt, now), style: () => "dim", rank: 3 },
    { title: "COST", cell: ({ metrics }) => costOf(metrics) ?? "", align: "right", optional: true, rank: 4 },
    { title: "PROMPT", cell: ({ prompt }) => prompt, least: 16 },
    { title: "WHY", cell: ({ reason }) => reason, least: 12, rank: 1 },
  ];
}
