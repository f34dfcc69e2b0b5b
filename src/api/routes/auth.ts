/** `/api/auth/…`: how a browser gets in and out, and who one is. @module */
import { createRoute, z } from "@hono/zod-openapi";
import { TooManyFailures } from "../../auth/failure_limiter.ts";
import { type Identity, SCOPES } from "../../auth/identity.ts";
import { formatTimeUs } from "../../core/clock.ts";
import { arrivalOf, tooManyFailures } from "../caller.ts";
import type { ApiDeps } from "../deps.ts";
import { ApiError } from "../errors.ts";
import { createRouter, requires } from "../router.ts";

const Link = z.object({ code: z.string(), expiresAt: z.string() }).openapi("Link");
const Me = z.object({
  name: z.string().openapi({ description: "Name of the key, or token, browser" }),
  via: z.enum(["token", "key", "cookie", "jwt"]),
  scopes: z.array(z.enum(SCOPES)),
}).openapi("Me");
const StreamToken = z.object({ token: z.string(), expiresAt: z.string() }).openapi("StreamToken");

const createLink = createRoute({
  method: "post",
  path: "/api/auth/links",
  summary: "A one-time code that signs a browser in",
  description: "For a link `<origin>/#token=<code>`; valid for 5 minutes, once.",
  middleware: [requires("admin")] as const,
  responses: { 201: { description: "The code", content: { "application/json": { schema: Link } } } },
});

const createSession = createRoute({
  method: "post",
  path: "/api/auth/session",
  summary: "Sign in: a one-time code becomes a cookie",
  description:
    "The code is the credential. The cookie is HttpOnly and SameSite=Strict, named after the port, for 30 days.",
  request: {
    body: {
      required: true,
      content: { "application/json": { schema: z.object({ code: z.string().min(1).max(200) }) } },
    },
  },
  responses: {
    204: { description: "Signed in" },
    401: { description: "The code is wrong, used or too old" },
    429: { description: "Too many wrong codes" },
  },
});

const deleteSession = createRoute({
  method: "delete",
  path: "/api/auth/session",
  summary: "Sign out this browser",
  description: "Its cookie is refused from now on, and its streams end.",
  middleware: [requires("any")] as const,
  responses: { 204: { description: "Signed out" } },
});

const getMe = createRoute({
  method: "get",
  path: "/api/auth/me",
  summary: "Who these credentials belong to",
  middleware: [requires("any")] as const,
  responses: { 200: { description: "You", content: { "application/json": { schema: Me } } } },
});

const createToken = createRoute({
  method: "post",
  path: "/api/auth/tokens",
  summary: "A JWT that opens a WebSocket",
  description:
    "For `Sec-WebSocket-Protocol: km.stream.v1, km.jwt.<token>`; lets read, for 15 minutes, while the daemon runs and " +
    "the credentials that asked for it are good.",
  middleware: [requires("read")] as const,
  responses: { 201: { description: "The token", content: { "application/json": { schema: StreamToken } } } },
});

// deno-lint-ignore explicit-module-boundary-types -- the type is the list of routes, which the typed client reads
export function authRoutes({ authenticator }: ApiDeps, recheck: () => void) {
  return createRouter()
    .openapi(createLink, (context) => {
      const { code, expiresAtUs } = authenticator.issueCode();
      return context.json({ code, expiresAt: formatTimeUs(expiresAtUs) }, 201);
    })
    .openapi(createSession, (context) => {
      const cookie = redeem(() =>
        authenticator.redeemCode(context.req.valid("json").code, arrivalOf(context))
      );
      return context.body(null, 204, { "Set-Cookie": cookie });
    })
    .openapi(
      deleteSession,
      (context) => {
        const cookie = authenticator.signOut(context.req.raw, arrivalOf(context));
        recheck();
        return context.body(null, 204, { "Set-Cookie": cookie });
      },
    )
    .openapi(getMe, (context) => {
      const { name, via, scopes } = context.get("identity") as Identity; // as: requires("any") let it through
      return context.json({ name, via, scopes: [...scopes] }, 200);
    })
    .openapi(createToken, async (context) => {
      const identity = context.get("identity") as Identity; // as: requires("read") let it through
      const { token, expiresAtUs } = await authenticator.issueStreamToken(identity);
      return context.json({ token, expiresAt: formatTimeUs(expiresAtUs) }, 201);
    });
}

function redeem(attempt: () => string | null): string {
  try {
    const cookie = attempt();
    if (cookie !== null) return cookie;
  } catch (error) {
    throw error instanceof TooManyFailures ? tooManyFailures(error) : error;
  }
  throw new ApiError(401, "wrong_code", "This link is used or too old", {
    hint: 'get a new one with "km open"',
  });
}
