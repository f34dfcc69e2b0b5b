/** Sessions and tasks as the API tells them. @module */
import { z } from "@hono/zod-openapi";

import { COMMAND_STATES, SESSION_STATES, STATE_SOURCES } from "../../core/session.ts";

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
  text: z.string().openapi({ description: "Without secrets; they are typed all the same" }),
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

const page = {
  nextCursor: z.string().nullable().openapi({ description: "Cursor of the next page; null: there is none" }),
};

export const SessionsBody = z.object({ sessions: z.array(SessionBody), ...page }).openapi("Sessions");

const place = { seq: z.number().int(), time };
export const HistoryBody = z.object({
  states: z.array(StateBody).openapi({ description: "Oldest first" }),
  commands: z.array(CommandBody).openapi({ description: "Newest first" }),
  output: z.array(z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("output"), ...place, base64: z.string() }),
    z.object({ kind: z.literal("resize"), ...place, size: Size }),
    z.object({ kind: z.literal("marker"), ...place, text: z.string() }),
  ])).openapi({ description: "Oldest first" }),
  range: z.object({ firstSeq: z.number().int(), endSeq: z.number().int() }).openapi({
    description: "Bytes of output that are stored: from the first to before the end",
  }),
  ...page,
}).openapi("SessionHistory");

export const SessionHitsBody = z.object({
  hits: z.array(z.object({
    sessionId: z.string(),
    number: z.number().int(),
    seq: z.number().int(),
    time,
    line: z.string().openapi({
      description: "Printable and without secrets; of a long line the part around the match",
    }),
    matchStart: z.number().int(),
    matchEnd: z.number().int(),
  })),
  complete: z.boolean().openapi({ description: "false: its time was over; `nextCursor` goes on from there" }),
  ...page,
}).openapi("SessionHits");

export const ProvidersBody = z.object({
  providers: z.array(z.object({
    name: z.string(),
    title: z.string(),
    path: z.string().nullable().openapi({ description: "Where its program is; null: it is not installed" }),
    fullAccess: z.boolean().openapi({ description: "Its safeguards can be switched off" }),
    resumable: z.boolean(),
    structured: z.boolean().openapi({ description: "Tasks run in it without a terminal" }),
    auth: z.object({ state: z.enum(["signed_in", "signed_out", "unknown"]), reason: z.string() }).nullable()
      .openapi({ description: "null: not asked, or not installed" }),
  })),
}).openapi("Providers");

export const AuditBody = z.object({
  entries: z.array(z.object({
    number: z.number().int(),
    time,
    who: z.string(),
    via: z.string(),
    action: z.string().openapi({ example: "session.start" }),
    subject: z.string().nullable().openapi({ description: "Session or task, by id" }),
    detail: z.string(),
  })),
  ...page,
}).openapi("Audit");
