/** `GET /api/calls`, `GET /api/calls/:id`: requests with their answers; one with its timeline. @module */
import { createRoute, z } from "@hono/zod-openapi";
import { parseCursor } from "../cursor.ts";
import { callFilter } from "../../core/filter.ts";
import type { ApiDeps } from "../deps.ts";
import { callParams, cursorOf, limitOf, pageParams, refuseRange } from "../filters.ts";
import { listFormat, sendList } from "../ndjson.ts";
import { createRouter, requires, sendJson } from "../router.ts";
import { CallDetailSchema, CallsSchema, failures, idParam, listContent, READ_FAILURES } from "../schemas.ts";

const listCalls = createRoute({
  method: "get",
  path: "/api/calls",
  summary: "Calls (a request with its answer), newest first",
  description: "The call whose request was recorded last comes first.",
  middleware: [requires("read")] as const,
  request: { query: z.object({ ...callParams, ...pageParams }) },
  responses: { 200: listContent("Calls", CallsSchema, "km calls --json"), ...READ_FAILURES },
});

const getCall = createRoute({
  method: "get",
  path: "/api/calls/{id}",
  summary: "One call with its timeline: request, progress, cancellation, answer",
  description: "The id is that of the request's event or of its answer's.",
  middleware: [requires("read")] as const,
  request: { params: z.object({ id: idParam }) },
  responses: {
    200: { description: "The call", content: { "application/json": { schema: CallDetailSchema } } },
    ...failures(401, 403, 404, 409, 503),
  },
});

// deno-lint-ignore explicit-module-boundary-types -- the type is the list of routes, which the typed client reads
export function callRoutes({ reader }: Pick<ApiDeps, "reader">) {
  return createRouter()
    .openapi(listCalls, async (context) => {
      const query = context.req.valid("query");
      const format = listFormat(context);
      const text = await reader.query("calls", {
        filter: callFilter(query, refuseRange),
        limit: limitOf(query),
        beforeSeq: cursorOf(query, parseCursor),
        format,
      }, { signal: context.req.raw.signal });
      return sendList(context, CallsSchema, format, text);
    })
    .openapi(getCall, async (context) => {
      const { id } = context.req.valid("param");
      const text = await reader.query("call", { id }, { signal: context.req.raw.signal });
      return sendJson(context, CallDetailSchema, text);
    });
}
