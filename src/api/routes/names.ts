/** `GET /api/short-ids`, `GET /api/server-names`: what the command line's tables need beside their rows. @module */
import { createRoute, z } from "@hono/zod-openapi";
import { MAX_IDS } from "../../core/limits.ts";
import type { ApiDeps } from "../deps.ts";
import { countParam } from "../filters.ts";
import { createRouter, requires, sendJson } from "../router.ts";

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const INTERNAL = "Internal: for km's own clients; it may change with any version.";
/** Hold the time of a UUIDv7. */
const DEFAULT_LENGTH = 13;

const ShortIds = z.object({
  ids: z.array(z.string()).openapi({ description: "In the order they were given" }),
}).openapi("ShortIds");

const ServerNames = z.object({
  servers: z.array(z.string()).openapi({ description: "The one that was started last comes first" }),
}).openapi("ServerNames");

const getShortIds = createRoute({
  method: "get",
  path: "/api/short-ids",
  summary: "Ids of events, as short as GET /api/events/{id} still takes them",
  description: INTERNAL,
  middleware: [requires("read")] as const,
  request: {
    query: z.object({
      ids: z.string().transform((text) => text.split(",")).refine(
        (ids) => ids.length <= MAX_IDS && ids.every((id) => ID.test(id)),
        `not a list of up to ${MAX_IDS} ids`,
      ).openapi({
        type: "string",
        description: `Up to ${MAX_IDS} ids, separated by commas`,
        example: "019f1d2c-8a41-7000-8000-000000000001",
      }),
      least: countParam(1, 36, `Least length of each; ${DEFAULT_LENGTH} when not given`).optional(),
    }),
  },
  responses: { 200: { description: "Short ids", content: { "application/json": { schema: ShortIds } } } },
});

const getServerNames = createRoute({
  method: "get",
  path: "/api/server-names",
  summary: "Names of all servers that were ever recorded",
  description: INTERNAL,
  middleware: [requires("read")] as const,
  responses: { 200: { description: "Names", content: { "application/json": { schema: ServerNames } } } },
});

// deno-lint-ignore explicit-module-boundary-types -- the type is the list of routes, which the typed client reads
export function namesRoutes({ reader }: ApiDeps) {
  return createRouter()
    .openapi(getShortIds, async (context) => {
      const { ids, least = DEFAULT_LENGTH } = context.req.valid("query");
      return sendJson(context, ShortIds, await reader.query("shortIds", { ids, least }));
    })
    .openapi(
      getServerNames,
      async (context) => sendJson(context, ServerNames, await reader.query("serverNames", {})),
    );
}
