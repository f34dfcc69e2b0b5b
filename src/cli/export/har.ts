/**
 * Calls as a HAR 1.2 file, which a browser's network panel opens. MCP over stdio is no HTTP: each call becomes a POST to
 * `http://<server>.mcp/<method>/<tool>`, its outcome a status, each run of a server a page.
 * @see http://www.softwareishard.com/blog/har-12-spec/
 * @module
 */

import type { Event, Outcome } from "../../core/event.ts";
import type { Exchange } from "../../store/calls.ts";
import { payloadJson } from "../../store/event_json.ts";
import { member } from "./reading.ts";

/** Outcome → HTTP status: red where it failed. 499 is nginx's "client closed request"; 0 a request without answer. */
const STATUS: Readonly<Record<Outcome, number>> = {
  ok: 200,
  error: 500,
  tool_error: 500,
  cancelled: 499,
  late: 499,
  hung: 0,
  open: 0,
};

/** Yields the text of the file in pieces. */
export function* harText(exchanges: Iterable<Exchange>, version: string): Generator<string> {
  const pages = new Map<string, unknown>();
  yield `{"log":{"version":"1.2","creator":{"name":"km","version":${JSON.stringify(version)}},"entries":[`;
  let separator = "\n";
  for (const exchange of exchanges) {
    const { correlationId, server, time } = exchange.call;
    if (!pages.has(correlationId)) {
      pages.set(correlationId, {
        startedDateTime: harTime(time),
        id: correlationId,
        title: server,
        pageTimings: { onContentLoad: -1, onLoad: -1 },
      });
    }
    yield separator + JSON.stringify(entry(exchange));
    separator = ",\n";
  }
  yield `\n],"pages":${JSON.stringify([...pages.values()])}}}\n`;
}

function entry({ call, request, response }: Exchange): Record<string, unknown> {
  const time = call.durationMs ?? 0;
  return {
    pageref: call.correlationId,
    startedDateTime: harTime(call.time),
    time,
    request: {
      method: "POST",
      url: url(call.server, call.method, call.tool),
      httpVersion: "JSON-RPC 2.0",
      cookies: [],
      headers: [{ name: "Content-Type", value: "application/json" }],
      queryString: [],
      postData: { mimeType: "application/json", text: bodyOf(request).text },
      headersSize: -1,
      bodySize: call.requestBytes,
    },
    response: {
      status: STATUS[call.outcome],
      statusText: statusText(call.outcome, response?.payload),
      httpVersion: "JSON-RPC 2.0",
      cookies: [],
      headers: [{ name: "Content-Type", value: "application/json" }],
      content: {
        size: call.responseBytes,
        mimeType: "application/json",
        ...bodyOf(response),
      },
      redirectURL: "",
      headersSize: -1,
      bodySize: response === null ? -1 : call.responseBytes,
    },
    cache: {},
    timings: { send: 0, wait: time, receive: 0 },
    _id: call.id,
    _outcome: call.outcome,
    _direction: call.direction,
    _client: call.client,
    _tokens: call.tokens,
  };
}

function url(server: string, method: string, tool: string | null): string {
  const host = server.toLowerCase().replace(/[^a-z0-9.-]+/g, "-").replace(/^[-.]+|[-.]+$/g, "") || "server";
  const path = method.split("/").map(encodeURIComponent).join("/");
  return `http://${host}.mcp/${path}${tool === null ? "" : `/${encodeURIComponent(tool)}`}`;
}

function statusText(outcome: Outcome, payload: unknown): string {
  const code = member(member(payload, "error"), "code");
  return code === undefined ? outcome : `${outcome} ${code}`;
}

function bodyOf(event: Event | null): { text: string; encoding?: "base64" } {
  const payload = event?.payload;
  if (event === null || payload === null || payload === undefined) return { text: "" };
  const base64 = member(payload, "base64");
  if (typeof base64 === "string" && Object.keys(payload).length === 1) {
    return { text: base64, encoding: "base64" };
  }
  return { text: typeof payload === "string" ? payload : payloadJson(event) };
}

/** HAR viewers read ms, not µs. */
function harTime(iso: string): string {
  return iso.replace(/(\.\d{3})\d*Z$/, "$1Z");
}
