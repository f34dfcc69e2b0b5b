/**
 * The contract: OpenAPI 3.1, made from the routes. What every route has in common is added here once: its group, the
 * credentials and the scope that it needs (read from the middleware that demands them), and the failures that follow.
 * @module
 */
import type { OpenAPIHono } from "@hono/zod-openapi";
import { type ApiEnv, scopesDemandedBy } from "./router.ts";

/** Groups of the contract, in the order in which a reader meets them; the first whose pattern fits a path has it. */
const GROUPS = [
  {
    name: "Events",
    paths: /^\/api\/(activity|events\/\{id\})$/,
    description: "What was said, message by message.",
  },
  { name: "Calls", paths: /^\/api\/calls/, description: "Requests with their answers." },
  { name: "Search", paths: /^\/api\/search/, description: "Full text of everything that was said." },
  {
    name: "Stream",
    paths: /^\/api\/stream/,
    description: "Events as they come, without loss or repeat: server-sent events, or a WebSocket.",
  },
  {
    name: "Figures",
    paths: /^\/api\/(stats|latency|overview|findings)/,
    description: "How often, how slow, how heavy; what somebody should look at.",
  },
  {
    name: "Servers and tools",
    paths: /^\/api\/(servers|tools)/,
    description: "What was recorded of each.",
  },
  { name: "Ingest", paths: /^\/api\/events/, description: "Events that other machines and programs send." },
  {
    name: "Settings",
    paths: /^\/api\/(settings|prune)/,
    description: "How km behaves, where the data is, and how to delete it.",
  },
  {
    name: "Sessions",
    paths: /^\/api\/(sessions|ws|audit)/,
    description: "Programs in terminals that outlive the window they were started from.",
  },
  { name: "Tasks", paths: /^\/api\/tasks/, description: "Prompts for agents, one after the other." },
  { name: "Keys", paths: /^\/api\/keys/, description: "Named keys for other machines and programs." },
  {
    name: "Sign-in",
    paths: /^\/api\/auth/,
    description: "How a browser and a WebSocket prove who they are.",
  },
  {
    name: "Internal",
    paths: /^\/api\/(short-ids|server-names)$/,
    description: "What km's own clients need beside the rest; it may change with any version.",
  },
  { name: "Daemon", paths: /./, description: "Is it there, can it work, how does it do." },
] as const;

const DESCRIPTION = `What km recorded of the traffic between AI tools and MCP servers.

Send \`Authorization: Bearer <token>\`: the token is in \`$KM_HOME/token\` (\`~/.km/token\`), or use a key of \`km keys add\`.
Times are ISO 8601 in UTC with µs, durations are ms, sizes are bytes. \`since\` and \`until\` take times as the command line
does: \`10m\`, \`24h\`, \`7d\`, \`today\`, \`2026-11-21\`, \`2026-11-21T09:30\`.

Every failure is \`{"error": {"code", "message", "hint"}}\`; 400 also names the \`field\`. Ask again after \`Retry-After\`
where an answer has it.`;

const FAILURES = {
  Invalid: "The request cannot be read; `field` names what is wrong",
  Unauthenticated: "No valid credentials were given",
  Forbidden: "The credentials lack the scope that this needs",
  TooMany: "Too many requests, or too many failed attempts: ask again after `Retry-After`",
  Failed: "Anything else that went wrong",
} as const;

type Document = ReturnType<OpenAPIHono["getOpenAPI31Document"]>;
type Operation = NonNullable<NonNullable<Document["paths"]>[string]["get"]>;

const METHODS = ["get", "put", "post", "delete", "patch"] as const;

/** The contract of all routes that `app` has. */
export function openApiDocument(app: OpenAPIHono<ApiEnv>, version: string): Document {
  const document = app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "km",
      version,
      description: DESCRIPTION,
      license: { name: "MIT" },
    },
    servers: [{ url: "/", description: "The daemon that serves this document" }],
    tags: GROUPS.map(({ name, description }) => ({ name, description })),
  });
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    for (const method of METHODS) {
      const operation = item[method];
      if (operation) complete(operation, { method, path, scopes: neededScopes(app, method, path) });
    }
  }
  document.components = { ...document.components, securitySchemes: SECURITY, responses: failureResponses() };
  return document;
}

type Components = NonNullable<Document["components"]>;

const SECURITY: NonNullable<Components["securitySchemes"]> = {
  token: {
    type: "http",
    scheme: "bearer",
    description: "The daemon's token (every scope), a key of `km keys add` (its scopes), or a JWT",
  },
  cookie: {
    type: "apiKey",
    in: "cookie",
    name: "km_session_4242",
    description: "What `km open` gives the browser: HttpOnly, SameSite=Strict, named after the port",
  },
};

interface Place {
  readonly method: string;
  readonly path: string;
  /** Null: no credentials are needed. */
  readonly scopes: readonly string[] | null;
}

/** Adds what no route says of itself. What a route does say is kept. */
function complete(operation: Operation, { method, path, scopes }: Place): void {
  operation.tags ??= [GROUPS.find(({ paths }) => paths.test(path))?.name ?? "Daemon"];
  operation.operationId ??= operationId(method, path);
  const demands = (scopes ?? []).map((scope) => scope === "any" ? [] : [scope]);
  operation.security = demands.flatMap((needed) => [{ token: needed }, { cookie: needed }]);
  const takesInput = (operation.parameters?.length ?? 0) > 0 || operation.requestBody !== undefined;
  operation.responses = {
    ...(takesInput && { 400: failure("Invalid") }),
    ...(scopes !== null && { 401: failure("Unauthenticated"), 429: failure("TooMany") }),
    ...(demands.some((needed) => needed.length > 0) && { 403: failure("Forbidden") }),
    default: failure("Failed"),
    ...operation.responses,
  };
}

/** The scopes of which the middleware of a route demands one. */
function neededScopes(app: OpenAPIHono<ApiEnv>, method: string, path: string): readonly string[] | null {
  const pattern = path.replaceAll(/\{(\w+)\}/g, ":$1");
  for (const route of app.routes) {
    if (route.path !== pattern || route.method !== method.toUpperCase()) continue;
    const scopes = scopesDemandedBy(route.handler);
    if (scopes !== null) return scopes;
  }
  return null;
}

/** `getEventsId` for `GET /api/events/{id}`. */
function operationId(method: string, path: string): string {
  const words = path.replace(/^\/api\//, "").split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  return method + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}

function failure(name: keyof typeof FAILURES): { $ref: string } {
  return { $ref: `#/components/responses/${name}` };
}

function failureResponses(): NonNullable<Components["responses"]> {
  const content = { "application/json": { schema: { $ref: "#/components/schemas/Error" } } };
  return Object.fromEntries(
    Object.entries(FAILURES).map(([name, description]) => [name, { description, content }]),
  );
}
