/** What is read of sessions: screens, states that are waited for, history, recordings, past output, providers. @module */
import { createRoute, z } from "@hono/zod-openapi";
import { ENDED_STATES, SESSION_STATES, type SessionState } from "../../core/session.ts";
import { resolveCommand } from "../../proc/pty_command.ts";
import type { AsciicastPlace } from "../../sessions/asciicast.ts";
import { probeAuth } from "../../sessions/providers/auth_probe.ts";
import { childEnvironment } from "../../sessions/providers/launch.ts";
import type { Provider } from "../../sessions/providers/provider.ts";
import type { ApiDeps, Reader } from "../deps.ts";
import { ApiError } from "../errors.ts";
import { countParam, cursorOf, limitOf, pageParams } from "../filters.ts";
import { HISTORY_KINDS } from "../queries/sessions.ts";
import { createRouter, requires, sendJson } from "../router.ts";
import { failures } from "../schemas.ts";
import { callerOf, oneSession, sessionParams, sessionsOf } from "../sessions/route_context.ts";
import { sessionBody } from "../sessions/session_bodies.ts";
import { HistoryBody, ProvidersBody, SessionHitsBody } from "../sessions/session_schemas.ts";
import { WaitRoom } from "../sessions/wait_room.ts";

const flag = z.enum(["true", "false"]).default("false");

const searchRoute = createRoute({
  method: "get",
  path: "/api/sessions/search",
  summary: "Search in what programs wrote, newest first",
  description:
    "In any case, anywhere in a line; the same line of a session once. `complete: false` says that it did not come to everything, " +
    "and `nextCursor` goes on from there. What was written within the last second may be missing.",
  middleware: [requires("read", "sessions")] as const,
  request: {
    query: z.object({
      q: z.string().max(256).refine((text) => text.trim() !== "", "it is empty").openapi({
        example: "error",
      }),
      session: z.string().min(1).max(200).optional().openapi({ description: "Only in this one" }),
      ...pageParams,
    }),
  },
  responses: {
    200: { description: "Where it was found", content: { "application/json": { schema: SessionHitsBody } } },
    ...failures(400, 403, 404, 503),
  },
});

const providersRoute = createRoute({
  method: "get",
  path: "/api/sessions/providers",
  summary: "What can be started, and whether it is installed",
  middleware: [requires("read", "sessions")] as const,
  request: {
    query: z.object({
      probe: flag.openapi({
        description: "true: asks each that is installed whether somebody is signed in, which takes seconds",
      }),
    }),
  },
  responses: {
    200: { description: "Providers", content: { "application/json": { schema: ProvidersBody } } },
    ...failures(400, 403),
  },
});

const screenRoute = createRoute({
  method: "get",
  path: "/api/sessions/{id}/screen",
  summary: "What the terminal shows",
  description:
    "`text`: the rows, without colours, known secrets masked. `ansi`: text that draws the screen. `cells`: each cell with its style; " +
    "in these two, and over WebSockets, all is as it was written.",
  middleware: [requires("read", "sessions")] as const,
  request: {
    params: sessionParams,
    query: z.object({
      format: z.enum(["text", "ansi", "cells"]).default("text"),
      scrollback: flag.openapi({ description: "true: with the lines above the screen; for `text` alone" }),
    }),
  },
  responses: {
    200: {
      description: "The screen",
      content: { "application/json": { schema: z.object({ format: z.string(), screen: z.unknown() }) } },
    },
    ...failures(400, 403, 404, 409, 503),
  },
});

const waitRoute = createRoute({
  method: "get",
  path: "/api/sessions/{id}/wait",
  summary: "Wait until a session is in a state",
  description:
    "Answers at once when it is; also when it has ended. `idle` means that nothing waits to be typed in, either.",
  middleware: [requires("read", "sessions")] as const,
  request: {
    params: sessionParams,
    query: z.object({
      state: z.string().max(200).default("idle").openapi({
        description: "One state, or several with commas between",
        example: "idle,waiting_approval",
      }),
      timeout: countParam(0, 3600, "How long, in s; 60 when not given").optional(),
    }),
  },
  responses: { 200: oneSession, ...failures(400, 403, 404, 408, 409, 429) },
});

const historyRoute = createRoute({
  method: "get",
  path: "/api/sessions/{id}/history",
  summary: "What a session has been doing, what it was sent, what it wrote",
  description:
    "Without `kind`: states, and the newest commands. With one, page by page. What happened within the last second may be missing.",
  middleware: [requires("read", "sessions")] as const,
  request: {
    params: sessionParams,
    query: z.object({ kind: z.enum(HISTORY_KINDS).optional(), ...pageParams }),
  },
  responses: {
    200: { description: "History", content: { "application/json": { schema: HistoryBody } } },
    ...failures(400, 403, 404, 409, 503),
  },
});

const CAST_TYPE = "application/x-asciicast";

const recordingRoute = createRoute({
  method: "get",
  path: "/api/sessions/{id}/recording",
  summary: "The output of a session as an asciicast",
  middleware: [requires("read", "sessions")] as const,
  request: {
    params: sessionParams,
    query: z.object({ version: z.enum(["2", "3"]).default("3") }),
  },
  responses: {
    200: { description: "A header, then one event a line", content: { [CAST_TYPE]: { schema: z.string() } } },
    ...failures(400, 403, 404, 409, 503),
  },
});

