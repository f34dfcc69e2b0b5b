/** One plugin, from the first frame to the last: does what km says, in order, and answers. @module */
import type {
  Authenticate,
  Configure,
  HandleMessages,
  Hello,
  HostFrame,
} from "../../../proto/gen/km/plugin/v1/plugin_pb.ts";
import { MAX_REASON_CHARACTERS } from "../../../proto/limits.ts";
import { type Circumstances, createContext, cut } from "../../../plugins/sdk/context.ts";
import {
  type Context,
  type Json,
  type PluginError,
  type Tier,
  withDefaults,
} from "../../../plugins/sdk/mod.ts";
import { StateStore } from "../../../plugins/sdk/state.ts";
import type { CheckedSchema } from "../config_schema.ts";
import { explainMismatch, negotiate, STATE_VERSION } from "../wire/versions.ts";
import { configProblem } from "./check_config.ts";
import { describeError } from "./describe_error.ts";
import { type Definition, readDefinition } from "./definition.ts";
import { BatchReader } from "./messages.ts";
import type { Output } from "./output.ts";

/** What a session needs of the program around it. */
export interface SessionDeps {
  readonly output: Output;
  /** Evaluates the plugin's code, and returns its default export. */
  load(code: Uint8Array<ArrayBuffer>): Promise<unknown>;
  /** Ends the program; what waits is written before. */
  exit(code: number): void;
}

/** Only what must be waited for is waited for: batches of handlers that are not async are done at once. */
type MaybePromise = Promise<void> | void;

/** A frame that waits. Not on a list: a plugin can change how lists are filled, and would be handed what is put there. */
interface Waiting {
  readonly frame: HostFrame;
  readonly payload: Uint8Array<ArrayBuffer>;
  next: Waiting | null;
}

/** A batch that is being handled. */
interface Batch {
  readonly messages: BatchReader;
  failed: number;
  firstError: string;
}

type Delivered = NonNullable<ReturnType<BatchReader["next"]>>;

