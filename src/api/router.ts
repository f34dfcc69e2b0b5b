/** What every file of routes starts from: a router that answers bad input, the scopes, and JSON that is sent as it is. @module */
import { OpenAPIHono, type z } from "@hono/zod-openapi";
import type { Context, MiddlewareHandler, TypedResponse } from "hono";
import type { JSONParsed } from "hono/utils/types";
import type { Arrival } from "../auth/authenticator.ts";
import { type Identity, mayDo, type Scope } from "../auth/identity.ts";
import { ApiError } from "./errors.ts";
import { invalidInput } from "./invalid_input.ts";

/** What earlier steps leave for later ones. */
export interface ApiEnv {
  readonly Bindings: { readonly arrival?: Arrival };
  /** `refusal`: what to say instead of 401 to who sent wrong credentials too often. */
  readonly Variables: { identity: Identity | null; refusal?: ApiError };
}

/** A router whose 400 names the field. */
export function createRouter(): OpenAPIHono<ApiEnv> {
  return new OpenAPIHono<ApiEnv>({
    defaultHook: (result) => {
      if (!result.success) throw invalidInput(result);
    },
  });
}

/** Lets through who may do what needs one of `scopes`; `any`: everyone who has proven who they are. */
export function requires(...scopes: readonly [Scope | "any", ...Scope[]]): MiddlewareHandler<ApiEnv> {
  const demand: MiddlewareHandler<ApiEnv> = async (context, next) => {
    const identity = context.get("identity");
    if (!identity) {
      throw context.get("refusal") ??
        new ApiError(401, "unauthenticated", "No valid credentials were given", {
          hint:
            'send "Authorization: Bearer <token>"; the token is in $KM_HOME/token, or run "km open" for a browser',
          headers: { "WWW-Authenticate": 'Bearer realm="km"' },
        });
    }
    if (!scopes.some((scope) => scope === "any" || mayDo(identity, scope))) {
      throw new ApiError(403, "forbidden", `This needs the scope "${scopes.join('" or "')}"`, {
        hint: `"${identity.name}" has: ${identity.scopes.join(", ")}`,
      });
    }
    await next();
  };
  demands.set(demand, scopes);
  return demand;
}

/** What `requires` made each middleware for, so that the contract can tell it. */
const demands = new WeakMap<object, ScopeDemand>();

type ScopeDemand = readonly (Scope | "any")[];

/** The scopes of which a route's middleware demands one; null when it demands none. */
export function scopesDemandedBy(middleware: object): ScopeDemand | null {
  return demands.get(middleware) ?? null;
}

/** Sends JSON text that is ready, as the type that `schema` says it has; the tests check that it does. */
export function sendJson<Schema extends z.ZodType>(
  context: Context,
  _schema: Schema,
  json: Uint8Array<ArrayBuffer>,
): Response & TypedResponse<JSONParsed<z.infer<Schema>>, 200, "json"> {
  const response = context.body(json, 200, { "Content-Type": "application/json" });
  // As: hono cannot know what is in the bytes.
  return response as unknown as Response & TypedResponse<JSONParsed<z.infer<Schema>>, 200, "json">;
}
