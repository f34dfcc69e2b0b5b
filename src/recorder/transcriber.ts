/**
 * Turns the lines of a run into what the store keeps: events, calls, tools, and who was talking.
 *
 * The order of steps is the law of this file: pair with the bytes as they came, then redact, then hand on. Nothing unredacted
 * leaves it, ids and names included.
 * @module
 */
import type { CallChange, Direction, EventKind, EventRecord, Run, ToolListing } from "../core/event.ts";
import type { IdMaker } from "../core/id.ts";
import type { Redactor } from "../core/redact.ts";
import { CHANNEL, type Channel } from "../core/tap.ts";
import { identityFromRequest, identityFromResult } from "../mcp/identity.ts";
import { decodeMessage, idText, isId, isObject, type JsonObject, type RpcMessage } from "../mcp/json_rpc.ts";
import { elementSpans } from "../mcp/json_span.ts";
import { OperationLinker } from "../mcp/operations.ts";
import { subjectOf } from "../mcp/subject.ts";
import { estimateResultTokens, estimateUnseenTokens } from "../mcp/token_estimate.ts";
import { readToolListings } from "../mcp/tool_listing.ts";
import { objectOf, opposite, outcomeOfError, outcomeOfResult } from "./answers.ts";
import { type Answer, CallBook, type OpenCall } from "./call_book.ts";
import { HIDDEN_KEY_LINE, KeyBlock } from "./key_block.ts";
import type { Line, LineGap } from "./line_splitter.ts";
import { type LineText, parseJson, readText } from "./line_text.ts";
import { NameCleaner } from "./name_cleaner.ts";

/** Where the transcript goes. */
export interface TranscriptSink {
  /** `raw`: the bytes that it was made of, as they passed; valid as long as those of `event` are. Null: km itself said it. */
  addEvent(event: EventRecord, raw: Uint8Array | null): void;
  addCall(change: CallChange): void;
  addTools(tools: readonly ToolListing[]): void;
}

/** What the transcriber works with; `redactor` is null when redaction is off. */
export interface TranscriberDeps {
  readonly ids: IdMaker;
  readonly redactor: Redactor | null;
  readonly sink: TranscriptSink;
}

type Request = Extract<RpcMessage, { kind: "request" }>;
type Reply = Extract<RpcMessage, { kind: "response" | "error" }>;

/** One message on its way: its bytes and what is known of them. */
interface Incoming {
  readonly direction: Direction;
  readonly line: Line;
  readonly timeUs: number;
  readonly eventId: string;
  readonly format: "json" | "text" | "bytes";
  readonly payload: Uint8Array;
}

const encoder = new TextEncoder();
/** What the server calls its streams, by channel. */
export const STREAM_NAMES = ["stdin", "stdout", "stderr"] as const;
/** Header of LSP's framing, which MCP does not have: its stdio transport is one JSON message per line. */
const CONTENT_LENGTH = /^content-length: *\d+/i;

export class Transcriber {
  readonly #deps: TranscriberDeps;
  readonly #calls: CallBook;
  readonly #operations = new OperationLinker();
  readonly #names: NameCleaner;
  readonly #logKeys = new KeyBlock();
  readonly #framed = new Set<Direction>();
  #run: Run;

  constructor(run: Run, deps: TranscriberDeps) {
    this.#run = run;
    this.#deps = deps;
    this.#names = new NameCleaner(deps.redactor);
    this.#calls = new CallBook((change) => deps.sink.addCall(change));
  }

  /** The run as it is known by now. */
  get run(): Run {
    return this.#run;
  }

