/** `GET /health`, `GET /ready`: is it alive, can it work. No credentials needed. @module */
import { createRoute, z } from "@hono/zod-openapi";
import type { ApiDeps } from "../deps.ts";
import { createRouter } from "../router.ts";

const Health = z.object({ status: z.literal("ok"), version: z.string() }).openapi("Health");

const getHealth = createRoute({
  method: "get",
  path: "/health",
  summary: "The daemon is alive",
  responses: { 200: { description: "Alive", content: { "application/json": { schema: Health } } } },
});

// deno-lint-ignore explicit-module-boundary-types -- the type is the list of routes, which the typed client reads
export function healthRoutes({ version }: ApiDeps) {
  return createRouter().openapi(
    getHealth,
    (context) => context.json({ status: "ok" as const, version }, 200),
  );
}
