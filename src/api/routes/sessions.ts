/** `/api/sessions`: programs in terminals. @module */
import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Identity } from "../../auth/identity.ts";
import { SESSION_ACCESS } from "../../auth/session_tokens.ts";
import { formatTimeUs } from "../../core/clock.ts";
import { ENDED_STATES, MAX_COLS, MAX_ROWS, SESSION_STATES } from "../../core/session.ts";
import type { Sessions } from "../../sessions/sessions.ts";
import type { Caller } from "../../sessions/start_options.ts";
import type { ApiDeps } from "../deps.ts";
import { ApiError } from "../errors.ts";
import { type ApiEnv, createRouter, requires } from "../router.ts";
import { CommandBody, commandBody, SessionBody, sessionBody } from "../sessions/session_schemas.ts";
import { MAX_COMMAND_CHARS } from "../sessions/socket_commands.ts";

const params = z.object({
  id: z.string().max(200).openapi({
    description: "Id, number, name, or the beginning of an id",
    example: "3",
  }),
});
const size = z.object({
  cols: z.number().int().min(2).max(MAX_COLS),
  rows: z.number().int().min(1).max(MAX_ROWS),
});
const one = { description: "The session", content: { "application/json": { schema: SessionBody } } };
const noSuch = { description: "There is none" };

const listRoute = createRoute({
  method: "get",
  path: "/api/sessions",
  summary: "Sessions, newest first",
  middleware: [requires("read")] as const,
  request: {
    query: z.object({
      state: z.enum(["live", "ended", ...SESSION_STATES]).optional(),
      provider: z.string().max(64).optional(),
      limit: z.coerce.number().int().min(1).max(1000).default(100),
    }),
  },
  responses: {
    200: {
      description: "Sessions",
      content: { "application/json": { schema: z.object({ sessions: z.array(SessionBody) }) } },
    },
  },
});

const startRoute = createRoute({
  method: "post",
  path: "/api/sessions",
  summary: "Start a session",
  middleware: [requires("sessions")] as const,
  request: {
    body: {
      required: true,
      content: {
        "application/json": {
          schema: z.object({
            provider: z.string().min(1).max(64),
            args: z.array(z.string().max(8192)).max(256).optional(),
            command: z.array(z.string().max(8192)).min(1).max(256).optional(),
            cwd: z.string().max(4096).optional(),
            name: z.string().max(64).optional(),
            size: size.optional(),
            fullAccess: z.boolean().optional(),
            env: z.record(z.string().max(128), z.string().max(32768)).optional(),
          }).strict(),
        },
      },
    },
  },
  responses: {
    201: one,
    404: { description: "No such provider or folder" },
    429: { description: "Too many sessions" },
  },
});

const getRoute = createRoute({
  method: "get",
  path: "/api/sessions/{id}",
  summary: "One session",
  middleware: [requires("read")] as const,
  request: { params },
  responses: { 200: one, 404: noSuch },
});

const deleteRoute = createRoute({
  method: "delete",
  path: "/api/sessions/{id}",
  summary: "End a session, or remove one that has ended",
  middleware: [requires("sessions")] as const,
  request: { params, query: z.object({ remove: z.enum(["true", "false"]).optional() }) },
  responses: { 200: one, 204: { description: "Removed, with all it left" }, 404: noSuch },
});

const inputRoute = createRoute({
  method: "post",
  path: "/api/sessions/{id}/input",
  summary: "Type into a session, or send it a command",
  middleware: [requires("sessions")] as const,
  request: {
    params,
    body: {
      required: true,
      content: {
        "application/json": {
          schema: z.union([
            z.object({ keys: z.string().min(1).max(MAX_COMMAND_CHARS) }).strict(),
            z.object({
              command: z.string().min(1).max(MAX_COMMAND_CHARS),
              id: z.string().regex(/^[\x21-\x7e]{1,64}$/).optional(),
            }).strict(),
          ]),
        },
      },
    },
  },
  responses: {
    202: {
      description: "Typed (command: null), or stored and typed in when the session is idle",
      content: { "application/json": { schema: z.object({ command: CommandBody.nullable() }) } },
    },
    404: noSuch,
    409: { description: "Its program has ended" },
  },
});

const screenRoute = createRoute({
  method: "get",
  path: "/api/sessions/{id}/screen",
  summary: "What the terminal shows",
  middleware: [requires("read")] as const,
  request: {
    params,
    query: z.object({
      format: z.enum(["text", "ansi", "cells"]).default("text"),
      scrollback: z.enum(["true", "false"]).default("false"),
    }),
  },
  responses: {
    200: {
      description: "The screen",
      content: { "application/json": { schema: z.object({ format: z.string(), screen: z.unknown() }) } },
    },
    404: noSuch,
  },
});

