/** `GET /api/openapi.json`: the contract of the whole API. No credentials needed. @module */
import { createRoute, z } from "@hono/zod-openapi";
import { createRouter } from "../router.ts";

const OpenApi = z.looseObject({ openapi: z.string() }).openapi("OpenApi", {
  description: "An OpenAPI 3.1 document",
});

const getOpenApi = createRoute({
  method: "get",
  path: "/api/openapi.json",
  summary: "This contract",
  responses: {
    200: { description: "OpenAPI 3.1", content: { "application/json": { schema: OpenApi } } },
  },
});

/** `describe` gives the document; it is asked once, when somebody wants it. */
// deno-lint-ignore explicit-module-boundary-types -- the type is the list of routes, which the typed client reads
export function openApiRoutes(describe: () => { readonly openapi: string }) {
  let document: { openapi: string } | undefined;
  return createRouter().openapi(getOpenApi, (context) => {
    document ??= { ...describe() };
    return context.json(document, 200);
  });
}
