/** `GET /api/overview`: today at a glance. @module */
import { createRoute, z } from "@hono/zod-openapi";
import { inputPrice } from "../../cost/price.ts";
import type { ApiDeps } from "../deps.ts";
import { nowUs } from "../filters.ts";
import { createRouter, requires, sendJson } from "../router.ts";
import { OverviewSchema } from "../schemas_figures.ts";

/** The widest that any place on earth is from UTC, in minutes. */
const MAX_OFFSET_MINUTES = 14 * 60;

const getOverview = createRoute({
  method: "get",
  path: "/api/overview",
  summary: "Today at a glance",
  middleware: [requires("read")] as const,
  request: {
    query: z.object({
      utcOffsetMinutes: z.coerce.number().int().min(-MAX_OFFSET_MINUTES).max(MAX_OFFSET_MINUTES).default(0)
        .openapi({
          description: "How far the caller's clock is ahead of UTC; days begin at the caller's midnight",
          example: 60,
        }),
    }),
  },
  responses: {
    200: { description: "The overview", content: { "application/json": { schema: OverviewSchema } } },
  },
});

// deno-lint-ignore explicit-module-boundary-types -- the type is the list of routes, which the typed client reads
export function overviewRoutes({ reader, model: readModel = () => null }: ApiDeps) {
  return createRouter().openapi(getOverview, async (context) => {
    const { utcOffsetMinutes } = context.req.valid("query");
    const model = readModel();
    const microUsdPerMillionTokens = model === null ? null : await inputPrice(model);
    return sendJson(
      context,
      OverviewSchema,
      await reader.query("overview", { nowUs: nowUs(), utcOffsetMinutes, model, microUsdPerMillionTokens }),
    );
  });
}
