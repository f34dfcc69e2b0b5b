import { deepEqual, equal, ok } from "node:assert/strict";
import { verifies } from "../../../tests/verifies.ts";
import { answerChallenge } from "../../auth/home_proof.ts";
import { newSecret } from "../../auth/secret_token.ts";
import { type ErrorCode, KmError } from "../../core/error.ts";
import type { ApiDeps, Reader } from "../deps.ts";
import { TestApi } from "../testing_api.ts";
import { healthRoutes } from "./health.ts";

Deno.test("GET /health needs no credentials and tells version and uptime, nothing else", async () => {
  verifies("api-health");
  using api = new TestApi();
  const response = await api.app.request("/health");
  equal(response.status, 200);
  deepEqual(await response.json(), { status: "ok", version: "1.2.3", uptimeMs: 5000 });
});

Deno.test("GET /ready needs no credentials and tells the state of the store", async () => {
  verifies("api-health");
  using api = new TestApi();
  const response = await api.app.request("/ready");
  equal(response.status, 200);
  const { store, ...rest } = await response.json();
  deepEqual(rest, { status: "ok", version: "1.2.3", uptimeMs: 5000 });
  deepEqual([store.state, store.events, store.sizeBytes > 0], ["ok", 0, true]);
});

Deno.test("GET /health answers a challenge by the token, and nothing that is none", async () => {
  using api = new TestApi();
  const proofOf = async (challenge: string) => {
    const response = await api.app.request("/health", { headers: { "Km-Challenge": challenge } });
    return response.headers.get("Km-Proof");
  };
  const [one, other] = [newSecret(), newSecret()];
  equal(await proofOf(one), answerChallenge("t".repeat(43), one));
  equal(await proofOf(other) === await proofOf(one), false);
  for (const none of ["", "x", one + one, one.slice(1) + " "]) equal(await proofOf(none), null);
});

/** The routes over a reader that answers as `query` does. */
function routesOver(query: () => Promise<Uint8Array<ArrayBuffer>>, uptimeMs = () => 5000) {
  const reader = { query } as Reader; // as: it is asked one question
  return healthRoutes({ version: "1.2.3", uptimeMs, reader } as ApiDeps); // as: what these routes use of it
}

const answer = (value: unknown) => Promise.resolve(new TextEncoder().encode(JSON.stringify(value)));

for (const state of ["locked", "full", "corrupt", "missing", "newer", "unavailable"]) {
  Deno.test(`GET /ready is 503 while the store is ${state}, and says so`, async () => {
    verifies("api-health");
    const response = await routesOver(() => answer({ state, events: 1, sizeBytes: 2 })).request("/ready");
    equal(response.status, 503);
    ok(response.headers.has("Retry-After"));
    const { status, store } = await response.json();
    deepEqual([status, store], ["not_ready", { state, events: 1, sizeBytes: 2 }]);
  });
}

const FAILURES: readonly (readonly [ErrorCode, string])[] = [
  ["not_found", "missing"],
  ["store_locked", "locked"],
  ["store_full", "full"],
  ["store_corrupt", "corrupt"],
  ["store_newer", "newer"],
  ["internal", "unavailable"],
];
for (const [code, state] of FAILURES) {
  Deno.test(`GET /ready takes a reader that fails with ${code} for a store that is ${state}`, async () => {
    verifies("api-health");
    const response = await routesOver(() => Promise.reject(new KmError(code, "no"))).request("/ready");
    deepEqual([response.status, (await response.json()).store], [503, {
      state,
      events: null,
      sizeBytes: null,
    }]);
  });
}

Deno.test("GET /ready looks at the store once for many who ask at the same time, and again later", async () => {
  let looks = 0;
  let nowMs = 0;
  const routes = routesOver(
    () => answer({ state: looks++ === 0 ? "locked" : "ok", events: 0, sizeBytes: 0 }),
    () => nowMs,
  );
  const statuses = await Promise.all(
    Array.from({ length: 5 }, async () => (await routes.request("/ready")).status),
  );
  deepEqual([statuses, looks], [[503, 503, 503, 503, 503], 1]);
  nowMs = 500;
  deepEqual([(await routes.request("/ready")).status, looks], [200, 2]);
});
