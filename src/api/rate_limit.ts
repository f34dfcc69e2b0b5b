/** How much one caller may ask per minute, where that is set (`serve.maxRequestsPerMinute`). @module */
import type { MiddlewareHandler } from "hono";
import { type Clock, systemClock } from "../core/clock.ts";
import { arrivalOf } from "./caller.ts";
import { ApiError } from "./errors.ts";
import type { ApiEnv } from "./router.ts";

const MINUTE_US = 60 * 1_000_000;
/** Callers that are remembered; who asked longest ago is forgotten first, and starts afresh. */
const MAX_CALLERS = 10_000;
/** What costs something; pages and health checks are not counted. */
const COUNTED = /^\/(?:api\/|metrics$)/;

/** Answers 429 to who asks more than the limit (0: none), as it is at that moment. A minute's worth may come at once. */
export function limitRate(readLimit: () => number, clock: Clock = systemClock): MiddlewareHandler<ApiEnv> {
  /** Caller → until when what was asked is paid for, in µs. */
  const paidUntilUs = new Map<string, number>();
  return async (context, next) => {
    const perMinute = readLimit();
    if (perMinute > 0 && COUNTED.test(context.req.path)) {
      const identity = context.get("identity");
      const caller = identity ? `${identity.via} ${identity.name}` : arrivalOf(context).address;
      const nowUs = clock.nowUs();
      const untilUs = Math.max(paidUntilUs.get(caller) ?? 0, nowUs) + MINUTE_US / perMinute;
      if (untilUs - nowUs > MINUTE_US + 1) throw tooMany(perMinute, untilUs - nowUs - MINUTE_US);
      paidUntilUs.delete(caller);
      paidUntilUs.set(caller, untilUs);
      if (paidUntilUs.size > MAX_CALLERS) paidUntilUs.delete(paidUntilUs.keys().next().value ?? "");
    }
    await next();
  };
}

function tooMany(perMinute: number, waitUs: number): ApiError {
  return new ApiError(429, "too_many_requests", `More than ${perMinute} requests a minute`, {
    hint: "ask less often, or raise the setting serve.maxRequestsPerMinute",
    headers: { "Retry-After": String(Math.ceil(waitUs / 1_000_000)) },
  });
}