/** A plugin at work. */
export class Session {
  readonly #deps: SessionDeps;
  readonly #output: Output;
  #firstWaiting: Waiting | null = null;
  #lastWaiting: Waiting | null = null;
  #isBusy = false;
  #definition: Definition | null = null;
  readonly #ending = new AbortController();
  readonly #state: StateStore;
  readonly #circumstances: Circumstances = {
    config: {},
    licence: { tier: "free", customerId: null, expiresAtS: null },
    protocolVersion: 1,
    kmVersion: "",
  };
  readonly #context: Context<Record<string, Json>>;

  constructor(deps: SessionDeps) {
    this.#deps = deps;
    this.#output = deps.output;
    this.#state = new StateStore(() => deps.output.maxStateBytes);
    this.#context = createContext(this.#circumstances, deps.output, {
      signal: this.#ending.signal,
      state: this.#state,
    });
  }

  /** Takes a frame. Pings are answered at once, whatever the plugin is at; all others in order. */
  take(frame: HostFrame, payload: Uint8Array<ArrayBuffer>): void {
    if (frame.body.case === "ping") {
      this.#output.allowMore();
      this.#output.send(frame.id, { case: "pong", value: {} });
      return;
    }
    const waiting: Waiting = { frame, payload, next: null };
    if (this.#lastWaiting === null) this.#firstWaiting = waiting;
    else this.#lastWaiting.next = waiting;
    this.#lastWaiting = waiting;
    if (!this.#isBusy) void this.#work();
  }

  /** Something that no handler is waiting for went wrong. */
  tellUnhandled(cause: unknown): void {
    void this.#tell({ code: "unhandled", message: describeError(cause), cause });
  }

  async #work(): Promise<void> {
    this.#isBusy = true;
    while (this.#firstWaiting !== null) {
      const { frame, payload, next } = this.#firstWaiting;
      this.#firstWaiting = next;
      if (next === null) this.#lastWaiting = null;
      try {
        const done = this.#do(frame, payload);
        if (done !== undefined) await done;
      } catch (error) {
        this.#fail(frame.id, "internal", describeError(error));
      }
    }
    this.#isBusy = false;
  }

  #do(frame: HostFrame, payload: Uint8Array<ArrayBuffer>): MaybePromise {
    const { id, body } = frame;
    switch (body.case) {
      case "load":
        return this.#load(id, payload);
      case "hello":
        return this.#hello(id, body.value);
      case "authenticate":
        return this.#authenticate(id, body.value);
      case "configure":
        return this.#configure(id, body.value);
      case "handleMessages":
        return this.#handleMessages(id, body.value, payload);
      case "handleError":
        return this.#tell({ code: body.value.code, message: body.value.message });
      case "shutdown":
        return this.#shutDown(id, body.value.reason);
      default:
        this.#fail(id, "unknown_frame", "km sent a frame that this bootstrap does not know");
    }
  }

  async #load(id: number, code: Uint8Array<ArrayBuffer>): Promise<void> {
    if (this.#definition !== null) return this.#fail(id, "bad_plugin", "a plugin is loaded once");
    let definition: Definition;
    try {
      definition = readDefinition(await this.#deps.load(code));
    } catch (error) {
      return this.#fail(id, "bad_plugin", describeError(error));
    }
    this.#definition = definition;
    const { name, version, protocolVersions, definitionJson } = definition;
    this.#output.send(id, {
      case: "loaded",
      value: { name, version, protocolVersions: [...protocolVersions], definitionJson },
    });
  }

  #hello(id: number, hello: Hello): void {
    const definition = this.#definition;
    if (definition === null) return this.#fail(id, "bad_plugin", "no plugin is loaded");
    const { name, version } = definition;
    if (name !== hello.pluginName || version !== hello.pluginVersion) {
      const manifest = `${hello.pluginName} ${hello.pluginVersion}`;
      return this.#fail(
        id,
        "bad_plugin",
        `the code says it is ${name} ${version}, the manifest says ${manifest}`,
      );
    }
    const agreed = negotiate(definition.protocolVersions, hello.protocolVersions);
    if (agreed === null) {
      const { message } = explainMismatch(name, definition.protocolVersions, hello.protocolVersions);
      return this.#fail(id, "unsupported_protocol", message);
    }
    this.#circumstances.protocolVersion = agreed;
    this.#circumstances.kmVersion = hello.kmVersion;
    this.#circumstances.licence = { tier: tierOf(hello.tier), customerId: null, expiresAtS: null };
    this.#output.protocolVersion = agreed;
    if (hello.maxFrameBytes > 0) this.#output.maxFrameBytes = hello.maxFrameBytes;
    this.#output.send(id, {
      case: "helloAck",
      value: {
        protocolVersion: agreed,
        pluginName: name,
        pluginVersion: version,
        requiredTier: definition.requiredTier,
        hasAuthenticate: definition.authenticate !== null,
      },
    });
  }

  async #authenticate(id: number, { tier, customerId, expiresAtS }: Authenticate): Promise<void> {
    const licence = {
      tier: tierOf(tier),
      customerId: customerId === "" ? null : customerId,
      expiresAtS: expiresAtS === 0n ? null : Number(expiresAtS),
    };
    this.#circumstances.licence = licence;
    const authenticate = this.#definition?.authenticate ?? null;
    let verdict: unknown = true;
    try {
      if (authenticate !== null) verdict = await authenticate(licence, this.#context);
    } catch (error) {
      return this.#fail(id, "authenticate", describeError(error));
    }
    // As: whatever it is, only these two members are read of it.
    const { accepted, reason } = Object(verdict) as { accepted?: unknown; reason?: unknown };
    this.#output.send(id, {
      case: "authenticateResult",
      value: {
        accepted: verdict === true || accepted === true,
        reason: typeof reason === "string" ? cut(reason, MAX_REASON_CHARACTERS) : "",
      },
    });
  }

  #configure(id: number, { configJson, state }: Configure): void {
    try {
      this.#circumstances.config = this.#readConfig(configJson);
    } catch (error) {
      return this.#fail(id, "bad_config", error instanceof Error ? error.message : describeError(error));
    }
    if (this.#circumstances.protocolVersion >= STATE_VERSION) {
      this.#state.replace(state.map(({ key, valueJson }) => [key, valueJson] as const));
    }
    this.#output.send(id, { case: "configured", value: {} });
  }

  /** With its defaults, and as its schema wants it. @throws {TypeError} naming what is not */
  #readConfig(configJson: string): Record<string, Json> {
    const config: unknown = JSON.parse(configJson === "" ? "{}" : configJson);
    const problem = configProblem({ type: "object" }, config);
    if (problem !== null) throw new TypeError(problem);
    const schema = this.#definition?.configSchema ?? null;
    const complete = withDefaults(schema, config as Record<string, Json>); // as: an object, that was just looked at
    const misfit = schema === null ? null : configProblem(schema as CheckedSchema, complete); // as: readDefinition looked at it
    if (misfit !== null) throw new TypeError(misfit);
    return complete;
  }

  #handleMessages(id: number, batch: HandleMessages, payload: Uint8Array<ArrayBuffer>): MaybePromise {
    const definition = this.#definition;
    if (definition === null) return this.#fail(id, "bad_plugin", "no plugin is loaded");
    const run: Batch = { messages: new BatchReader(batch, payload), failed: 0, firstError: "" };
    const after = this.#handleRest(run, definition);
    return after === undefined ? this.#answerBatch(id, run) : this.#answerLater(id, run, after);
  }

  async #answerLater(id: number, run: Batch, after: Promise<void>): Promise<void> {
    await after;
    this.#answerBatch(id, run);
  }

  #answerBatch(id: number, { messages, failed, firstError }: Batch): void {
    const { emits, logs } = this.#output.renewBounds();
    this.#output.send(id, {
      case: "handled",
      value: { messages: messages.length, failed, firstError, droppedEmits: emits, droppedLogs: logs },
    });
  }

  /** As far as handlers are done at once, without a promise. */
  #handleRest(run: Batch, definition: Definition): MaybePromise {
    for (let message = run.messages.next(); message !== undefined; message = run.messages.next()) {
      let waited: MaybePromise;
      try {
        const result = definition.onMessage(message, this.#context);
        if (!(result instanceof Promise)) continue;
        waited = this.#awaitHandler(result, message, run);
      } catch (error) {
        waited = this.#handlerFailed(error, message, run);
      }
      if (waited !== undefined) return this.#handleLater(waited, run, definition);
    }
  }

  async #handleLater(waited: Promise<void>, run: Batch, definition: Definition): Promise<void> {
    await waited;
    await this.#handleRest(run, definition);
  }

  /** Awaited, never by its `then`: that may be the plugin's own, which would call what follows as often as it likes. */
  async #awaitHandler(result: Promise<unknown>, on: Delivered, run: Batch): Promise<void> {
    try {
      await result;
    } catch (error) {
      await this.#handlerFailed(error, on, run);
    }
  }

  #handlerFailed(cause: unknown, on: Delivered, run: Batch): MaybePromise {
    const message = describeError(cause);
    if (run.failed++ === 0) run.firstError = message;
    return this.#tell({ code: "handler", message, cause, on });
  }

  /** To the plugin itself, or, where it does not listen, to its log. */
  #tell(error: PluginError): MaybePromise {
    const onError = this.#definition?.onError ?? null;
    if (onError === null) return this.#output.log("error", `${error.code}: ${error.message}`, null);
    try {
      const result = onError(error, this.#context);
      if (result instanceof Promise) return this.#awaitOnError(result);
    } catch (thrown) {
      this.#onErrorFailed(thrown);
    }
  }

  async #awaitOnError(result: Promise<unknown>): Promise<void> {
    try {
      await result;
    } catch (thrown) {
      this.#onErrorFailed(thrown);
    }
  }

  #onErrorFailed(thrown: unknown): void {
    this.#output.log("error", `onError failed: ${describeError(thrown)}`, null);
  }

  async #shutDown(id: number, reason: string): Promise<void> {
    this.#ending.abort(reason);
    try {
      await this.#definition?.onShutdown?.(reason, this.#context);
    } catch (error) {
      this.#output.log("error", `onShutdown failed: ${describeError(error)}`, null);
    }
    this.#output.send(id, { case: "shutdownAck", value: {} });
    this.#output.flush();
    this.#deps.exit(0);
  }

  #fail(id: number, code: string, message: string): void {
    this.#output.send(id, { case: "failed", value: { code, message: cut(message, MAX_REASON_CHARACTERS) } });
  }
}

function tierOf(tier: string): Tier {
  return tier === "pro" || tier === "enterprise" ? tier : "free";
}
