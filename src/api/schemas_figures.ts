/** Figures as schemas: statistics, latency, servers, tools, findings, the overview. @module */
import { z } from "@hono/zod-openapi";
import { FINDING_KINDS, SEVERITIES } from "../risk/finding.ts";
import { CHANGE_KINDS } from "../risk/change.ts";
import { STATS_BY } from "../store/stats.ts";

const ms = z.number().nullable().openapi({ description: "ms, at most 3.2 % off; null when no call has one" });
const time = z.string().openapi({ description: "ISO 8601 in UTC with µs" });
const series24 = z.array(z.number()).openapi({ description: "Calls in 24 equal parts of the range" });
const errorRate = z.number().openapi({ description: "0 to 1" });
const tokens = z.number().openapi({ description: "Estimated tokens of what the answers put into a model" });

const callFigures = {
  calls: z.number(),
  errors: z.number().openapi({ description: "Calls that ended as error, tool_error or hung" }),
  errorRate,
  p50Ms: ms,
  p95Ms: ms,
  p99Ms: ms,
  requestBytes: z.number(),
  responseBytes: z.number(),
  tokens,
  lastUsed: time.nullable(),
  series: series24,
};

export const StatsRowSchema = z.object({
  key: z.string(),
  server: z.string().nullable().openapi({ description: "The tool's server; null unless by tool" }),
  ...callFigures,
}).openapi("StatsRow");

export const StatsTotalsSchema = z.object({
  ...callFigures,
  messages: z.number().nullable().openapi({
    description: "All messages, calls or not; null for one tool, of which only calls are counted",
  }),
  messageBytes: z.number().nullable(),
}).openapi("StatsTotals");

export const UnusedToolSchema = z.object({
  server: z.string(),
  tool: z.string(),
  definitionBytes: z.number(),
  definitionTokens: z.number(),
  lastListed: time,
}).openapi("UnusedTool");

export const DefinitionWeightSchema = z.object({
  server: z.string(),
  tools: z.number(),
  definitionBytes: z.number(),
  definitionTokens: z.number(),
}).openapi("DefinitionWeight");

export const SeriesPointSchema = z.object({
  start: time,
  calls: z.number(),
  errors: z.number(),
  messages: z.number().nullable().openapi({ description: "Null for one tool" }),
  tokens,
  p50Ms: ms,
  p95Ms: ms,
  p99Ms: ms,
}).openapi("SeriesPoint");

export const StatsSchema = z.object({
  since: time,
  until: time,
  by: z.enum(STATS_BY),
  rows: z.array(StatsRowSchema),
  totals: StatsTotalsSchema,
  unusedTools: z.array(UnusedToolSchema),
  definitions: z.array(DefinitionWeightSchema),
  intervalMs: z.number().openapi({
    description: "Length of an interval; longer than asked for where retention has left only hours or days",
  }),
  series: z.array(SeriesPointSchema),
}).openapi("Stats");

export const LatencySchema = z.object({
  buckets: z.array(z.object({ fromMs: z.number(), toMs: z.number(), calls: z.number() })),
  calls: z.number().openapi({ description: "Calls that have a duration" }),
  p50Ms: ms,
  p95Ms: ms,
  p99Ms: ms,
}).openapi("Latency");

export const ServerSchema = z.object({
  server: z.string(),
  command: z.array(z.string()).openapi({ description: "The last command line, redacted" }),
  title: z.string().nullable(),
  version: z.string().nullable(),
  protocolVersion: z.string().nullable(),
  clients: z.array(z.object({ name: z.string(), version: z.string().nullable(), lastSeen: time })),
  runs: z.number().openapi({ description: "Runs that are still in the record" }),
  running: z.number().openapi({ description: "Runs that have not ended" }),
  firstSeen: time,
  lastSeen: time,
  tools: z.number().openapi({ description: "Tools that it listed in the range" }),
  unusedTools: z.number(),
  definitionBytes: z.number(),
  definitionTokens: z.number(),
  calls: z.number(),
  errors: z.number(),
  errorRate,
  p50Ms: ms,
  p95Ms: ms,
  p99Ms: ms,
  tokens,
  series: series24,
}).openapi("Server");

export const ServersSchema = z.object({ servers: z.array(ServerSchema) }).openapi("Servers");

export const ToolSchema = z.object({
  server: z.string(),
  tool: z.string(),
  definitionBytes: z.number().nullable().openapi({ description: "Null for a tool that was never listed" }),
  definitionTokens: z.number().nullable(),
  firstListed: time.nullable(),
  lastListed: time.nullable(),
  changedAt: time.nullable().openapi({
    description: "When its definition last differed from the one before",
  }),
  lastCalled: time.nullable(),
  unused: z.boolean().openapi({ description: "Listed in the range and not called in it" }),
  calls: z.number(),
  errors: z.number(),
  errorRate,
  p50Ms: ms,
  p95Ms: ms,
  p99Ms: ms,
  requestBytes: z.number(),
  responseBytes: z.number(),
  tokens,
  series: series24,
}).openapi("Tool");

export const ToolsSchema = z.object({ tools: z.array(ToolSchema) }).openapi("Tools");

export const FindingSchema = z.object({
  id: z.string().openapi({ description: "The same for the same matter, from one answer to the next" }),
  kind: z.enum(FINDING_KINDS),
  severity: z.enum(SEVERITIES),
  title: z.string(),
  detail: z.string().openapi({ description: "What was seen, and what to do" }),
  server: z.string().nullable(),
  tool: z.string().nullable(),
  time,
  eventId: z.string().nullable().openapi({ description: "An event to look at" }),
  plugin: z.string().nullable().openapi({
    description: "The plugin that says so, in its words; null: km found it itself",
  }),
}).openapi("Finding");

export const FindingsSchema = z.object({ findings: z.array(FindingSchema) }).openapi("Findings");

const OdometerSchema = z.object({
  messages: z.number(),
  calls: z.number(),
  errors: z.number(),
  tokens,
  costMicroUsd: z.number().int().nullable().openapi({
    description: "Millionths of a dollar; null without a model or where its price is not known",
  }),
}).openapi("Odometer");

export const ChangeSchema = z.object({
  kind: z.enum(CHANGE_KINDS),
  text: z.string(),
  server: z.string().nullable(),
  tool: z.string().nullable(),
}).openapi("Change");

export const OverviewSchema = z.object({
  odometer: z.object({
    today: OdometerSchema,
    yesterday: OdometerSchema,
    week: OdometerSchema.openapi({ description: "Seven days, today included" }),
    all: OdometerSchema,
  }),
  model: z.string().nullable().openapi({ description: 'The setting "model"; null when it is "none"' }),
  changes: z.array(ChangeSchema).openapi({ description: "Since yesterday" }),
  findings: z.array(FindingSchema),
}).openapi("Overview");
