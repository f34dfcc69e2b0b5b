/** What is done to one session: keys, commands, sizes, signals. @module */
import { createRoute, z } from "@hono/zod-openapi";
import type { ApiDeps } from "../deps.ts";
import { createRouter, requires } from "../router.ts";
import { failures, jsonContent } from "../schemas.ts";
import {
  auditOf,
  callerOf,
  oneSession,
  sessionParams,
  sessionsOf,
  sizeInput,
} from "../sessions/route_context.ts";
import { commandBody, sessionBody } from "../sessions/session_bodies.ts";
import { CommandBody } from "../sessions/session_schemas.ts";
import { SIGNALS } from "../sessions/signal_names.ts";
import { commandId, MAX_COMMAND_CHARS } from "../sessions/socket_commands.ts";

const inputRoute = createRoute({
  method: "post",
  path: "/api/sessions/{id}/input",
  summary: "Type into a session, or send it a command",
  description:
    "`keys` are typed as they are, at once. A `command` is stored, and typed in when the session is idle; sent again with the " +
    "same `id`, it is still one command.",
  middleware: [requires("sessions")] as const,
  request: {
    params: sessionParams,
    body: {
      required: true,
      content: jsonContent(z.union([
        z.object({ keys: z.string().min(1).max(MAX_COMMAND_CHARS).openapi({ example: "ls\r" }) })
          .strict(),
        z.object({
          command: z.string().min(1).max(MAX_COMMAND_CHARS),
          id: commandId.optional(),
        }).strict(),
      ], { error: 'it must be {"keys": "…"}, or {"command": "…", "id": "…"}' })),
    },
  },
  responses: {
    202: {
      description: "Typed (`command` is null), or stored",
      content: jsonContent(z.object({ command: CommandBody.nullable() })),
    },
    ...failures(400, 403, 404, 409, 413, 429, 503, 507),
  },
});

const cancelRoute = createRoute({
  method: "delete",
  path: "/api/sessions/{id}/commands/{commandId}",
  summary: "Take a command back that still waits",
  middleware: [requires("sessions")] as const,
  request: { params: sessionParams.extend({ commandId: z.string().min(1).max(64) }) },
  responses: {
    200: {
      description: "`cancelled` is false when it does not wait: typed in already, or never sent",
      content: jsonContent(z.object({ cancelled: z.boolean() })),
    },
    ...failures(403, 404, 409, 503),
  },
});

const resizeRoute = createRoute({
  method: "post",
  path: "/api/sessions/{id}/resize",
  summary: "Change the size of a terminal",
  middleware: [requires("sessions")] as const,
  request: {
    params: sessionParams,
    body: { required: true, content: jsonContent(sizeInput.strict()) },
  },
  responses: { 200: oneSession, ...failures(400, 403, 404, 409, 503) },
});

const signalRoute = createRoute({
  method: "post",
  path: "/api/sessions/{id}/signal",
  summary: "Send a signal",
  description:
    "What a keyboard can send goes to the program in the foreground; others go to the session's program too.",
  middleware: [requires("sessions")] as const,
  request: {
    params: sessionParams,
    body: {
      required: true,
      content: jsonContent(z.object({ signal: z.enum(SIGNALS) }).strict()),
    },
  },
  responses: { 204: { description: "Sent" }, ...failures(400, 403, 404, 409, 503) },
});

const detachRoute = createRoute({
  method: "post",
  path: "/api/sessions/{id}/detach",
  summary: "Ask all terminals that show it to leave it",
  description: "As `km sessions attach` does at the event `leave`; the dashboard goes on showing it.",
  middleware: [requires("sessions")] as const,
  request: { params: sessionParams },
  responses: { 204: { description: "Asked" }, ...failures(403, 404, 409, 503) },
});

const seenRoute = createRoute({
  method: "post",
  path: "/api/sessions/{id}/seen",
  summary: "Say that a person has looked at it",
  description: "It counts as seen for everybody, so that who only reads may not say so.",
  middleware: [requires("sessions")] as const,
  request: { params: sessionParams },
  responses: { 204: { description: "Noted" }, ...failures(403, 404, 409, 503) },
});

// deno-lint-ignore explicit-module-boundary-types -- the type is the list of routes, which the typed client reads
export function sessionInputRoutes(deps: ApiDeps) {
  const all = () => sessionsOf(deps);
  return createRouter()
    .openapi(inputRoute, async (context) => {
      const body = context.req.valid("json");
      const caller = callerOf(context);
      const { id } = await all().get(context.req.valid("param").id);
      const note = (detail: string) =>
        auditOf(deps).note(caller, { action: "session.input", subject: id, detail });
      if ("keys" in body) {
        const bytes = new TextEncoder().encode(body.keys);
        await all().input(id, bytes);
        await note(`${bytes.length} bytes of keys`);
        return context.json({ command: null }, 202);
      }
      const command = { id: body.id ?? crypto.randomUUID(), text: body.command };
      const sent = await all().send(id, command, caller);
      await note(`a command of ${command.text.length} characters`);
      return context.json({ command: commandBody(sent) }, 202);
    })
    .openapi(cancelRoute, async (context) => {
      const { id, commandId } = context.req.valid("param");
      return context.json({ cancelled: await all().cancelCommand(id, commandId, callerOf(context)) }, 200);
    })
    .openapi(resizeRoute, async (context) => {
      const { id } = context.req.valid("param");
      await all().resize(id, context.req.valid("json"));
      return context.json(sessionBody(await all().get(id)), 200);
    })
    .openapi(signalRoute, async (context) => {
      await all().signal(context.req.valid("param").id, context.req.valid("json").signal, callerOf(context));
      return context.body(null, 204);
    })
    .openapi(detachRoute, async (context) => {
      await all().askToLeave(context.req.valid("param").id, callerOf(context));
      return context.body(null, 204);
    })
    .openapi(seenRoute, async (context) => {
      await all().markSeen(context.req.valid("param").id);
      return context.body(null, 204);
    });
}
