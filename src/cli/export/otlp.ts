/**
 * Calls as OpenTelemetry spans: one ExportTraceServiceRequest in OTLP's JSON encoding, with the names of the MCP semantic
 * conventions. The resource is the MCP server: what it is asked is a SERVER span, what it asks its client a CLIENT span.
 * @see https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 * @see open-telemetry/semantic-conventions-genai, MCP (Development)
 * @module
 */

import type { Call, Event } from "../../core/event.ts";
import { findValue, valueEnd } from "../../mcp/json_span.ts";
import type { Exchange } from "../../store/calls.ts";
import { payloadJson, rpcIdJson } from "../../store/event_json.ts";
import { member, timeUsOf } from "./reading.ts";

const SPAN_KIND_SERVER = 2;
const SPAN_KIND_CLIENT = 3;
const STATUS_ERROR = 2;
/** Spans under one resource entry; bounds the memory of an export. */
const SPANS_PER_RESOURCE = 500;

/** What the export may carry. */
export interface OtlpOptions {
  readonly version: string;
  /** True to add arguments and results of tools, which the conventions leave out unless asked for. */
  readonly payloads: boolean;
}

type Attribute = { readonly key: string; readonly value: Readonly<Record<string, unknown>> };

/** Yields the text of one ExportTraceServiceRequest in pieces. Calls still open have no end and are left out. */
export function* otlpText(exchanges: Iterable<Exchange>, options: OtlpOptions): Generator<string> {
  const versions = new Map<string, string>();
  let group: { correlationId: string; server: string; spans: unknown[] } | undefined;
  let separator = "\n";
  yield `{"resourceSpans":[`;
  const flush = () => {
    const text = group === undefined ? "" : separator + JSON.stringify(resourceSpans(group, options.version));
    if (group !== undefined) separator = ",\n";
    return text;
  };
  for (const exchange of exchanges) {
    const { call } = exchange;
    if (call.outcome === "open") continue;
    if (group?.correlationId !== call.correlationId || group.spans.length >= SPANS_PER_RESOURCE) {
      yield flush();
      group = { correlationId: call.correlationId, server: call.server, spans: [] };
    }
    const protocol = protocolVersion(exchange);
    if (protocol !== undefined) versions.set(call.correlationId, protocol);
    group.spans.push(span(exchange, versions.get(call.correlationId), options));
  }
  yield flush();
  yield `\n]}\n`;
}

function resourceSpans(
  group: { correlationId: string; server: string; spans: unknown[] },
  version: string,
): unknown {
  return {
    resource: {
      attributes: attributes({ "service.name": group.server, "service.instance.id": group.correlationId }),
    },
    scopeSpans: [{ scope: { name: "km", version }, spans: group.spans }],
  };
}

function span(exchange: Exchange, protocol: string | undefined, options: OtlpOptions): unknown {
  const { call, request } = exchange;
  const startUs = timeUsOf(call.time);
  const endUs = startUs + Math.round((call.durationMs ?? 0) * 1000);
  const error = errorType(exchange);
  const asked = call.direction === "client_to_server";
  return {
    ...spanContext(call, request.payload),
    name: spanName(call),
    kind: asked ? SPAN_KIND_SERVER : SPAN_KIND_CLIENT,
    startTimeUnixNano: `${startUs}000`,
    endTimeUnixNano: `${endUs}000`,
    attributes: attributes({
      "mcp.method.name": call.method,
      "mcp.protocol.version": protocol,
      "mcp.session.id": call.correlationId,
      "jsonrpc.request.id": rpcIdText(request),
      "network.transport": "pipe",
      ...subject(call),
      ...(options.payloads && call.method === "tools/call" ? toolPayloads(exchange) : {}),
      "rpc.response.status_code": rpcErrorCode(exchange),
      "error.type": error,
    }),
    status: error === undefined ? {} : { code: STATUS_ERROR, message: errorMessage(exchange) },
  };
}

function spanName(call: Call): string {
  // A resource's URI is left out: span names must be few.
  const target = call.method === "tools/call" || call.method === "prompts/get" ? call.tool : null;
  return target === null ? call.method : `${call.method} ${target}`;
}

function subject(call: Call): Record<string, string | undefined> {
  const tool = call.tool ?? undefined;
  switch (call.method) {
    case "tools/call":
      return { "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": tool };
    case "prompts/get":
      return { "gen_ai.prompt.name": tool };
    case "resources/read":
    case "resources/subscribe":
    case "resources/unsubscribe":
      return { "mcp.resource.uri": tool };
    default:
      return {};
  }
}

/**
 * Ids of a span: the W3C context that the client put into `params._meta` is its parent. Without one, the operation is a trace
 * of its own: UUIDv7 ids give 16 bytes for it, and their second half (variant, counter, random) 8 for the span.
 */
function spanContext(call: Call, payload: unknown): Record<string, unknown> {
  const spanId = spanIdOf(call.id);
  const meta = member(member(payload, "params"), "_meta");
  const parent = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/.exec(
    String(member(meta, "traceparent")),
  );
  if (parent?.[1] && parent[2] && /[^0]/.test(parent[1]) && /[^0]/.test(parent[2])) {
    const state = member(meta, "tracestate");
    return {
      traceId: parent[1],
      spanId,
      parentSpanId: parent[2],
      ...(typeof state === "string" && { traceState: state }),
    };
  }
  const operation = call.operationId ?? call.id;
  const traceId = operation.replaceAll("-", "");
  return operation === call.id ? { traceId, spanId } : { traceId, spanId, parentSpanId: spanIdOf(operation) };
}

function spanIdOf(id: string): string {
  return id.replaceAll("-", "").slice(16);
}

function protocolVersion({ call, request, response }: Exchange): string | undefined {
  const meta = member(member(request.payload, "params"), "_meta");
  const version = member(meta, "io.modelcontextprotocol/protocolVersion") ??
    (call.method === "initialize"
      ? member(member(response?.payload, "result"), "protocolVersion")
      : undefined);
  return typeof version === "string" ? version : undefined;
}

function errorType(exchange: Exchange): string | undefined {
  switch (exchange.call.outcome) {
    case "error":
      return rpcErrorCode(exchange) ?? "_OTHER";
    case "tool_error":
    case "hung":
    case "cancelled":
      return exchange.call.outcome;
    default:
      return undefined;
  }
}

function rpcErrorCode({ response }: Exchange): string | undefined {
  const code = member(member(response?.payload, "error"), "code");
  return code === undefined ? undefined : String(code);
}

function errorMessage({ call, response }: Exchange): string {
  const message = member(member(response?.payload, "error"), "message");
  return typeof message === "string" ? message : call.outcome;
}

function toolPayloads({ request, response }: Exchange): Record<string, string | undefined> {
  return {
    "gen_ai.tool.call.arguments": memberJson(request, ["params", "arguments"]),
    "gen_ai.tool.call.result": response === null ? undefined : memberJson(response, ["result"]),
  };
}

/** The JSON text at `path` of a payload, as it was recorded. */
function memberJson(event: Event, path: readonly string[]): string | undefined {
  if (path.reduce(member, event.payload) === undefined) return undefined;
  const json = new TextEncoder().encode(payloadJson(event));
  const start = findValue(json, path);
  return start < 0 ? undefined : new TextDecoder().decode(json.subarray(start, valueEnd(json, start)));
}

function rpcIdText(event: Event): string | undefined {
  return typeof event.rpcId === "string" ? event.rpcId : rpcIdJson(event) ?? undefined;
}

function attributes(values: Readonly<Record<string, string | undefined>>): Attribute[] {
  return Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: { stringValue: value } }]
  );
}
