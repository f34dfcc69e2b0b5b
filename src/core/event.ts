/**
 * The words of the whole program: what one recorded message is called and what it carries.
 *
 * `EventRecord` is an event on its way into the store (bytes, µs, dense); `Event` is what every reader sees
 * (`km events --json`, later the API). Kinds and outcomes are closed unions; readers ignore what they do not know.
 * @module
 */

export const DIRECTIONS = ["client_to_server", "server_to_client"] as const;

/** Which way a message went. The server's stderr counts as `server_to_client`. */
export type Direction = typeof DIRECTIONS[number];

export const EVENT_KINDS = [
  "request",
  "response",
  "error",
  "notification",
  "invalid",
  "log",
  "gap",
  "lifecycle",
] as const;

/**
 * What an event is. `request … notification` are JSON-RPC 2.0 messages; `invalid` is a line on stdin/stdout that is not
 * JSON-RPC; `log` is a line of the server's stderr; `gap` counts what was not recorded; `lifecycle` is what
 * km saw of the processes (start, exit).
 */
export type EventKind = typeof EVENT_KINDS[number];

export const OUTCOMES = ["open", "ok", "error", "tool_error", "cancelled", "late", "hung"] as const;

/**
 * State of a call. `tool_error`: JSON-RPC succeeded and the result says `isError`. `late`: answered after it was
 * cancelled. `hung`: the run ended without an answer. `open`: still waiting.
 */
export type Outcome = typeof OUTCOMES[number];

/** Outcomes that count as a failure in error rates. */
export const FAILED_OUTCOMES: readonly Outcome[] = ["error", "tool_error", "hung"];

/** How a payload's bytes are to be read: JSON text, other UTF-8 text, or bytes that are not valid UTF-8. */
export type PayloadFormat = "json" | "text" | "bytes";

/** One event on its way into the store. Already redacted, already capped. */
export interface EventRecord {
  /** UUIDv7, lower case, with hyphens. Writing the same id twice is the same as once. */
  readonly id: string;
  /** µs since the Unix epoch, a safe integer. */
  readonly timeUs: number;
  readonly direction: Direction | null;
  readonly kind: EventKind;
  readonly method: string | null;
  /** Tool (tools/call), else prompt (prompts/get) or resource URI (resources/read) that the message names. */
  readonly tool: string | null;
  /** The JSON text of the JSON-RPC id, so that `1` and `"1"` differ; null where there is none. */
  readonly rpcId: string | null;
  /** Bytes on the wire, without the line end; for a gap, the bytes not recorded. */
  readonly sizeBytes: number;
  /** True when `payload` holds less than the message. */
  readonly truncated: boolean;
  /** Lower-case hex SHA-256 of the whole message on the wire, only when truncated. */
  readonly sha256: string | null;
  readonly format: PayloadFormat;
  /** What is stored of the message; null when nothing is. */
  readonly payload: Uint8Array | null;
  /** Id of the event this one answers (a response's request); null when there is none or it is not known. */
  readonly answersId: string | null;
  /** Duration of the call that this event ended, in µs; null for all others. */
  readonly durationUs: number | null;
}

/**
 * A change of a call's state. The request's event id names the call. A call's first change has `previous: null`
 * and `outcome: "open"`, unless it was answered in the same batch: then only the final change is sent.
 */
export interface CallChange {
  /** Id of the request's event. */
  readonly id: string;
  readonly timeUs: number;
  readonly direction: Direction;
  readonly method: string;
  readonly tool: string | null;
  readonly client: string | null;
  readonly previous: Outcome | null;
  readonly outcome: Outcome;
  /** Id of the response's event, when there is one. */
  readonly responseId: string | null;
  readonly durationUs: number | null;
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** Estimated tokens of what this call puts into a model's context (tool results, prompts, resources, lists); else 0. */
  readonly tokens: number;
  /** Id of the first request of the operation that this retry continues (MCP 2026-07-28 MRTR); null for a first request. */
  readonly operationId: string | null;
}

/** One run of one server under km. `correlationId` names it. Later values replace earlier ones; null leaves as is. */
export interface Run {
  readonly correlationId: string;
  readonly server: string;
  /** Redacted command line, as JSON array text. */
  readonly command: string;
  readonly cwd: string | null;
  readonly pid: number;
  readonly startedUs: number;
  readonly endedUs: number | null;
  /** Exit code, 128+n for signal n; null while running. */
  readonly exitCode: number | null;
  readonly client: string | null;
  readonly clientVersion: string | null;
  /** What the server calls itself. */
  readonly serverTitle: string | null;
  readonly serverVersion: string | null;
  readonly protocolVersion: string | null;
}

/** A run as it begins: nothing is known yet of its end, nor of what client and server call themselves. */
export function newRun(
  start: Pick<Run, "correlationId" | "server" | "command" | "pid" | "startedUs"> & {
    readonly cwd?: string | null;
  },
): Run {
  return {
    cwd: null,
    endedUs: null,
    exitCode: null,
    client: null,
    clientVersion: null,
    serverTitle: null,
    serverVersion: null,
    protocolVersion: null,
    ...start,
  };
}

/** One tool as a server listed it. */
export interface ToolListing {
  readonly name: string;
  readonly timeUs: number;
  /** Bytes of its definition in tools/list. */
  readonly definitionBytes: number;
  readonly definitionTokens: number;
  /** Lower-case hex SHA-256 of its definition's JSON text as it came. */
  readonly sha256: string;
}

/** What the store takes in one transaction. */
export interface Batch {
  readonly run: Run;
  readonly events: readonly EventRecord[];
  readonly calls: readonly CallChange[];
  readonly tools: readonly ToolListing[];
}

/** An event as every reader sees it. Field names and order are a stable contract (`km events --json`). */
export interface Event {
  readonly id: string;
  /** ISO 8601, UTC, µs: `2026-11-21T11:50:36.123456Z`. */
  readonly time: string;
  readonly correlationId: string;
  readonly server: string;
  readonly direction: Direction | null;
  readonly kind: EventKind;
  readonly method: string | null;
  readonly tool: string | null;
  readonly rpcId: string | number | null;
  readonly sizeBytes: number;
  readonly truncated: boolean;
  readonly durationMs: number | null;
  /** The JSON value; a string where it is text or was cut; `{base64}` where it is not UTF-8; null where nothing is kept. */
  readonly payload: unknown;
}

/** A paired operation as every reader sees it (`km calls --json`). `id` is the request's event id. */
export interface Call {
  readonly id: string;
  readonly time: string;
  readonly correlationId: string;
  readonly server: string;
  readonly client: string | null;
  readonly direction: Direction;
  readonly method: string;
  readonly tool: string | null;
  readonly outcome: Outcome;
  readonly durationMs: number | null;
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly tokens: number;
  readonly responseId: string | null;
  readonly operationId: string | null;
}
