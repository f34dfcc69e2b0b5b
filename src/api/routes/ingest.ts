/**
 * `POST /api/events` and `/api/events/batch`: events from programs and other machines.
 *
 * This thread only reads the body's bytes; what is in them the writer thread finds out (`recorder/ingest`). The schemas here are what
 * OpenAPI documents and the typed client sees; they say what `recorder/ingest/event_check.ts` checks, and one table of cases tests both.
 * @module
 */
import { createRoute, z } from "@hono/zod-openapi";
import type { Context, MiddlewareHandler } from "hono";
import type { Identity } from "../../auth/identity.ts";
import { DIRECTIONS, EVENT_KINDS } from "../../core/event.ts";
import { parseTimeUs } from "../../core/iso_time.ts";
import {
  isStorable,
  MAX_DURATION_MS,
  MAX_METHOD_LENGTH,
  MAX_NAME_LENGTH,
  MAX_RPC_ID_LENGTH,
  MAX_SIZE_BYTES,
  MAX_TOOL_LENGTH,
  UUID,
} from "../../recorder/ingest/event_check.ts";
import type { IngestAnswer } from "../../recorder/ingest/group_writer.ts";
import type { IngestResult } from "../../recorder/ingest/ingester.ts";
import type { BodyFormat, IngestBody } from "../../recorder/ingest/read_body.ts";
import type { RefusalData } from "../../recorder/ingest/refusal.ts";
import { type BodyLimits, readBody } from "../body.ts";
import type { ApiDeps } from "../deps.ts";
import { ApiError, ErrorBody } from "../errors.ts";
import { type ApiEnv, createRouter, requires } from "../router.ts";

/** A large batch over a slow line. */
const DEADLINE_MS = 60_000;
const MIN_BYTES_PER_SECOND = 1024;

const name = (maxLength: number) => z.string().max(maxLength).refine(isStorable);

/** An event as it may be sent: what `km events --json` prints is one. Members it does not name are ignored. */
export const SentEventSchema = z.object({
  id: z.string().regex(UUID).openapi({
    description: "A UUID, best of version 7; the same id twice is stored once",
    example: "019f1d2c-8a41-7000-8000-000000000001",
  }),
  time: z.string().refine((text) => parseTimeUs(text) !== null).openapi({
    description: "ISO 8601 with a zone, to the µs; at most 24 hours ahead of the daemon's clock",
    example: "2026-11-21T11:50:36.123456Z",
  }),
  server: name(MAX_NAME_LENGTH).min(1).openapi({ example: "files" }),
  kind: z.enum(EVENT_KINDS).openapi({ example: "request" }),
  correlationId: name(MAX_NAME_LENGTH).min(1).nullish().openapi({
    description: "Names the run; required here or in the batch",
    example: "run-1",
  }),
  direction: z.enum(DIRECTIONS).nullish().openapi({
    description: "By default, requests go to the server and answers come from it",
  }),
  method: name(MAX_METHOD_LENGTH).nullish(),
  tool: name(MAX_TOOL_LENGTH).nullish(),
  rpcId: z.union([name(MAX_RPC_ID_LENGTH), z.number()]).nullish().openapi({
    description: "JSON-RPC id: pairs an answer with its request; by default the payload's",
  }),
  sizeBytes: z.number().int().min(0).max(MAX_SIZE_BYTES).nullish(),
  truncated: z.boolean().nullish(),
  durationMs: z.number().min(0).max(MAX_DURATION_MS).nullish().openapi({
    description: "Of an answer; by default the time since its request",
  }),
  client: name(MAX_NAME_LENGTH).nullish(),
  payload: z.unknown().openapi({
    description: "The message; kept as it came",
    example: {
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: { name: "read_file", arguments: { path: "a.txt" } },
    },
  }),
}).openapi("SentEvent");

export const SentBatchSchema = z.object({
  events: z.array(SentEventSchema),
  cliVersion: name(64).nullish(),
  batchTimestamp: z.string().refine((text) => parseTimeUs(text) !== null).nullish(),
  correlationId: name(MAX_NAME_LENGTH).nullish().openapi({ description: "For events that have none" }),
}).openapi("SentBatch");

const Taken = z.object({
  accepted: z.number().int(),
  duplicate: z.number().int().openapi({ description: "Stored before, or twice in this request" }),
  rejected: z.array(z.object({
    index: z.number().int().openapi({ description: "Place in the batch, from 0" }),
    id: z.string().nullable(),
    field: z.string().nullable().openapi({ description: "What is wrong; null: it is no event at all" }),
    reason: z.string(),
  })),
}).openapi("IngestResult");

