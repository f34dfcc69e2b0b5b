/**
 * One run that somebody sends: its requests and answers become calls, its first messages tell who talks.
 *
 * What the recorder does with lines, this does with events that were paired and named before; the words are the same ones
 * (`CallBook`, `mcp`). The order of steps, too: pair with what came, then redact, then hand on.
 * @module
 */
import { type Direction, type EventRecord, newRun, type Run } from "../../core/event.ts";
import { redactCommand, type Redactor } from "../../core/redact.ts";
import { type Identity, identityFromRequest, identityFromResult } from "../../mcp/identity.ts";
import { idText, isId, isObject, type JsonObject, stringOf } from "../../mcp/json_rpc.ts";
import { OperationLinker } from "../../mcp/operations.ts";
import { subjectOf } from "../../mcp/subject.ts";
import { estimateResultTokens, estimateUnseenTokens } from "../../mcp/token_estimate.ts";
import { readToolListings } from "../../mcp/tool_listing.ts";
import type { StoredOpenCall } from "../../store/ingested_runs.ts";
import { objectOf, opposite, outcomeOfError, outcomeOfResult } from "../answers.ts";
import { BatchBuilder } from "../batch_builder.ts";
import { CallBook, type OpenCall } from "../call_book.ts";
import type { NameCleaner } from "../name_cleaner.ts";
import { EarlyAnswers } from "./early_answers.ts";
import { type Payload, readPayload } from "./payload.ts";
import type { ReadEvent } from "./read_body.ts";

/** What all runs share. */
export interface IngestDeps {
  readonly names: NameCleaner;
  /** Null: redaction is off. */
  readonly redactor: Redactor | null;
  /** The most that is stored of one payload. */
  readonly maxStoredBytes: number;
}

/** An event on its way, with what is known of its message. */
interface Incoming {
  readonly event: ReadEvent;
  readonly payload: Payload;
  /** The message, as far as it could be read. */
  readonly message: JsonObject | null;
  readonly sizeBytes: number;
  /** JSON text of the JSON-RPC id. */
  readonly rpcId: string | null;
}

const NOTHING: JsonObject = {};

export class IngestedRun {
  readonly #deps: IngestDeps;
  readonly #calls: CallBook;
  readonly #early = new EarlyAnswers();
  readonly #operations = new OperationLinker();
  /** Calls and tools of the transaction under way. */
  readonly #changes = new BatchBuilder();
  #isRestoring = false;
  #run: Run;

