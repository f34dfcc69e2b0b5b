/** What the routes of sessions share. @module */
import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Identity } from "../../auth/identity.ts";
import { MAX_COLS, MAX_ROWS } from "../../core/session.ts";
import { VARIABLE_NAME } from "../../sessions/providers/launch.ts";
import type { Sessions } from "../../sessions/sessions.ts";
import type { Caller } from "../../sessions/start_options.ts";
import { systemTimer } from "../body.ts";
import type { ApiDeps } from "../deps.ts";
import { ApiError } from "../errors.ts";
import type { ApiEnv } from "../router.ts";
import { jsonContent } from "../schemas.ts";
import { AuditLog } from "./audit_log.ts";
import { SessionBody } from "./session_schemas.ts";

export const sessionParams = z.object({
  id: z.string().min(1).max(200).openapi({
    description: "Id, number, name, or the beginning of an id (6 digits or more)",
    example: "3",
  }),
});

export const sizeInput = z.object({
  cols: z.number().int().min(2).max(MAX_COLS).openapi({ example: 120 }),
  rows: z.number().int().min(1).max(MAX_ROWS).openapi({ example: 40 }),
});

export const argsInput = z.array(z.string().max(8192)).max(256);

/** Variables for a program. */
export const envInput = z.record(
  z.string().max(128).regex(VARIABLE_NAME),
  // deno-lint-ignore no-control-regex -- no variable can hold it
  z.string().max(32768).regex(/^[^\x00]*$/),
);

export const oneSession = {
  description: "The session",
  content: jsonContent(SessionBody),
};

/** The sessions of this km. @throws {ApiError} 501 when it has none */
export function sessionsOf({ sessions }: Pick<ApiDeps, "sessions">): Sessions {
  if (sessions) return sessions;
  throw new ApiError(501, "unsupported", "This km has no sessions");
}

export function auditOf(deps: Pick<ApiDeps, "sessions">): AuditLog {
  return new AuditLog(sessionsOf(deps).record, systemTimer);
}

export function identityOf(context: Context<ApiEnv>): Identity {
  return context.get("identity") as Identity; // as: requires() let it through
}

export function callerOf(context: Context<ApiEnv>): Caller {
  const { name, via } = identityOf(context);
  return { name, via };
}

/** Without what is undefined: exact optional properties are absent or there. */
export function defined<T extends object>(value: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  return Object.fromEntries(entries) as { [Key in keyof T]: Exclude<T[Key], undefined> }; // as: that is what the filter does
}
