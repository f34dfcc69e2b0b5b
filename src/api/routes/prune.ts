/** `POST /api/prune`: deletes old events, or everything. @module */
import { createRoute, z } from "@hono/zod-openapi";
import { requireRetention } from "../../config/config.ts";
import { parseDuration } from "../../core/duration.ts";
import { KmError } from "../../core/error.ts";
import { pruneLimits } from "../../store/prune.ts";
import type { ApiDeps } from "../deps.ts";
import { issueOf } from "../invalid_input.ts";
import { createRouter, requires } from "../router.ts";
import { failures, PruneSchema } from "../schemas.ts";

const durationParam: z.ZodType<number, string> = z.string().transform((text, context) => {
  try {
    return parseDuration(text);
  } catch (error) {
    if (!(error instanceof KmError)) throw error;
    context.addIssue(issueOf(error));
    return z.NEVER;
  }
}).openapi({ type: "string", description: "Delete what is older than this: 7d, 12h", example: "7d" });

const postPrune = createRoute({
  method: "post",
  path: "/api/prune",
  summary: "Delete old events, or everything",
  description:
    "Without a field it does what the settings retention.days and retention.maxBytes say, and nothing (400) while they cannot be read. Statistics by day and names outlive the events; " +
    "only `all` deletes them too. Sessions that ended and tasks that are over go by their age as well. What is recorded meanwhile stays.",
  middleware: [requires("admin")] as const,
  request: {
    body: {
      required: true,
      content: {
        "application/json": {
          // Strict: a field that is misspelt must not mean "what the settings say".
          schema: z.strictObject({
            olderThan: durationParam.optional(),
            all: z.literal(true).optional().openapi({ description: "Delete everything" }),
          }).refine(({ olderThan, all }) => olderThan === undefined || all === undefined, {
            path: ["all"],
            message: "everything, or what is older than a time, not both",
          }),
        },
      },
    },
  },
  responses: {
    200: { description: "What was deleted", content: { "application/json": { schema: PruneSchema } } },
    ...failures(400, 401, 403, 503, 507),
  },
});

// deno-lint-ignore explicit-module-boundary-types -- the type is the list of routes, which the typed client reads
export function pruneRoutes({ pruner, settings }: Pick<ApiDeps, "pruner" | "settings">) {
  return createRouter().openapi(postPrune, async (context) => {
    const { olderThan, all } = context.req.valid("json");
    await settings.look();
    const limits = pruneLimits({ olderThanMs: olderThan, all }, {
      nowUs: Date.now() * 1000,
      retention: () => requireRetention(settings.options),
    });
    return context.json(await pruner.prune(limits), 200);
  });
}
