/** What the API's routes take, read from the routes themselves: which methods a path has, which parameters a query may have. @module */
import { type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context, MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import { suggest } from "../core/suggest.ts";
import { ApiError } from "./errors.ts";
import { shown } from "./invalid_input.ts";
import type { ApiEnv } from "./router.ts";

interface Route {
  readonly methods: Set<string>;
  readonly pattern: RegExp;
  /** Parameters of its GET. */
  readonly parameters: readonly string[];
}

/** Pattern of the route that a request came to; null: none. */
export function routeOf(context: Context): string | null {
  // The first answers: `/api/sessions/search` is `/api/sessions/:id` too.
  return matchedRoutes(context).find(({ path }) => !path.includes("*"))?.path ?? null;
}

/** Refuses a GET of the API with a parameter that its route does not know: a misspelt filter must not mean "everything". */
export function refuseUnknownParameters(table: RouteTable): MiddlewareHandler<ApiEnv> {
  return async (context, next) => {
    const { method, path } = context.req;
    // Who is nobody is told that first.
    if ((method === "GET" || method === "HEAD") && path.startsWith("/api/") && context.get("identity")) {
      const route = routeOf(context);
      if (route !== null) checkParameters(Object.keys(context.req.queries()), table.parametersOf(route));
    }
    await next();
  };
}

/** The routes of an app, looked at when first asked for: by then it has them all. */
export class RouteTable {
  readonly #app: OpenAPIHono<ApiEnv>;
  #routes: ReadonlyMap<string, Route> | undefined;

  constructor(app: OpenAPIHono<ApiEnv>) {
    this.#app = app;
  }

  /** Names that the query of a GET of `route` may have. */
  parametersOf(route: string): readonly string[] {
    return this.#all().get(route)?.parameters ?? [];
  }

  /** What can be done at `path`; empty when there is nothing. */
  methodsAt(path: string): readonly string[] {
    const methods = new Set<string>();
    for (const route of this.#all().values()) {
      if (route.pattern.test(path)) { for (const method of route.methods) methods.add(method); }
    }
    if (methods.has("GET")) methods.add("HEAD");
    return [...methods].toSorted();
  }

  #all(): ReadonlyMap<string, Route> {
    return this.#routes ??= readRoutes(this.#app);
  }
}

function readRoutes(app: OpenAPIHono<ApiEnv>): ReadonlyMap<string, Route> {
  const routes = new Map<string, Route>();
  for (const definition of app.openAPIRegistry.definitions) {
    if (definition.type !== "route") continue;
    const { path, method, request } = definition.route;
    const name = path.replaceAll(/\{(\w+)\}/g, ":$1");
    const before = routes.get(name);
    const methods = (before?.methods ?? new Set()).add(method.toUpperCase());
    const parameters = method === "get" ? namesOf(request?.query) : before?.parameters ?? [];
    const pattern = new RegExp(`^${path.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "[^/]+")}$`);
    routes.set(name, { methods, pattern, parameters });
  }
  return routes;
}

function namesOf(query: unknown): readonly string[] {
  if (query === undefined) return [];
  if (query instanceof z.ZodObject) return Object.keys(query.shape);
  throw new TypeError("The query of a route must be an object schema, so that its names are known");
}

/** @throws {ApiError} 400 */
function checkParameters(given: readonly string[], known: readonly string[]): void {
  const unknown = given.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const near = suggest(unknown, known);
  throw new ApiError(400, "invalid", `The query has no parameter "${shown(unknown)}"`, {
    field: unknown,
    hint: near !== undefined
      ? `did you mean "${near}"?`
      : known.length > 0
      ? `it may have: ${known.join(", ")}`
      : "this takes none",
  });
}
