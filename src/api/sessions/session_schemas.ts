/** Sessions and tasks as the API tells them. @module */
import { z } from "@hono/zod-openapi";
import { formatTimeUs } from "../../core/clock.ts";
import {
  COMMAND_STATES,
  SESSION_STATES,
  type SessionCommand,
  STATE_SOURCES,
  type StateChange,
} from "../../core/session.ts";
import type { SessionView } from "../../sessions/viewer.ts";

const time = z.string().openapi({ description: "ISO 8601, UTC", example: "2026-11-21T11:50:36.123456Z" });

export const Size = z.object({ cols: z.number().int(), rows: z.number().int() }).openapi("TerminalSize");

export const SessionBody = z.object({
  id: z.string(),
  number: z.number().int().openapi({ description: "Counts up in each home; stands in binary frames" }),
  name: z.string(),
  provider: z.string(),
  command: z.array(z.string()).openapi({ description: "Without secrets" }),
  cwd: z.string(),
  fullAccess: z.boolean(),
  state: z.enum(SESSION_STATES),
  stateReason: z.string(),
  stateSource: z.enum(STATE_SOURCES),
  stateSince: time,
  createdAt: time,
  endedAt: time.nullable(),
  exitCode: z.number().int().nullable(),
  exitSignal: z.string().nullable(),
  size: Size,
  title: z.string(),
  pid: z.number().int().nullable(),
  resumeId: z.string().nullable(),
  resumedFrom: z.string().nullable(),
  isResumable: z.boolean(),
  createdBy: z.string(),
  seq: z.number().int().openapi({ description: "Bytes that the program has written" }),
  seen: z.boolean(),
  viewers: z.number().int(),
  sizeOwner: z.string().nullable(),
  queuedCommands: z.number().int(),
}).openapi("Session");
export type SessionBody = z.infer<typeof SessionBody>;

export const CommandBody = z.object({
  id: z.string(),
  text: z.string(),
  state: z.enum(COMMAND_STATES),
  by: z.string(),
  queuedAt: time,
  deliveredAt: time.nullable(),
  endedAt: time.nullable(),
  outcome: z.string().nullable(),
}).openapi("SessionCommand");
export type CommandBody = z.infer<typeof CommandBody>;

export const StateBody = z.object({
  state: z.enum(SESSION_STATES),
  reason: z.string(),
  source: z.enum(STATE_SOURCES),
  time,
}).openapi("SessionStateChange");
export type StateBody = z.infer<typeof StateBody>;

export function sessionBody(view: SessionView): SessionBody {
  const { stateSinceUs, createdUs, endedUs, command, size, ...rest } = view;
  return {
    ...rest,
    command: [...command],
    size: { ...size },
    stateSince: formatTimeUs(stateSinceUs),
    createdAt: formatTimeUs(createdUs),
    endedAt: timeOrNull(endedUs),
  };
}

export function commandBody(command: SessionCommand): CommandBody {
  const { queuedUs, deliveredUs, endedUs, ...rest } = command;
  return {
    ...rest,
    queuedAt: formatTimeUs(queuedUs),
    deliveredAt: timeOrNull(deliveredUs),
    endedAt: timeOrNull(endedUs),
  };
}

export function stateBody({ timeUs, ...rest }: StateChange): StateBody {
  return { ...rest, time: formatTimeUs(timeUs) };
}

function timeOrNull(timeUs: number | null): string | null {
  return timeUs === null ? null : formatTimeUs(timeUs);
}