// deno-lint-ignore explicit-module-boundary-types -- the type is the list of routes, which the typed client reads
export function sessionReadRoutes(deps: ApiDeps) {
  const { reader } = deps;
  const all = () => sessionsOf(deps);
  const waits = new WaitRoom();
  return createRouter()
    .openapi(searchRoute, async (context) => {
      const { q, session, ...query } = context.req.valid("query");
      const sessionId = session === undefined ? null : (await all().get(session)).id;
      const before = cursorOf(query, parsePlace) ?? null;
      const args = { filter: { search: q, sessionId }, limit: limitOf(query), before };
      return sendJson(
        context,
        SessionHitsBody,
        await reader.query("sessionSearch", args, { signal: context.req.raw.signal }),
      );
    })
    .openapi(providersRoute, async (context) => {
      const isProbed = context.req.valid("query").probe === "true";
      const { providers, environment } = all().programs;
      const { signal } = context.req.raw;
      const bodies = [...providers.values()].map((provider) =>
        providerBody(provider, environment, isProbed ? signal : null)
      );
      return context.json({ providers: await Promise.all(bodies) }, 200);
    })
    .openapi(screenRoute, async (context) => {
      const { format, scrollback } = context.req.valid("query");
      const screen = await all().screen(context.req.valid("param").id, format, scrollback === "true");
      return context.json({ format, screen }, 200);
    })
    .openapi(waitRoute, async (context) => {
      const { state, timeout = 60 } = context.req.valid("query");
      const options = {
        states: [...statesOf(state), ...ENDED_STATES],
        timeoutMs: timeout * 1000,
        signal: AbortSignal.any([context.req.raw.signal, deps.stopping]),
      };
      const { id } = context.req.valid("param");
      const view = await waits.enter(callerOf(context).name, () => all().wait(id, options));
      if (view) return context.json(sessionBody(view), 200);
      throw new ApiError(408, "timeout", `The session was not ${state} within ${timeout} s`, {
        hint: "ask again, or with a longer timeout",
      });
    })
    .openapi(historyRoute, async (context) => {
      const query = context.req.valid("query");
      const { kind = null, cursor = null } = query;
      if (kind === "output") cursorOf(query, parseSeq);
      // All states are on one page, after which no answer says how to go on.
      if (kind === "states") cursorOf(query, () => null);
      const { id } = await all().get(context.req.valid("param").id);
      const args = { id, kind, limit: limitOf(query), cursor };
      const json = await reader.query("sessionHistory", args, { signal: context.req.raw.signal });
      return sendJson(context, HistoryBody, json);
    })
    .openapi(recordingRoute, async (context) => {
      const { id, number, name } = await all().get(context.req.valid("param").id);
      const version = context.req.valid("query").version === "2" ? 2 : 3;
      const body = recordingStream(reader, { id, version }, context.req.raw.signal);
      return new Response(body, {
        headers: {
          "Content-Type": CAST_TYPE,
          "Content-Disposition": `attachment; filename="${name.replace(/[^\w.-]/g, "_") || number}.cast"`,
        },
      });
    });
}

/** Asks for page after page, as fast as they are read. */
function recordingStream(
  reader: Reader,
  { id, version }: { readonly id: string; readonly version: 2 | 3 },
  signal: AbortSignal,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let after: AsciicastPlace | null = null;
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      const page = await reader.query("sessionRecording", { id, version, after }, { signal });
      const end = page.indexOf(0x0a);
      after = JSON.parse(new TextDecoder().decode(page.subarray(0, end))) as AsciicastPlace | null; // as: the query wrote it
      if (page.length > end + 1) controller.enqueue(page.subarray(end + 1));
      if (after === null) controller.close();
    },
  }, { highWaterMark: 0 });
}

async function providerBody(
  provider: Provider,
  environment: Readonly<Record<string, string>>,
  probing: AbortSignal | null,
): Promise<z.infer<typeof ProvidersBody>["providers"][number]> {
  const env = childEnvironment(environment, provider, {});
  const cwd = environment["HOME"] ?? "/";
  const command = provider.command.length > 0 ? provider.command : [environment["SHELL"] ?? "/bin/sh"];
  const path = pathOf({ command, cwd, env, searchPath: env["PATH"] ?? "" });
  const canAsk = probing !== null && path !== null;
  return {
    name: provider.name,
    title: provider.title,
    path,
    fullAccess: provider.fullAccess !== null,
    resumable: provider.resume !== null,
    structured: provider.structured !== null,
    auth: canAsk ? await probeAuth(provider, { env, cwd, signal: probing }) : null,
  };
}

function pathOf(start: Parameters<typeof resolveCommand>[0]): string | null {
  try {
    return resolveCommand(start)[0] ?? null;
  } catch {
    return null; // Not there, or not executable: it cannot be started.
  }
}

function statesOf(text: string): SessionState[] {
  return text.split(",").map((word) => {
    const state = SESSION_STATES.find((state) => state === word.trim());
    if (state) return state;
    throw new ApiError(400, "invalid", `"${word}" is no state`, {
      field: "state",
      hint: SESSION_STATES.join(", "),
    });
  });
}

function parsePlace(cursor: string): { readonly number: number; readonly seq: number } | null {
  const [, number, seq] = /^(\d{1,10})\.(\d{1,15})$/.exec(cursor) ?? [];
  return number === undefined || seq === undefined ? null : { number: Number(number), seq: Number(seq) };
}

function parseSeq(cursor: string): number | null {
  return /^\d{1,15}$/.test(cursor) ? Number(cursor) : null;
}
