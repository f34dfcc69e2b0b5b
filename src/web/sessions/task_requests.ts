/** What the list of tasks asks km. @module */
import { answer, api, type JsonResponse } from "../shell/api.ts";
import type { Task, TaskEvent } from "./task_states.ts";

const TASKS_SHOWN = 100, EVENTS_SHOWN = 1000;

export interface TaskRequest {
  readonly provider: string;
  readonly prompt: string;
  readonly cwd: string;
  readonly fullAccess?: boolean;
}

/** Newest first. */
export async function askTasks(signal: AbortSignal): Promise<readonly Task[]> {
  const query = { limit: String(TASKS_SHOWN) };
  return (await answer(api.tasks.$get({ query }, { init: { signal } }))).tasks;
}

export async function submitTask(json: TaskRequest): Promise<Task> {
  return await answer(api.tasks.$post({ json }) as Promise<JsonResponse<Task>>); // as: `answer` throws for every other status
}

export async function cancelTask(id: string): Promise<void> {
  await answer(api.tasks[":id"].cancel.$post({ param: { id } }) as Promise<JsonResponse<unknown>>); // as: see above
}

/** The whole task: in the list only the beginning of what was said is told. */
export async function askTask(
  id: string,
  signal: AbortSignal,
): Promise<{ task: Task; events: readonly TaskEvent[] }> {
  const param = { id };
  const [task, { events }] = await Promise.all([
    answer(api.tasks[":id"].$get({ param }, { init: { signal } }) as Promise<JsonResponse<Task>>), // as: see above
    answer(
      api.tasks[":id"].events.$get({ param, query: { limit: String(EVENTS_SHOWN) } }, {
        init: { signal },
      }) as Promise<
        JsonResponse<{ events: TaskEvent[] }>
      >, // as: see above
    ),
  ]);
  return { task, events };
}
