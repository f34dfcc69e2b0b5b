/** `/api/sessions`: programs in terminals; which there are, how they start and end. @module */
import { createRoute, z } from "@hono/zod-openapi";
import { SESSION_ACCESS } from "../../auth/session_tokens.ts";
import { mayDo } from "../../auth/identity.ts";
import { formatTimeUs } from "../../core/clock.ts";
import { hasEnded, SESSION_STATES, type SessionState } from "../../core/session.ts";
import type { Sessions } from "../../sessions/sessions.ts";
import type { SessionView } from "../../sessions/viewer.ts";
import { parseCursor } from "../cursor.ts";
import type { ApiDeps } from "../deps.ts";
import { ApiError } from "../errors.ts";
import { cursorOf, limitOf, pageParams } from "../filters.ts";
import { createRouter, requires } from "../router.ts";
import { failures, jsonContent } from "../schemas.ts";
import {
  argsInput,
  auditOf,
  callerOf,
  defined,
  envInput,
  identityOf,
  oneSession,
  sessionParams,
  sessionsOf,
  sizeInput,
} from "../sessions/route_context.ts";
import { sessionBody } from "../sessions/session_bodies.ts";
import { SessionsBody } from "../sessions/session_schemas.ts";

const listRoute = createRoute({
  method: "get",
  path: "/api/sessions",
  summary: "Sessions, newest first",
  middleware: [requires("read", "sessions")] as const,
  request: {
    query: z.object({
      state: z.enum(["live", "ended", ...SESSION_STATES]).optional(),
      provider: z.string().min(1).max(64).optional(),
      seen: z.enum(["true", "false"]).transform((text) => text === "true").optional().openapi({
        type: "string",
        description: "false: only those that began to wait, or ended, and that nobody has looked at since",
      }),
      ...pageParams,
    }),
  },
  responses: {
    200: { description: "Sessions", content: jsonContent(SessionsBody) },
    ...failures(400, 403, 503),
  },
});

const startRoute = createRoute({
  method: "post",
  path: "/api/sessions",
  summary: "Start a session",
  description:
    "The program gets an allow-list of the daemon's environment and `env`, which no answer repeats. `fullAccess` switches " +
    "the provider's own safeguards off, for this session alone; it is written down.",
  middleware: [requires("sessions")] as const,
  request: {
    body: {
      required: true,
      content: jsonContent(
        z.object({
          provider: z.string().min(1).max(64).openapi({ example: "claude" }),
          args: argsInput.optional(),
          command: z.array(z.string().max(8192)).min(1).max(256).optional().openapi({
            description: "A program of your own, for the provider `shell` alone",
          }),
          cwd: z.string().max(4096).optional().openapi({
            description: "Full path; your home when not given",
          }),
          name: z.string().max(64).optional(),
          size: sizeInput.optional(),
          fullAccess: z.boolean().optional(),
          env: envInput.optional(),
        }).strict(),
      ),
    },
  },
  responses: {
    201: oneSession,
    422: { description: "Its program is not installed, or cannot be run" },
    ...failures(400, 403, 404, 413, 429, 503),
  },
});

const getRoute = createRoute({
  method: "get",
  path: "/api/sessions/{id}",
  summary: "One session",
  middleware: [requires("read", "sessions")] as const,
  request: { params: sessionParams },
  responses: { 200: oneSession, ...failures(403, 404, 409, 503) },
});

const deleteRoute = createRoute({
  method: "delete",
  path: "/api/sessions/{id}",
  summary: "End a session, or remove one that has ended",
  description: "Ends its program (SIGHUP, then SIGTERM, then SIGKILL) and answers when it is gone.",
  middleware: [requires("sessions")] as const,
  request: {
    params: sessionParams,
    query: z.object({
      remove: z.enum(["true", "false"]).optional().openapi({
        description: "true: removes one that has ended, with all it left but the audit",
      }),
    }),
  },
  responses: {
    200: oneSession,
    204: { description: "Removed, with all it left" },
    ...failures(400, 403, 404, 409, 503),
  },
});

