/** `/api/keys`: named keys for programs and other machines. @module */
import { createRoute, z } from "@hono/zod-openapi";
import type { ApiKeys } from "../../auth/api_keys.ts";
import { SCOPES } from "../../auth/identity.ts";
import type { ApiDeps } from "../deps.ts";
import { ApiError } from "../errors.ts";
import { createRouter, requires } from "../router.ts";

const Scopes = z.array(z.enum(SCOPES)).min(1);
const Key = z.object({
  name: z.string(),
  scopes: Scopes,
  createdAt: z.string(),
  lastUsedAt: z.string().nullable().openapi({ description: "null: never" }),
}).openapi("Key");
const NewKey = z.object({
  name: z.string(),
  scopes: Scopes,
  key: z.string().openapi({ description: "Shown this once; km keeps only its hash" }),
}).openapi("NewKey");

const listKeys = createRoute({
  method: "get",
  path: "/api/keys",
  summary: "All keys, without their secrets",
  middleware: [requires("read")] as const,
  responses: {
    200: {
      description: "Keys",
      content: { "application/json": { schema: z.object({ keys: z.array(Key) }) } },
    },
  },
});

const createKey = createRoute({
  method: "post",
  path: "/api/keys",
  summary: "Make a key",
  middleware: [requires("admin")] as const,
  request: {
    body: {
      required: true,
      content: {
        "application/json": {
          schema: z.object({
            name: z.string().min(1).max(64).openapi({ example: "laptop" }),
            scopes: Scopes,
          }),
        },
      },
    },
  },
  responses: {
    201: { description: "The key", content: { "application/json": { schema: NewKey } } },
    409: { description: "There is one of that name" },
  },
});

const deleteKey = createRoute({
  method: "delete",
  path: "/api/keys/{name}",
  summary: "Revoke a key",
  description: "It is refused from now on, and its streams end.",
  middleware: [requires("admin")] as const,
  request: {
    params: z.object({ name: z.string().openapi({ description: "Name of the key", example: "laptop" }) }),
  },
  responses: { 204: { description: "Revoked" }, 404: { description: "There is none of that name" } },
});

// deno-lint-ignore explicit-module-boundary-types -- the type is the list of routes, which the typed client reads
export function keysRoutes({ authenticator }: ApiDeps, recheck: () => void) {
  return createRouter()
    .openapi(listKeys, (context) => {
      const keys = keysOf(authenticator).list().map((key) => ({ ...key, scopes: [...key.scopes] }));
      return context.json({ keys }, 200);
    })
    .openapi(createKey, async (context) => {
      const { name, scopes } = context.req.valid("json");
      const key = await keysOf(authenticator).add(name, scopes);
      return context.json({ name, scopes, key }, 201);
    })
    .openapi(deleteKey, async (context) => {
      await keysOf(authenticator).revoke(context.req.valid("param").name);
      recheck();
      return context.body(null, 204);
    });
}

function keysOf({ keys }: { readonly keys: ApiKeys | null }): ApiKeys {
  if (keys) return keys;
  throw new ApiError(501, "unsupported", "This km keeps no keys");
}
