/** `GET /health`, `GET /ready`: is it alive, can it work. No credentials needed, so nothing but that is told. @module */
import { createRoute, z } from "@hono/zod-openapi";
import { CHALLENGE_HEADER, PROOF_HEADER } from "../../auth/home_proof.ts";
import { KmError } from "../../core/error.ts";
import type { ApiDeps, Reader } from "../deps.ts";
import { createRouter } from "../router.ts";

const Health = z.object({
  status: z.literal("ok"),
  version: z.string(),
  uptimeMs: z.number().openapi({ description: "Since the start, by a clock that never jumps" }),
}).openapi("Health");

const STORE_STATES = ["ok", "locked", "full", "corrupt", "missing", "newer", "unavailable"] as const;

const StoreHealthSchema = z.object({
  state: z.enum(STORE_STATES).openapi({
    description: "newer: a newer km made the database; unavailable: it may not be opened or written",
  }),
  events: z.number().nullable(),
  sizeBytes: z.number().nullable(),
});

const Ready = z.object({
  status: z.enum(["ok", "not_ready"]),
  version: z.string(),
  uptimeMs: z.number(),
  store: StoreHealthSchema,
}).openapi("Ready");

const getHealth = createRoute({
  method: "get",
  path: "/health",
  summary: "The daemon is alive",
  description:
    "With a header `Km-Challenge` of 43 random characters (base64url), the answer's header `Km-Proof` is the HMAC-SHA256 of " +
    "`km serve <challenge>` by the home's token, in hex: so a program knows whom it talks to before it sends that token.",
  responses: { 200: { description: "Alive", content: { "application/json": { schema: Health } } } },
});

const getReady = createRoute({
  method: "get",
  path: "/ready",
  summary: "The daemon can do its work: its store can be read and written",
  responses: {
    200: { description: "Ready", content: { "application/json": { schema: Ready } } },
    503: {
      description: "Not now: `store.state` says why",
      content: { "application/json": { schema: Ready } },
    },
  },
});

/** Anybody may ask, so the store is looked at this often at most, in ms. */
const LOOK_MS = 500;

// deno-lint-ignore explicit-module-boundary-types -- the type is the list of routes, which the typed client reads
export function healthRoutes({ version, uptimeMs, reader, authenticator }: ApiDeps) {
  const readStore = atMostEvery(LOOK_MS, uptimeMs, () => askStore(reader));
  return createRouter()
    .openapi(
      getHealth,
      (context) => {
        const proof = authenticator.prove(context.req.header(CHALLENGE_HEADER) ?? "");
        return context.json(
          { status: "ok" as const, version, uptimeMs: uptimeMs() },
          200,
          proof === null ? {} : { [PROOF_HEADER]: proof },
        );
      },
    )
    .openapi(getReady, async (context) => {
      const store = await readStore();
      const ready = store.state === "ok";
      const body = {
        status: ready ? "ok" as const : "not_ready" as const,
        version,
        uptimeMs: uptimeMs(),
        store,
      };
      return ready ? context.json(body, 200) : context.json(body, 503, { "Retry-After": "1" });
    });
}

type StoreHealth = z.infer<typeof StoreHealthSchema>;

async function askStore(reader: Reader): Promise<StoreHealth> {
  try {
    const json = await reader.query("storeHealth", {});
    return StoreHealthSchema.parse(JSON.parse(new TextDecoder().decode(json)));
  } catch (error) {
    // What kept the question from being asked at all is an answer too.
    return { state: stateOf(error), events: null, sizeBytes: null };
  }
}

function stateOf(error: unknown): StoreHealth["state"] {
  switch (error instanceof KmError ? error.code : null) {
    case "not_found":
      return "missing";
    case "store_locked":
      return "locked";
    case "store_full":
      return "full";
    case "store_corrupt":
      return "corrupt";
    case "store_newer":
      return "newer";
    default:
      return "unavailable";
  }
}

/** Calls `ask` again only when its last answer is older than `ms`; who comes meanwhile gets the same answer. */
function atMostEvery<T>(ms: number, nowMs: () => number, ask: () => Promise<T>): () => Promise<T> {
  let last: { readonly answer: Promise<T>; readonly atMs: number } | null = null;
  return () => {
    if (last === null || nowMs() - last.atMs >= ms) last = { answer: ask(), atMs: nowMs() };
    return last.answer;
  };
}
