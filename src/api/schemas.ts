/** The words of the API as schemas: what OpenAPI documents and what the typed client sees. @module */
import { z } from "@hono/zod-openapi";
import { DIRECTIONS, EVENT_KINDS, OUTCOMES } from "../core/event.ts";
import { ErrorBody } from "./errors.ts";

const time = z.string().openapi({
  description: "ISO 8601 in UTC with µs",
  example: "2026-11-21T11:50:36.123456Z",
});

export const EventSchema = z.object({
  id: z.string().openapi({
    description: "UUIDv7, increasing with time",
    example: "019f1d2c-8a41-7000-8000-000000000001",
  }),
  time,
  correlationId: z.string().openapi({ description: "The run of the server that it belongs to" }),
  server: z.string().openapi({ description: "Name of the server", example: "filesystem" }),
  direction: z.enum(DIRECTIONS).nullable(),
  kind: z.enum(EVENT_KINDS),
  method: z.string().nullable().openapi({
    description: "Method, also of the request that a response answers",
    example: "tools/call",
  }),
  tool: z.string().nullable().openapi({ description: "Tool, prompt or resource URI that it names" }),
  rpcId: z.union([z.string(), z.number()]).nullable().openapi({ description: "JSON-RPC id" }),
  sizeBytes: z.number().openapi({ description: "On the wire, without the line end" }),
  truncated: z.boolean().openapi({ description: "True when less than the whole message was stored" }),
  durationMs: z.number().nullable().openapi({ description: "Of the call that it ended" }),
  payload: z.unknown().openapi({
    description:
      "The message: JSON as it was recorded; a string where it is text or was cut; `{base64}` where it is not UTF-8; or null",
  }),
}).openapi("Event");

export const CallSchema = z.object({
  id: z.string().openapi({ description: "Id of the request's event" }),
  time,
  correlationId: z.string().openapi({ description: "The run of the server that it belongs to" }),
  server: z.string(),
  client: z.string().nullable().openapi({ description: "What the client calls itself" }),
  direction: z.enum(DIRECTIONS).openapi({ description: "`server_to_client` when the server asked" }),
  method: z.string(),
  tool: z.string().nullable().openapi({ description: "Tool, prompt or resource URI" }),
  outcome: z.enum(OUTCOMES).openapi({
    description:
      "`tool_error`: the result says isError; `late`: answered after it was cancelled; `hung`: the server ended without an answer; " +
      "`open`: still waiting",
  }),
  durationMs: z.number().nullable().openapi({ description: "From the request to its answer" }),
  requestBytes: z.number(),
  responseBytes: z.number(),
  tokens: z.number().openapi({
    description: "Estimate of what the answer puts into a model's context",
  }),
  responseId: z.string().nullable().openapi({ description: "Id of the answer's event" }),
  operationId: z.string().nullable().openapi({
    description: "Id of the first request of the operation that this one continues",
  }),
}).openapi("Call");

const nextCursor = z.string().nullable().openapi({
  description: "Send it as `cursor` for the next page; null: there is none",
});
const complete = (description: string) => z.boolean().openapi({ description });

export const ActivitySchema = z.object({
  events: z.array(EventSchema),
  nextCursor,
  streamCursor: z.string().openapi({
    description: "Where a stream goes on (`after`) without losing or repeating an event of this list",
  }),
  complete: complete("False when a search took too long: `nextCursor` goes on where it stopped"),
}).openapi("Activity");

export const AnnotationSchema = z.object({
  plugin: z.string(),
  pluginVersion: z.string(),
  key: z.string(),
  value: z.string(),
  time: z.string().openapi({ description: "ISO 8601 in UTC with µs" }),
}).openapi("Annotation");

export const EventDetailSchema = z.object({
  event: EventSchema,
  sha256: z.string().nullable().openapi({ description: "Of the whole message, when it was truncated" }),
  counterpart: EventSchema.nullable().openapi({
    description: "The event that answers it or that it answers",
  }),
  call: CallSchema.nullable().openapi({ description: "The call they make" }),
  annotations: z.array(AnnotationSchema).openapi({ description: "What plugins noted on it" }),
}).openapi("EventDetail");

export const CallsSchema = z.object({ calls: z.array(CallSchema), nextCursor }).openapi("Calls");

export const CallDetailSchema = z.object({
  call: CallSchema,
  request: EventSchema,
  response: EventSchema.nullable(),
  timeline: z.array(z.object({
    offsetMs: z.number().openapi({ description: "Since the request" }),
    event: EventSchema,
  })).openapi({
    description:
      "Request, progress notifications that belong to it, cancellation, answer, in the order they were recorded",
  }),
  complete: complete("False when the run has more notifications than were looked at"),
}).openapi("CallDetail");