  /** Takes one line of a channel. */
  line(channel: Channel, line: Line): void {
    if (channel === CHANNEL.serverLog) return this.#log(line);
    const direction = channel === CHANNEL.clientToServer ? "client_to_server" : "server_to_client";
    const text = readText(line);
    const value = line.overflow === null ? parseJson(text.text) : line.overflow.outline.value();
    if (Array.isArray(value) && value.length > 0) return this.#batch(direction, line, value, text);
    this.#message(
      this.#incoming(direction, line, text, typeof value === "object" && value !== null),
      decodeMessage(value, line.overflow === null ? line.bytes : null),
    );
    if (value === undefined && CONTENT_LENGTH.test(text.text)) this.#warnOfFraming(direction, line);
  }

  /** Says what was not recorded. */
  gap(channel: Channel, { messages, bytes, timeMs }: LineGap): void {
    const direction = channel === CHANNEL.clientToServer ? "client_to_server" : "server_to_client";
    this.#note(toMicros(timeMs), "gap", direction, bytes, { stream: STREAM_NAMES[channel], messages, bytes });
  }

  /** Records what km saw of the processes. */
  lifecycle(timeUs: number, facts: { readonly event: string; readonly [name: string]: unknown }): void {
    this.#note(timeUs, "lifecycle", null, 0, facts);
  }

  /** Learns something about the run that is not in its messages. */
  update(facts: Partial<Run>): void {
    this.#run = { ...this.#run, ...facts };
  }

  /** The run is over: calls still open are hung. */
  end(): void {
    this.#calls.end();
  }

  /** A JSON-RPC batch (MCP 2025-03-26): each element is an event of its own, with its own bytes. */
  #batch(direction: Direction, line: Line, values: readonly unknown[], { isUtf8 }: LineText): void {
    const spans = elementSpans(line.bytes);
    values.forEach((value, index) => {
      const span = spans[index];
      if (span === undefined) return;
      const bytes = line.bytes.subarray(span.start, span.end);
      const element = { ...line, bytes, sizeBytes: bytes.length };
      const text = { bytes, text: "", isUtf8 };
      this.#message(this.#incoming(direction, element, text, true), decodeMessage(value, bytes));
    });
  }

  #message(incoming: Incoming, message: RpcMessage): void {
    switch (message.kind) {
      case "request":
        return this.#request(incoming, message);
      case "notification":
        return this.#notification(incoming, message);
      case "invalid":
        return this.#event(incoming, { kind: "invalid" });
      default:
        return this.#reply(incoming, message);
    }
  }

  #request(incoming: Incoming, { idText: id, method, params }: Request): void {
    const { direction, timeUs, eventId } = incoming;
    if (direction === "client_to_server") {
      this.#identify(identityFromRequest(this.#run, method, params));
    }
    const subject = subjectOf(method, params);
    const tool = this.#names.clean(subject);
    const storedMethod = this.#names.clean(method);
    const operationId = this.#operations.continues({ direction, method, subject }, params);
    this.#event(incoming, { kind: "request", method: storedMethod, tool, rpcId: this.#names.cleanId(id) });
    this.#calls.open({
      id: eventId,
      timeUs,
      direction,
      idText: id,
      method,
      subject,
      storedMethod,
      tool,
      client: this.#run.client,
      requestBytes: incoming.line.sizeBytes,
      operationId,
    });
  }

  #notification(incoming: Incoming, message: Extract<RpcMessage, { kind: "notification" }>): void {
    const { method, params } = message;
    const tool = this.#names.clean(subjectOf(method, params));
    this.#event(incoming, { kind: "notification", method: this.#names.clean(method), tool });
    if (method === "notifications/cancelled" && isId(params.requestId)) {
      const id = idText(params.requestId, incoming.line.bytes, ["params", "requestId"]);
      this.#calls.cancel(incoming.direction, id, incoming.timeUs);
    }
  }

  #reply(incoming: Incoming, message: Reply): void {
    const call = this.#calls.peek(opposite(incoming.direction), message.idText);
    this.#event(incoming, {
      kind: message.kind,
      method: call?.storedMethod ?? null,
      tool: call?.tool ?? null,
      rpcId: this.#names.cleanId(message.idText),
      answersId: call?.id ?? null,
      durationUs: call === null ? null : Math.max(0, incoming.timeUs - call.timeUs),
    });
    if (call === null) return;
    const result = message.kind === "response" && isObject(message.result) ? message.result : null;
    if (result !== null) this.#learn(incoming, call, result);
    this.#calls.answer(call, {
      id: incoming.eventId,
      timeUs: incoming.timeUs,
      bytes: incoming.line.sizeBytes,
      tokens: result === null ? 0 : tokensOf(incoming.line, call.method, result),
      outcome: outcomeOf(call, message),
    });
  }

  /** What a result tells beyond being an answer. */
  #learn(incoming: Incoming, call: OpenCall, result: JsonObject): void {
    this.#operations.answered({ ...call, operationId: call.operationId ?? call.id }, result);
    if (call.direction !== "client_to_server") return;
    this.#identify(identityFromResult(this.#run, call.method, result));
    if (call.method === "tools/list" && incoming.line.overflow === null) {
      const tools = readToolListings(incoming.line.bytes, incoming.timeUs);
      this.#deps.sink.addTools(tools.map((tool) => ({ ...tool, name: this.#names.clean(tool.name) })));
    }
  }

  #identify(identity: Partial<Run>): void {
    if (identity === this.#run) return;
    this.update({
      client: this.#names.clean(identity.client ?? null),
      clientVersion: this.#names.clean(identity.clientVersion ?? null),
      serverTitle: this.#names.clean(identity.serverTitle ?? null),
      serverVersion: this.#names.clean(identity.serverVersion ?? null),
      protocolVersion: this.#names.clean(identity.protocolVersion ?? null),
    });
  }

  #log(line: Line): void {
    const text = readText(line);
    const isKey = this.#deps.redactor !== null && this.#logKeys.covers(text.text);
    const shown = isKey ? { ...text, bytes: HIDDEN_KEY_LINE } : text;
    this.#event(this.#incoming("server_to_client", line, shown, false), { kind: "log" });
  }

  /** Says once per direction why every line of it is invalid. */
  #warnOfFraming(direction: Direction, line: Line): void {
    if (this.#framed.has(direction)) return;
    this.#framed.add(direction);
    this.lifecycle(toMicros(line.timeMs), {
      event: "warning",
      code: "content_length_framing",
      direction,
      message:
        "Messages are framed by Content-Length headers, as in LSP; MCP over stdio is one JSON message per line",
    });
  }

  #incoming(direction: Direction, line: Line, { bytes, isUtf8 }: LineText, isJson: boolean): Incoming {
    const timeUs = toMicros(line.timeMs);
    const payload = this.#deps.redactor?.bytes(bytes, line.overflow !== null) ?? bytes;
    return {
      direction,
      line,
      timeUs,
      eventId: this.#deps.ids.next(timeUs),
      format: !isUtf8 ? "bytes" : isJson ? "json" : "text",
      payload,
    };
  }

  #event(incoming: Incoming, facts: Pick<EventRecord, "kind"> & Partial<EventRecord>): void {
    const { line } = incoming;
    this.#deps.sink.addEvent({
      id: incoming.eventId,
      timeUs: incoming.timeUs,
      direction: incoming.direction,
      kind: facts.kind,
      method: facts.method ?? null,
      tool: facts.tool ?? null,
      rpcId: facts.rpcId ?? null,
      sizeBytes: line.sizeBytes,
      truncated: line.overflow !== null,
      sha256: line.overflow?.sha256 ?? null,
      format: incoming.format,
      payload: incoming.payload,
      answersId: facts.answersId ?? null,
      durationUs: facts.durationUs ?? null,
    }, line.bytes);
  }

  /** An event that km itself has to say. */
  #note(
    timeUs: number,
    kind: EventKind,
    direction: Direction | null,
    sizeBytes: number,
    facts: object,
  ): void {
    const payload = encoder.encode(JSON.stringify(facts));
    this.#deps.sink.addEvent({
      id: this.#deps.ids.next(timeUs),
      timeUs,
      direction,
      kind,
      method: null,
      tool: null,
      rpcId: null,
      sizeBytes,
      truncated: false,
      sha256: null,
      format: "json",
      payload: this.#deps.redactor?.bytes(payload) ?? payload,
      answersId: null,
      durationUs: null,
    }, null);
  }
}

function tokensOf(line: Line, method: string, result: JsonObject): number {
  return line.overflow === null
    ? estimateResultTokens(method, result)
    : estimateUnseenTokens(method, line.sizeBytes);
}

function outcomeOf(call: OpenCall, message: Reply): Answer["outcome"] {
  return message.kind === "response"
    ? outcomeOfResult(objectOf(message.result))
    : outcomeOfError(call.method, message.error);
}

function toMicros(timeMs: number): number {
  return Math.round(timeMs * 1000);
}
