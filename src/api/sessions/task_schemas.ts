/** Tasks as the API tells them: secrets are taken out of what others wrote. @module */
import { z } from "@hono/zod-openapi";
import { formatTimeUs } from "../../core/clock.ts";
import { redactCommand, redactText } from "../../core/redact.ts";
import { type Task, TASK_STATES, type TaskEvent } from "../../core/task.ts";

const time = z.string().openapi({ description: "ISO 8601, UTC", example: "2026-11-21T11:50:36.123456Z" });
const count = z.number().int().nullable();

export const TaskBody = z.object({
  id: z.string(),
  number: z.number().int().openapi({ description: "Counts up in each home" }),
  key: z.string().nullable(),
  provider: z.string(),
  prompt: z.string().openapi({ description: "Without secrets; in lists its beginning" }),
  cwd: z.string(),
  model: z.string().nullable(),
  args: z.array(z.string()).openapi({ description: "Without secrets" }),
  fullAccess: z.boolean(),
  timeoutMs: count,
  keepsSession: z.boolean(),
  state: z.enum(TASK_STATES),
  reason: z.string().openapi({ description: "Why it is in that state; while it runs, what it waits for" }),
  createdAt: time,
  startedAt: time.nullable(),
  endedAt: time.nullable(),
  attempts: z.number().int(),
  createdBy: z.string(),
  sessionId: z.string().nullable(),
  conversationId: z.string().nullable().openapi({
    description: "The provider's own; it can be gone on with by that",
  }),
  result: z.string().nullable().openapi({
    description: "What the agent said at the end; in lists its beginning",
  }),
  exitCode: z.number().int().nullable(),
  metrics: z.object({
    inputTokens: count,
    outputTokens: count,
    turns: count,
    costMicroUsd: count.openapi({ description: "Millionths of a US dollar; null: it was not reported" }),
    durationMs: count,
  }),
}).openapi("Task");
export type TaskBody = z.infer<typeof TaskBody>;

export const TaskEventBody = z.object({
  seq: z.number().int().openapi({ description: "Counts up from 1 in each task" }),
  time,
  kind: z.enum(["state", "message", "tool", "error", "output"]),
  text: z.string(),
}).openapi("TaskEvent");

export function taskBody(task: Task): TaskBody {
  const { createdUs, startedUs, endedUs, prompt, result, args, metrics, ...rest } = task;
  return {
    ...rest,
    prompt: redactText(prompt),
    args: redactCommand(args),
    createdAt: formatTimeUs(createdUs),
    startedAt: startedUs === null ? null : formatTimeUs(startedUs),
    endedAt: endedUs === null ? null : formatTimeUs(endedUs),
    result: result === null ? null : redactText(result),
    metrics: { ...metrics },
  };
}

export function taskEventBody({ timeUs, ...rest }: TaskEvent): z.infer<typeof TaskEventBody> {
  return { ...rest, time: formatTimeUs(timeUs) };
}

/** Of prompts and results only the beginning, in characters. */
const BRIEF_CHARS = 2000;

/** The same as in a list: for messages that many get. */
export function briefTaskBody(task: Task): TaskBody {
  const { prompt, result } = task;
  return taskBody({
    ...task,
    prompt: prompt.slice(0, BRIEF_CHARS).toWellFormed(),
    result: result === null ? null : result.slice(0, BRIEF_CHARS).toWellFormed(),
  });
}
