/** Finds out who calls, before any route is asked. @module */
import type { Context, MiddlewareHandler } from "hono";
import type { Arrival, Authenticator } from "../auth/authenticator.ts";
import { TooManyFailures } from "../auth/failure_limiter.ts";
import { ApiError } from "./errors.ts";
import type { ApiEnv } from "./router.ts";

/** A request that came through no socket: `app.request()` in tests. */
const NOWHERE: Arrival = { address: "", port: 0, secure: false };

/** Leaves the caller's identity for `requires()`. What needs no credentials is answered, whatever failed before. */
export function identifyCaller(authenticator: Authenticator): MiddlewareHandler<ApiEnv> {
  return async (context, next) => {
    try {
      context.set("identity", await authenticator.identify(context.req.raw, arrivalOf(context)));
    } catch (error) {
      if (!(error instanceof TooManyFailures)) throw error;
      context.set("identity", null);
      context.set("refusal", tooManyFailures(error));
    }
    await next();
  };
}

/** Where the request came from and to. */
export function arrivalOf({ env }: Context<ApiEnv>): Arrival {
  return (env as ApiEnv["Bindings"] | undefined)?.arrival ?? NOWHERE; // as: hono gives no env to `app.request()`
}

/** The 429 for somebody who guesses. */
export function tooManyFailures({ retryAfterS }: TooManyFailures): ApiError {
  return new ApiError(429, "too_many_failures", "Too many attempts with wrong credentials", {
    hint: `try again in ${retryAfterS} s; valid credentials are taken at any time`,
    headers: { "Retry-After": String(retryAfterS) },
  });
}