  constructor(run: Run, deps: IngestDeps) {
    this.#run = run;
    this.#deps = deps;
    this.#calls = new CallBook((change) => {
      if (!this.#isRestoring) this.#changes.addCall(change);
    });
  }

  /** A run that was never seen before. */
  static begin({ sent }: ReadEvent, deps: IngestDeps): IngestedRun {
    const run = newRun({
      correlationId: sent.correlationId,
      server: deps.names.clean(sent.server),
      command: "[]",
      pid: 0,
      startedUs: sent.timeUs,
    });
    return new IngestedRun(run, deps);
  }

  /** The run as it is known by now. */
  get run(): Run {
    return this.#run;
  }

  /** Calls that wait for their answer. */
  get openCalls(): number {
    return this.#calls.size;
  }

  /** Memory that answers take whose questions have not come, about. */
  get earlyBytes(): number {
    return this.#early.sizeBytes;
  }

  /** Takes over calls from before: their answers may still come. */
  restore(calls: readonly StoredOpenCall[]): void {
    this.#isRestoring = true;
    for (const call of calls) {
      this.#calls.open({
        ...call,
        idText: call.rpcId,
        subject: call.tool,
        storedMethod: call.method,
        client: this.#run.client,
      });
    }
    this.#isRestoring = false;
  }

  /** Calls and tools that changed since the last time. */
  get changes(): BatchBuilder {
    return this.#changes;
  }

  /** What is stored of `event`. */
  take(event: ReadEvent): EventRecord {
    const { sent } = event;
    if (sent.client !== null && sent.client !== this.#run.client) {
      this.#update({ client: this.#deps.names.clean(sent.client) });
    }
    const incoming = this.#incoming(event);
    switch (sent.kind) {
      case "request":
        return this.#request(incoming);
      case "notification":
        return this.#notification(incoming);
      case "response":
      case "error":
        return this.#reply(incoming);
      case "lifecycle":
        this.#lifecycle(incoming);
    }
    return this.#record(incoming, { method: sent.method, tool: sent.tool });
  }

  #incoming(event: ReadEvent): Incoming {
    const { sent } = event;
    const payload = readPayload(event, this.#deps.maxStoredBytes);
    const { message } = payload;
    const hasId = sent.kind === "request" || sent.kind === "response" || sent.kind === "error";
    const said = hasId && message !== null && isId(message.id) ? message.id : undefined;
    return {
      event,
      payload,
      message,
      sizeBytes: sent.sizeBytes ?? payload.sizeBytes,
      rpcId: event.rpcId ?? (said === undefined ? null : idText(said, event.payload, ["id"])),
    };
  }

  #request(incoming: Incoming): EventRecord {
    const { event: { sent }, message } = incoming;
    const { names } = this.#deps;
    const direction = sent.direction ?? "client_to_server";
    const method = sent.method ?? stringOf(message?.method);
    const params = objectOf(message?.params) ?? NOTHING;
    if (method !== null && direction === "client_to_server") {
      this.#identify(identityFromRequest(this.#run, method, params));
    }
    const subject = sent.tool ?? (method === null ? null : subjectOf(method, params));
    const record = this.#record(incoming, { direction, method, tool: subject });
    // Without an id or a method nobody could tell what is answered.
    if (incoming.rpcId === null || method === null) return record;
    this.#calls.open({
      id: sent.id,
      timeUs: sent.timeUs,
      direction,
      idText: incoming.rpcId,
      method,
      subject,
      storedMethod: names.clean(method),
      tool: names.clean(subject),
      client: this.#run.client,
      requestBytes: incoming.sizeBytes,
      operationId: this.#operations.continues({ direction, method, subject }, params),
    });
    this.#answerEarly(sent.id, direction, incoming.rpcId);
    return record;
  }

  /** Pairs the question that was just opened with an answer that came before it. */
  #answerEarly(id: string, direction: Direction, rpcId: string): void {
    const call = this.#calls.peek(direction, rpcId);
    const answer = call?.id === id ? this.#early.take(direction + rpcId, call.timeUs) : null;
    if (call === null || answer === null) return;
    const { timeUs, durationUs } = answer.sent;
    this.#answer(this.#incoming(answer), call, durationUs ?? timeUs - call.timeUs);
  }

  #notification(incoming: Incoming): EventRecord {
    const { event: { sent, payload }, message } = incoming;
    const method = sent.method ?? stringOf(message?.method);
    const params = objectOf(message?.params) ?? NOTHING;
    const tool = sent.tool ?? (method === null ? null : subjectOf(method, params));
    if (method === "notifications/cancelled" && isId(params.requestId)) {
      const id = idText(params.requestId, payload, ["params", "requestId"]);
      this.#calls.cancel(sent.direction ?? "client_to_server", id, sent.timeUs);
    }
    return this.#record(incoming, { method, tool });
  }

  #reply(incoming: Incoming): EventRecord {
    const { event: { sent }, rpcId } = incoming;
    const direction = sent.direction ?? "server_to_client";
    const call = rpcId === null ? null : this.#calls.peek(opposite(direction), rpcId);
    const method = sent.method ?? call?.storedMethod ?? null;
    const tool = sent.tool ?? call?.tool ?? null;
    if (call === null) {
      if (rpcId !== null) this.#early.keep(opposite(direction) + rpcId, incoming.event);
      return this.#record(incoming, { direction, method, tool, durationUs: sent.durationUs });
    }
    const durationUs = sent.durationUs ?? Math.max(0, sent.timeUs - call.timeUs);
    this.#answer(incoming, call, durationUs);
    return this.#record(incoming, { direction, method, tool, durationUs, answersId: call.id });
  }

  #answer(incoming: Incoming, call: OpenCall, durationUs: number): void {
    const { event, message, sizeBytes, payload } = incoming;
    const isError = event.sent.kind === "error";
    const result = isError ? null : objectOf(message?.result);
    if (result !== null) this.#learn(incoming, call, result);
    this.#calls.answer(call, {
      id: event.sent.id,
      timeUs: call.timeUs + durationUs,
      bytes: sizeBytes,
      tokens: isError
        ? 0
        : payload.isWhole
        ? estimateResultTokens(call.method, result ?? NOTHING)
        : estimateUnseenTokens(call.method, sizeBytes),
      outcome: isError ? outcomeOfError(call.method, objectOf(message?.error)) : outcomeOfResult(result),
    });
  }

  /** What a result tells beyond being an answer. */
  #learn({ event, payload }: Incoming, call: OpenCall, result: JsonObject): void {
    this.#operations.answered({ ...call, operationId: call.operationId ?? call.id }, result);
    if (call.direction !== "client_to_server") return;
    this.#identify(identityFromResult(this.#run, call.method, result));
    if (call.method !== "tools/list" || event.payload === null || !payload.isWhole) return;
    const tools = readToolListings(event.payload, event.sent.timeUs);
    this.#changes.addTools(tools.map((tool) => ({ ...tool, name: this.#deps.names.clean(tool.name) })));
  }

  /** What km itself said of the processes, where a recorded run is sent on. */
  #lifecycle({ event: { sent }, message }: Incoming): void {
    if (message?.event === "start") return this.#started(message);
    if (message?.event !== "exit") return;
    const { exitCode } = message;
    this.#update({ endedUs: sent.timeUs, exitCode: Number.isInteger(exitCode) ? Number(exitCode) : null });
    this.#calls.end();
  }

  #started({ command, cwd, pid }: JsonObject): void {
    const words = Array.isArray(command) ? command.filter((word) => typeof word === "string") : [];
    const { redactor, names } = this.#deps;
    this.#update({
      command: JSON.stringify(redactor === null ? words : redactCommand(words, redactor)),
      cwd: names.clean(stringOf(cwd)),
      ...(Number.isSafeInteger(pid) && { pid: Number(pid) }),
    });
  }

  #identify(identity: Partial<Identity>): void {
    if (identity === this.#run) return;
    const { names } = this.#deps;
    this.#update({
      client: names.clean(identity.client ?? null),
      clientVersion: names.clean(identity.clientVersion ?? null),
      serverTitle: names.clean(identity.serverTitle ?? null),
      serverVersion: names.clean(identity.serverVersion ?? null),
      protocolVersion: names.clean(identity.protocolVersion ?? null),
    });
  }

  #update(facts: Partial<Run>): void {
    this.#run = { ...this.#run, ...facts };
  }

  #record(
    { event: { sent }, payload, rpcId, sizeBytes }: Incoming,
    facts: {
      readonly direction?: Direction;
      readonly method: string | null;
      readonly tool: string | null;
      readonly answersId?: string;
      readonly durationUs?: number | null;
    },
  ): EventRecord {
    const { names, redactor } = this.#deps;
    return {
      id: sent.id,
      timeUs: sent.timeUs,
      direction: facts.direction ?? sent.direction,
      kind: sent.kind,
      method: names.clean(facts.method),
      tool: names.clean(facts.tool),
      rpcId: rpcId === null ? null : names.cleanId(rpcId),
      sizeBytes,
      truncated: payload.isCut || sent.truncated,
      sha256: payload.sha256,
      format: payload.format,
      payload: payload.bytes === null || redactor === null
        ? payload.bytes
        : redactor.bytes(payload.bytes, payload.isCut || sent.truncated),
      answersId: facts.answersId ?? null,
      durationUs: facts.durationUs ?? null,
    };
  }
}

/** True for the event that begins a run. */
export function isStart({ sent }: ReadEvent): boolean {
  return sent.kind === "lifecycle" && isObject(sent.payload) && sent.payload.event === "start";
}
