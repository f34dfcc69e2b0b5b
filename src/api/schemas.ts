/** The words of the API as schemas: what OpenAPI documents and what the typed client sees. @module */
import { z } from "@hono/zod-openapi";
import { EVENT_KINDS, OUTCOMES } from "../core/event.ts";

export const EventSchema = z.object({
  id: z.string().openapi({ description: "UUIDv7, increasing with time" }),
  time: z.string().openapi({ description: "ISO 8601 in UTC with µs" }),
  correlationId: z.string(),
  server: z.string(),
  direction: z.enum(["client_to_server", "server_to_client"]).nullable(),
  kind: z.enum(EVENT_KINDS),
  method: z.string().nullable(),
  tool: z.string().nullable(),
  rpcId: z.union([z.string(), z.number()]).nullable(),
  sizeBytes: z.number(),
  truncated: z.boolean(),
  durationMs: z.number().nullable(),
  payload: z.unknown(),
}).openapi("Event");

export const CallSchema = z.object({
  id: z.string(),
  time: z.string(),
  correlationId: z.string(),
  server: z.string(),
  client: z.string().nullable(),
  direction: z.enum(["client_to_server", "server_to_client"]),
  method: z.string(),
  tool: z.string().nullable(),
  outcome: z.enum(OUTCOMES),
  durationMs: z.number().nullable(),
  requestBytes: z.number(),
  responseBytes: z.number(),
  tokens: z.number(),
  responseId: z.string().nullable(),
  operationId: z.string().nullable(),
}).openapi("Call");