const RESPONSES = {
  202: {
    description: "Stored: what is counted as accepted survives a crash of the daemon",
    content: { "application/json": { schema: Taken } },
  },
  ...Object.fromEntries(
    [
      [400, "No valid JSON, or no valid event"],
      [413, "More than the settings ingest.max… allow"],
      [415, "Neither JSON nor NDJSON, or compressed by something else than gzip or zstd"],
      [429, "Too many events wait to be stored: send them again after Retry-After"],
      [503, "The store cannot be used now: nothing was stored, send it again after Retry-After"],
      [507, "The disk is full: nothing was stored"],
    ].map(([status, description]) => [
      status,
      { description: String(description), content: { "application/json": { schema: ErrorBody } } },
    ]),
  ),
};

const sendEvent = createRoute({
  method: "post",
  path: "/api/events",
  summary: "Store one event",
  request: { body: { content: { "application/json": { schema: SentEventSchema } }, required: true } },
  responses: RESPONSES,
});

const sendBatch = createRoute({
  method: "post",
  path: "/api/events/batch",
  summary: "Store events: a JSON batch, or NDJSON with an event a line",
  description:
    "Content-Encoding may be gzip or zstd. Valid events are stored, each of the others is told with its reason.",
  request: {
    body: {
      content: {
        "application/json": { schema: SentBatchSchema },
        "application/x-ndjson": { schema: SentEventSchema },
      },
      required: true,
    },
  },
  responses: RESPONSES,
});

// deno-lint-ignore explicit-module-boundary-types -- the type is the list of routes, which the typed client reads
export function ingestRoutes(deps: ApiDeps) {
  const router = createRouter();
  // Documented only: as routes of their own kind they would parse and check every body in this thread.
  router.openAPIRegistry.registerPath(sendEvent);
  router.openAPIRegistry.registerPath(sendBatch);
  return router
    .post(
      sendEvent.path,
      requires("ingest"),
      typed<z.input<typeof SentEventSchema>>(),
      async (context) => context.json(await take(context, deps, "event"), 202),
    )
    .post(
      sendBatch.path,
      requires("ingest"),
      typed<z.input<typeof SentBatchSchema>>(),
      async (context) => context.json(await take(context, deps, "batch"), 202),
    );
}

/** Tells the typed client what is sent; does nothing. */
function typed<Body>(): MiddlewareHandler<ApiEnv, string, { in: { json: Body }; out: { json: Body } }> {
  return async (_context, next) => await next();
}

async function take(
  context: Context<ApiEnv>,
  { ingest, metrics }: ApiDeps,
  kind: "event" | "batch",
): Promise<IngestResult> {
  const { raw } = context.req;
  const format = formatOf(raw, kind);
  const encoding = encodingOf(raw);
  const bytes = await readBody(raw, limitsOf(ingest.limits.maxBodyBytes));
  const identity = context.get("identity") as Identity; // as: `requires` lets nobody else through
  const result = resultOf(await ingest.take({ bytes, format, encoding, origin: `api:${identity.name}` }));
  metrics?.countIngested(result);
  return result;
}

function limitsOf(maxBytes: number): BodyLimits {
  return { maxBytes, deadlineMs: DEADLINE_MS, minBytesPerSecond: MIN_BYTES_PER_SECOND };
}

/** @throws {ApiError} 415 */
function formatOf(request: Request, kind: "event" | "batch"): BodyFormat {
  const type = request.headers.get("Content-Type")?.split(";", 1)[0]?.trim().toLowerCase();
  if (type === "application/json") return kind;
  if (kind === "batch" && (type === "application/x-ndjson" || type === "application/ndjson")) return "lines";
  throw new ApiError(415, "unsupported_type", `Cannot read a body of type "${type ?? ""}"`, {
    hint: kind === "event"
      ? "send Content-Type: application/json"
      : "send Content-Type: application/json or application/x-ndjson",
  });
}

/** @throws {ApiError} 415 */
function encodingOf(request: Request): IngestBody["encoding"] {
  const encoding = request.headers.get("Content-Encoding")?.trim().toLowerCase() || "identity";
  if (encoding === "identity" || encoding === "gzip" || encoding === "zstd") return encoding;
  throw new ApiError(415, "unsupported_encoding", `Cannot read a body in encoding "${encoding}"`, {
    hint: "send it plain, or with Content-Encoding: gzip or zstd",
  });
}

/** @throws {ApiError} when the request was refused */
function resultOf(answer: IngestAnswer): IngestResult {
  if (answer.kind === "taken") return answer.result;
  throw errorOf(answer.refusal);
}

function errorOf({ status, code, message, hint, field, retryAfterS }: RefusalData): ApiError {
  return new ApiError(status, code, message, {
    ...(hint !== null && { hint }),
    ...(field !== null && { field }),
    ...(retryAfterS !== null && { headers: { "Retry-After": String(retryAfterS) } }),
  });
}
