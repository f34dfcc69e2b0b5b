/** What the tests of routes share: routes on a temporary store, called as an admin, without a socket or a thread. Not part of the program. @module */
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Identity, Scope } from "../../auth/identity.ts";
import { type Settings, SettingsInForce } from "../../config/settings_in_force.ts";
import type { Database } from "../../store/database.ts";
import type { Reader } from "../deps.ts";
import { errorResponse } from "../errors.ts";
import { answerQuery } from "../queries.ts";
import { type ApiEnv, createRouter } from "../router.ts";

/** Answers from `db` in this very thread. */
export function readerOf(db: Database): Reader {
  return {
    // deno-lint-ignore require-await -- what it throws is to be a rejection
    query: async (name, args) => new TextEncoder().encode(answerQuery(db, name, args)),
  };
}

/** Settings by the file at `path`, which is looked at only when somebody asks. */
export function settingsAt(path: string): Settings {
  return new SettingsInForce({ path, every: () => () => {} });
}

/** The routes behind an identity that has these scopes; null: nobody. */
export function serveRoutes(
  routes: OpenAPIHono<ApiEnv>,
  scopes: readonly Scope[] | null = ["admin"],
): OpenAPIHono<ApiEnv> {
  const identity: Identity | null = scopes && { name: "tester", via: "key", scopes };
  const app = createRouter();
  app.onError((error) => errorResponse(error));
  app.use("*", async (context, next) => {
    context.set("identity", identity);
    await next();
  });
  app.route("/", routes);
  return app;
}
