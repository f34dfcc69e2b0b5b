/** `/api/tasks`: prompts for providers, and what became of them. @module */
import { createRoute, z } from "@hono/zod-openapi";
import { TASK_STATES } from "../../core/task.ts";
import { MAX_PROMPT_CHARS, MAX_TIMEOUT_MS } from "../../sessions/tasks/task_options.ts";
import type { Tasks } from "../../sessions/tasks/tasks.ts";
import { formatCursor, parseCursor } from "../cursor.ts";
import type { ApiDeps } from "../deps.ts";
import { ApiError } from "../errors.ts";
import { cursorOf } from "../filters.ts";
import { createRouter, requires } from "../router.ts";
import { failures, jsonContent } from "../schemas.ts";
import { WaitRoom } from "../sessions/wait_room.ts";
import { argsInput, callerOf, defined, envInput } from "../sessions/route_context.ts";
import { TaskBody, taskBody, TaskEventBody, taskEventBody } from "../sessions/task_schemas.ts";

const MAX_PAGE = 200, DEFAULT_PAGE = 50;
const MAX_EVENTS = 1000, DEFAULT_EVENTS = 200;

const params = z.object({
  id: z.string().min(1).max(200).openapi({
    description: "Id, number, key, or the beginning of an id (6 digits or more)",
    example: "3",
  }),
});
const one = { description: "The task", content: jsonContent(TaskBody) };

const submitRoute = createRoute({
  method: "post",
  path: "/api/tasks",
  summary: "Give a prompt to a provider",
  description:
    "It waits until fewer than `tasks.maxParallel` run. With a `key` that was sent before, the answer is the task that has it.",
  middleware: [requires("sessions")] as const,
  request: {
    body: {
      required: true,
      content: jsonContent(
        z.object({
          provider: z.string().min(1).max(64).openapi({ example: "claude" }),
          prompt: z.string().min(1).max(MAX_PROMPT_CHARS).openapi({ example: "say hello" }),
          cwd: z.string().min(1).max(4096).openapi({
            description: "Absolute path of the folder it works in",
            example: "/tmp",
          }),
          model: z.string().min(1).max(200).optional(),
          args: argsInput.optional(),
          env: envInput.optional().openapi({
            description:
              "Variables for it, which no answer repeats; never stored: after a restart it runs without them",
          }),
          fullAccess: z.boolean().optional().openapi({
            description: "Without the provider's own safeguards; audited",
          }),
          key: z.string().regex(/^[\x21-\x7e]{1,200}$/).optional(),
          timeoutMs: z.number().int().min(1).max(MAX_TIMEOUT_MS).optional(),
          keepsSession: z.boolean().optional().openapi({
            description:
              "Of a provider without structured mode: leave its session as it is when the task is over",
          }),
        }).strict(),
      ),
    },
  },
  responses: {
    201: one,
    200: { ...one, description: "The task that has this key already" },
    ...failures(400, 401, 403, 404, 413, 429, 503),
  },
});

const listRoute = createRoute({
  method: "get",
  path: "/api/tasks",
  summary: "Tasks, newest first",
  middleware: [requires("read", "sessions")] as const,
  request: {
    query: z.object({
      state: z.enum(TASK_STATES).optional(),
      provider: z.string().max(64).optional(),
      limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(DEFAULT_PAGE),
      cursor: z.string().max(40).optional().openapi({
        description: "Where to go on: `nextCursor` of the page before. Without it, the newest",
      }),
    }),
  },
  responses: {
    200: {
      description: "Tasks",
      content: jsonContent(z.object({ tasks: z.array(TaskBody), nextCursor: z.string().nullable() })),
    },
    ...failures(400, 401, 403, 503),
  },
});

const getRoute = createRoute({
  method: "get",
  path: "/api/tasks/{id}",
  summary: "One task",
  middleware: [requires("read", "sessions")] as const,
  request: { params },
  responses: { 200: one, ...failures(401, 403, 404, 409, 503) },
});