const waitRoute = createRoute({
  method: "get",
  path: "/api/sessions/{id}/wait",
  summary: "Wait until a session is in a state",
  middleware: [requires("read")] as const,
  request: {
    params,
    query: z.object({
      state: z.string().default("idle").openapi({ description: "One state, or several with commas between" }),
      timeout: z.coerce.number().min(0).max(3600).default(60).openapi({ description: "In s" }),
    }),
  },
  responses: {
    200: one,
    408: { description: "It took longer" },
    404: noSuch,
  },
});

const tokenRoute = createRoute({
  method: "post",
  path: "/api/sessions/tokens",
  summary: "A JWT that opens the WebSockets of sessions",
  middleware: [requires("read")] as const,
  request: {
    body: {
      required: true,
      content: {
        "application/json": {
          schema: z.object({
            access: z.enum(SESSION_ACCESS).default("read"),
            sessions: z.array(z.string().max(64)).max(1000).nullable().default(null),
          }).strict(),
        },
      },
    },
  },
  responses: {
    201: {
      description: "The token",
      content: { "application/json": { schema: z.object({ token: z.string(), expiresAt: z.string() }) } },
    },
  },
});

// deno-lint-ignore explicit-module-boundary-types -- the type is the list of routes, which the typed client reads
export function sessionRoutes(deps: ApiDeps) {
  const all = (): Sessions => {
    if (deps.sessions) return deps.sessions;
    throw new ApiError(501, "unsupported", "This km has no sessions");
  };
  return createRouter()
    .openapi(listRoute, async (context) => {
      const { state, provider, limit } = context.req.valid("query");
      const sessions = await all().list({
        limit,
        ...(state !== undefined && { state }),
        ...(provider !== undefined && { provider }),
      });
      return context.json({ sessions: sessions.map(sessionBody) }, 200);
    })
    .openapi(startRoute, async (context) => {
      const view = await all().start(defined(context.req.valid("json")), callerOf(context));
      return context.json(sessionBody(view), 201);
    })
    .openapi(tokenRoute, async (context) => {
      const { access, sessions } = context.req.valid("json");
      const identity = identityOf(context);
      if (access === "write" && !identity.scopes.some((scope) => scope === "sessions" || scope === "admin")) {
        throw new ApiError(403, "forbidden", 'This needs the scope "sessions"');
      }
      const { token, expiresAtUs } = await deps.authenticator.issueSessionToken(identity, {
        access,
        sessions,
      });
      return context.json({ token, expiresAt: formatTimeUs(expiresAtUs) }, 201);
    })
    .openapi(
      getRoute,
      async (context) => context.json(sessionBody(await all().get(context.req.valid("param").id)), 200),
    )
    .openapi(deleteRoute, async (context) => {
      const { id } = context.req.valid("param");
      if (context.req.valid("query").remove === "true") {
        await all().remove(id, callerOf(context));
        return context.body(null, 204);
      }
      return context.json(sessionBody(await all().end(id, callerOf(context))), 200);
    })
    .openapi(inputRoute, async (context) => {
      const { id } = context.req.valid("param");
      const body = context.req.valid("json");
      if ("keys" in body) {
        await all().input(id, new TextEncoder().encode(body.keys));
        return context.json({ command: null }, 202);
      }
      const command = { id: body.id ?? crypto.randomUUID(), text: body.command };
      return context.json({ command: commandBody(await all().send(id, command, callerOf(context))) }, 202);
    })
    .openapi(screenRoute, async (context) => {
      const { format, scrollback } = context.req.valid("query");
      const screen = await all().screen(context.req.valid("param").id, format, scrollback === "true");
      return context.json({ format, screen }, 200);
    })
    .openapi(waitRoute, async (context) => {
      const { state, timeout } = context.req.valid("query");
      const view = await all().wait(context.req.valid("param").id, {
        states: [...statesOf(state), ...ENDED_STATES],
        timeoutMs: timeout * 1000,
        signal: context.req.raw.signal,
      });
      if (view) return context.json(sessionBody(view), 200);
      throw new ApiError(408, "timeout", `The session was not ${state} within ${timeout} s`);
    });
}

function statesOf(text: string) {
  return text.split(",").map((word) => {
    const state = SESSION_STATES.find((state) => state === word.trim());
    if (state) return state;
    throw new ApiError(400, "invalid", `"${word}" is no state`, {
      field: "state",
      hint: SESSION_STATES.join(", "),
    });
  });
}

function identityOf(context: Context<ApiEnv>): Identity {
  return context.get("identity") as Identity; // as: requires() let it through
}

function callerOf(context: Context<ApiEnv>): Caller {
  const { name, via } = identityOf(context);
  return { name, via };
}

/** Without what is undefined: exact optional properties are absent or there. */
function defined<T extends object>(value: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  return Object.fromEntries(entries) as { [Key in keyof T]: Exclude<T[Key], undefined> }; // as: that is what the filter does
}
