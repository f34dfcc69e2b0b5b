/** `GET /api/findings`: what a person should look at. @module */
import { createRoute } from "@hono/zod-openapi";
import type { ApiDeps } from "../deps.ts";
import { nowUs } from "../filters.ts";
import { createRouter, requires, sendJson } from "../router.ts";
import { FindingsSchema } from "../schemas_figures.ts";

const listFindings = createRoute({
  method: "get",
  path: "/api/findings",
  summary: "What a person should look at",
  middleware: [requires("read")] as const,
  responses: {
    200: {
      description: "Findings, gravest first",
      content: { "application/json": { schema: FindingsSchema } },
    },
  },
});

// deno-lint-ignore explicit-module-boundary-types -- the type is the list of routes, which the typed client reads
export function findingsRoutes({ reader }: ApiDeps) {
  return createRouter().openapi(
    listFindings,
    async (context) => sendJson(context, FindingsSchema, await reader.query("findings", { nowUs: nowUs() })),
  );
}