const eventsRoute = createRoute({
  method: "get",
  path: "/api/tasks/{id}/events",
  summary: "What happened in a task, in order",
  middleware: [requires("read", "sessions")] as const,
  request: {
    params,
    query: z.object({
      after: z.coerce.number().int().min(0).default(0).openapi({
        description: "`seq` of the last one that is known",
      }),
      limit: z.coerce.number().int().min(1).max(MAX_EVENTS).default(DEFAULT_EVENTS),
    }),
  },
  responses: {
    200: {
      description: "What happened",
      content: jsonContent(z.object({
        events: z.array(TaskEventBody),
        missed: z.number().int().openapi({
          description:
            "Events behind `after` that are kept no more: there were too many, and the oldest went",
        }),
      })),
    },
    ...failures(400, 401, 403, 404, 409, 503),
  },
});

const cancelRoute = createRoute({
  method: "post",
  path: "/api/tasks/{id}/cancel",
  summary: "Take a task back, or end it",
  description: "Answered when nothing of it runs any more. A task that is over stays as it is.",
  middleware: [requires("sessions")] as const,
  request: { params },
  responses: { 200: one, ...failures(401, 403, 404, 409, 503) },
});

const waitRoute = createRoute({
  method: "get",
  path: "/api/tasks/{id}/wait",
  summary: "Wait until a task is over",
  middleware: [requires("read", "sessions")] as const,
  request: {
    params,
    query: z.object({
      timeout: z.coerce.number().min(0).max(3600).default(60).openapi({ description: "In s" }),
    }),
  },
  responses: { 200: one, ...failures(400, 401, 403, 404, 408, 409, 429, 503) },
});

// deno-lint-ignore explicit-module-boundary-types -- the type is the list of routes, which the typed client reads
export function taskRoutes(deps: Pick<ApiDeps, "tasks" | "stopping">) {
  const all = (): Tasks => {
    if (deps.tasks) return deps.tasks;
    throw new ApiError(501, "unsupported", "This km has no tasks");
  };
  const waits = new WaitRoom();
  return createRouter()
    .openapi(submitRoute, async (context) => {
      const { task, isNew } = await all().submit(defined(context.req.valid("json")), callerOf(context));
      return isNew ? context.json(taskBody(task), 201) : context.json(taskBody(task), 200);
    })
    .openapi(listRoute, async (context) => {
      const { state, provider, limit, cursor } = context.req.valid("query");
      const before = cursorOf({ cursor }, parseCursor);
      const tasks = await all().list({ state, provider, before, limit: limit + 1 });
      const page = tasks.slice(0, limit);
      const last = page.at(-1);
      const nextCursor = tasks.length > limit && last ? formatCursor(last.number) : null;
      return context.json({ tasks: page.map(taskBody), nextCursor }, 200);
    })
    .openapi(
      getRoute,
      async (context) => context.json(taskBody(await all().get(context.req.valid("param").id)), 200),
    )
    .openapi(eventsRoute, async (context) => {
      const { after, limit } = context.req.valid("query");
      const events = await all().events(context.req.valid("param").id, { after, limit });
      const missed = Math.max(0, (events[0]?.seq ?? after + 1) - after - 1);
      return context.json({ events: events.map(taskEventBody), missed }, 200);
    })
    .openapi(cancelRoute, async (context) => {
      const task = await all().cancel(context.req.valid("param").id, callerOf(context));
      return context.json(taskBody(task), 200);
    })
    .openapi(waitRoute, async (context) => {
      const { timeout } = context.req.valid("query");
      const user = callerOf(context).name;
      const task = await waits.enter(user, () =>
        all().wait(context.req.valid("param").id, {
          timeoutMs: timeout * 1000,
          signal: AbortSignal.any([context.req.raw.signal, deps.stopping]),
        }));
      if (task) return context.json(taskBody(task), 200);
      throw new ApiError(408, "timeout", `The task was not over within ${timeout} s`);
    });
}