const resumeRoute = createRoute({
  method: "post",
  path: "/api/sessions/{id}/resume",
  summary: "Go on with the conversation of an ended session, in a new one",
  description: "What waits to be typed into the old one goes along.",
  middleware: [requires("sessions")] as const,
  request: {
    params: sessionParams,
    body: {
      content: jsonContent(
        z.object({
          fullAccess: z.boolean().optional(),
          size: sizeInput.optional(),
          args: argsInput.optional().openapi({
            description: "Behind the provider's own; those of the old one are not taken over",
          }),
          env: envInput.optional(),
        }).strict(),
      ),
    },
  },
  responses: {
    201: oneSession,
    501: { description: "Its provider cannot go on with it" },
    ...failures(400, 403, 404, 409, 429, 503),
  },
});

const tokenRoute = createRoute({
  method: "post",
  path: "/api/sessions/tokens",
  summary: "A JWT that opens the WebSockets of sessions",
  description:
    "For the first message over `/api/ws`; 15 minutes, while the daemon runs and the credentials that asked for it are good. " +
    "`write` needs the scope `sessions`. `sessions`: those that it is for; null: all.",
  middleware: [requires("read", "sessions")] as const,
  request: {
    body: {
      required: true,
      content: jsonContent(
        z.object({
          access: z.enum(SESSION_ACCESS).default("read"),
          sessions: z.array(z.string().min(1).max(200)).min(1).max(256).nullable().default(null),
        }).strict(),
      ),
    },
  },
  responses: {
    201: {
      description: "The token",
      content: jsonContent(z.object({ token: z.string(), expiresAt: z.string() }).openapi("SessionToken")),
    },
    ...failures(400, 403, 404, 409),
  },
});

// deno-lint-ignore explicit-module-boundary-types -- the type is the list of routes, which the typed client reads
export function sessionRoutes(deps: ApiDeps) {
  const all = (): Sessions => sessionsOf(deps);
  return createRouter()
    .openapi(listRoute, async (context) => {
      const query = context.req.valid("query");
      const limit = limitOf(query);
      const sessions = await pageOf(all(), { ...query, limit, before: cursorOf(query, parseCursor) });
      const nextCursor = sessions.length === limit ? String(sessions.at(-1)?.number) : null;
      return context.json({ sessions: sessions.map(sessionBody), nextCursor }, 200);
    })
    .openapi(startRoute, async (context) => {
      const view = await all().start(defined(context.req.valid("json")), callerOf(context));
      return context.json(sessionBody(view), 201);
    })
    .openapi(tokenRoute, async (context) => {
      const { access, sessions } = context.req.valid("json");
      const identity = identityOf(context);
      if (access === "write" && !mayDo(identity, "sessions")) {
        throw new ApiError(403, "forbidden", 'This needs the scope "sessions"', {
          hint: `"${identity.name}" has: ${identity.scopes.join(", ")}; ask for "access": "read"`,
        });
      }
      const ids = sessions && await Promise.all(sessions.map(async (ref) => (await all().get(ref)).id));
      const issued = await deps.authenticator.issueSessionToken(identity, { access, sessions: ids });
      if (access === "write") {
        const what = ids === null ? "all sessions" : `${ids.length} sessions`;
        await auditOf(deps).add(callerOf(context), {
          action: "token.issue",
          subject: ids?.[0] ?? null,
          detail: `may write to ${what}`,
        });
      }
      return context.json({ token: issued.token, expiresAt: formatTimeUs(issued.expiresAtUs) }, 201);
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
    .openapi(resumeRoute, async (context) => {
      const { id } = context.req.valid("param");
      const body = context.req.valid("json") ?? {};
      return context.json(sessionBody(await all().resume(id, defined(body), callerOf(context))), 201);
    });
}

interface Page {
  readonly state?: "live" | "ended" | SessionState | undefined;
  readonly provider?: string | undefined;
  readonly seen?: boolean | undefined;
  readonly limit: number;
  readonly before: number | undefined;
}

/** Those that live are in memory, as they are now; the others in the store. */
async function pageOf(sessions: Sessions, page: Page): Promise<readonly SessionView[]> {
  const { state, provider, seen, limit, before = Infinity } = page;
  if (state === undefined || state === "ended" || (state !== "live" && hasEnded(state))) {
    return await sessions.list(defined(page));
  }
  return sessions.live
    .filter((view) => state === "live" ? !hasEnded(view.state) : view.state === state)
    .filter((view) => seen === undefined || view.seen === seen)
    .filter((view) => view.number < before && (provider === undefined || view.provider === provider))
    .toSorted((one, other) => other.number - one.number)
    .slice(0, limit);
}