export const SearchSchema = z.object({
  hits: z.array(z.object({
    event: EventSchema,
    score: z.number().nullable().openapi({ description: "Of a ranked search: the higher the better" }),
    highlights: z.array(z.object({
      text: z.string(),
      ranges: z.array(z.tuple([z.number(), z.number()])).openapi({
        description: "Start and end of what was found, in UTF-16 units of `text`",
      }),
    })).openapi({ description: "What stands around the first places that were found" }),
  })),
  nextCursor,
  complete: complete(
    "False when not everything was looked at; `nextCursor` goes on, if the search is not ranked",
  ),
}).openapi("Search");

export const SettingSchema = z.object({
  key: z.string().openapi({ example: "retention.days" }),
  value: z.string().openapi({ description: "As it would be written on the command line" }),
  source: z.enum(["environment", "file", "default"]),
  default: z.string().openapi({ description: "Value when nothing is set" }),
  type: z.enum(["string", "number", "size", "duration", "choice", "size-or-none"]),
  choices: z.array(z.string()).nullable(),
  env: z.string().openapi({ description: "Environment variable that sets it, and comes before the file" }),
  help: z.string(),
}).openapi("Setting");

export const StoreSummarySchema = z.object({
  events: z.number(),
  runs: z.number(),
  oldest: z.string().nullable().openapi({ description: "Time of the oldest event" }),
  newest: z.string().nullable().openapi({ description: "Time of the newest event" }),
  sizeBytes: z.number().openapi({ description: "Of the database, without its write-ahead log" }),
}).openapi("StoreSummary");

export const SettingsSchema = z.object({
  settings: z.array(SettingSchema),
  paths: z.object({ home: z.string(), database: z.string(), config: z.string() }),
  store: StoreSummarySchema,
}).openapi("Settings");

export const PruneSchema = z.object({
  deleted: z.number().openapi({ description: "Events that were deleted" }),
  sessions: z.number().optional().openapi({
    description: "Sessions that had ended and were deleted; left out when there were none",
  }),
  tasks: z.number().optional().openapi({
    description: "Tasks that were over and were deleted; left out when there were none",
  }),
  wiped: z.boolean().optional().openapi({
    description:
      "With `all`: false when deleted bytes may still be in the file, because another program uses it",
  }),
}).openapi("Prune");

/** An id in a path. */
export const idParam: z.ZodType<string, string> = z.string().min(1).max(64).openapi({
  param: { name: "id", in: "path" },
  description: "Id of an event, or a beginning of it that no other id has",
  example: "019f1d2c-8a41",
});

const FAILURES = {
  400: "A parameter is not valid; `field` names it",
  401: "No valid credentials",
  403: "The credentials lack the scope",
  404: "Nothing has this id",
  408: "It took longer",
  409: "Several ids begin so; the hint lists some",
  413: "The body is too large",
  429: "There are too many already, or too many requests",
  503: "The store cannot be read now, or too many questions wait; try again after `Retry-After`",
  507: "The disk is full: deleting needs a little space too",
} as const;

/** The failures that a route documents. */
export function failures(
  ...statuses: readonly (keyof typeof FAILURES)[]
): Record<number, { description: string; content: { "application/json": { schema: typeof ErrorBody } } }> {
  return Object.fromEntries(
    statuses.map((status) => [status, {
      description: FAILURES[status],
      content: jsonContent(ErrorBody),
    }]),
  );
}

/** The failures of every list. */
export const READ_FAILURES = failures(400, 401, 403, 503);

/** A body of JSON, for the `content` of a request or an answer. */
export function jsonContent<Schema extends z.ZodType>(
  schema: Schema,
): { "application/json": { schema: Schema } } {
  return { "application/json": { schema } };
}

/** A list, as JSON or as the lines that a command prints. */
export function listContent<Schema extends z.ZodType>(
  description: string,
  schema: Schema,
  command: string,
): { description: string; content: { "application/json": { schema: Schema } } } {
  const lines = {
    "application/x-ndjson": {
      schema: z.string().openapi({
        description:
          `One entry a line, as \`${command}\` prints it; the cursors are in the headers Km-Next-Cursor and Km-Stream-Cursor`,
      }),
    },
  };
  // The second type is for the document alone: the typed client asks for JSON.
  return { description, content: { "application/json": { schema }, ...lines } };
}
