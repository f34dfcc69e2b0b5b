/** `GET /api/search`: full text, with what was found in each event. @module */
import { createRoute, z } from "@hono/zod-openapi";
import { parsePosition } from "../cursor.ts";
import { eventFilter } from "../../core/filter.ts";
import type { ApiDeps } from "../deps.ts";
import { ApiError } from "../errors.ts";
import { cursorOf, limitOf, messageParams, pageParams, refuseRange } from "../filters.ts";
import { createRouter, requires, sendJson } from "../router.ts";
import { READ_FAILURES, SearchSchema } from "../schemas.ts";

/** Longest text that can be searched, in characters. */
const MAX_SEARCH = 1000;

const searchEvents = createRoute({
  method: "get",
  path: "/api/search",
  summary: "Full-text search in the payloads of events",
  description:
    "Finds words that start with the text, in any case; several words stand as typed. Only when no word starts so, the text is looked for " +
    "anywhere. A search takes a tenth of a second at most: `complete: false` says that it did not come to everything, and " +
    "`nextCursor` goes on from there.",
  middleware: [requires("read")] as const,
  request: {
    query: z.object({
      q: z.string().max(MAX_SEARCH).refine((text) => text.trim() !== "", "it is empty")
        .openapi({ description: "What to look for", example: "rate limit" }),
      ranked: z.enum(["true", "false"]).optional().openapi({
        description:
          "true: the best of the newest hits first, with a score, on one page; otherwise the newest first",
      }),
      ...messageParams,
      ...pageParams,
    }),
  },
  responses: {
    200: { description: "What was found", content: { "application/json": { schema: SearchSchema } } },
    ...READ_FAILURES,
  },
});

// deno-lint-ignore explicit-module-boundary-types -- the type is the list of routes, which the typed client reads
export function searchRoutes({ reader }: Pick<ApiDeps, "reader">) {
  return createRouter().openapi(searchEvents, async (context) => {
    const { q, ...query } = context.req.valid("query");
    const ranked = query.ranked === "true";
    if (ranked && query.cursor !== undefined) {
      throw new ApiError(400, "invalid", "Cannot go on in a ranked search: it has one page", {
        field: "cursor",
        hint: "ask for more at once with limit, or leave out ranked",
      });
    }
    const args = {
      filter: { ...eventFilter(query, refuseRange), search: q },
      limit: limitOf(query),
      ranked,
      from: cursorOf(query, parsePosition),
    };
    const text = await reader.query("search", args, { signal: context.req.raw.signal });
    return sendJson(context, SearchSchema, text);
  });
}
