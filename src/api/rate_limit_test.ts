import { equal, match } from "node:assert/strict";
import { verifies } from "../../tests/verifies.ts";
import type { Identity } from "../auth/identity.ts";
import { errorResponse } from "./errors.ts";
import { limitRate } from "./rate_limit.ts";
import { createRouter } from "./router.ts";

function makeApp(perMinute: number) {
  const time = { nowUs: 1_000_000, perMinute };
  const app = createRouter();
  app.onError((error) => errorResponse(error));
  app.use("*", async (context, next) => {
    const name = context.req.header("Caller");
    const identity: Identity | null = name === undefined ? null : { name, via: "key", scopes: ["read"] };
    context.set("identity", identity);
    await next();
  });
  app.use("*", limitRate(() => time.perMinute, { nowUs: () => time.nowUs }));
  app.get("*", (context) => context.text("here"));
  const ask = async (caller?: string, path = "/api/stats") =>
    await app.request(path, caller === undefined ? {} : { headers: { Caller: caller } });
  return { time, ask };
}

Deno.test("limitRate() answers 429 with Retry-After to who asks more than the limit, and to nobody else", async () => {
  verifies("api-limits");
  const { time, ask } = makeApp(3);
  for (let at = 0; at < 3; at++) equal((await ask("a")).status, 200);
  const refused = await ask("a");
  equal(refused.status, 429);
  match(refused.headers.get("Retry-After") ?? "", /^20$/);
  equal((await ask("b")).status, 200, "another caller");
  equal((await ask()).status, 200, "nobody known");
  equal((await ask("a", "/health")).status, 200, "not counted");
  time.nowUs += 20_000_000;
  equal((await ask("a")).status, 200);
  equal((await ask("a")).status, 429);
});

Deno.test("limitRate() of 0 limits nothing", async () => {
  const { ask } = makeApp(0);
  for (let at = 0; at < 1000; at++) equal((await ask("a")).status, 200);
});

Deno.test("limitRate() holds a limit that is changed from the next request on", async () => {
  const { time, ask } = makeApp(0);
  equal((await ask("a")).status, 200);
  time.perMinute = 2;
  for (const status of [200, 200, 429]) equal((await ask("a")).status, status);
  time.perMinute = 0;
  equal((await ask("a")).status, 200);
});
