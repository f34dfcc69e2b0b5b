/**
 * One conversation with one plugin's process: handshake, batches, pings, shutdown. Whatever it says that it was not asked for, or does not say in
 * time, ends it. `km plugins test` and `dev` talk to plugins through this as well.
 * @module
 */
import { KmError } from "../../core/error.ts";
import { covers } from "../../core/plugin.ts";
import { ProtocolError } from "../../../proto/frame.ts";
import type { Sandbox, SandboxEnd, Usage } from "../sandbox/sandbox.ts";
import { decodePluginFrame, type PluginBody } from "../wire/decode.ts";
import { encodeHostFrame, type HostBody, type WireMessage } from "../wire/encode.ts";
import { explainMismatch, negotiate, PROTOCOL_VERSIONS } from "../wire/versions.ts";
import { type AuthCheck, settleAuth } from "./auth_memory.ts";
import { definitionProblem } from "./definition_problem.ts";
import { ErrorTeller } from "./error_teller.ts";
import { FloodGuard } from "./flood_guard.ts";
import { Questions } from "./questions.ts";
import type {
  BatchResult,
  DroppedBefore,
  SessionEnd,
  SessionLicence,
  SessionOptions,
} from "./session_options.ts";
import { SYSTEM_TIMERS, type Timers } from "./timers.ts";

/** How long it may take from its start until it is ready: 0.1 s of a processor, of which it gets a hundredth while others keep all of them busy. */
const START_MS = 60_000;
/** It answered nothing for so long, whatever else it says: it is asked whether it still reads, */
const PING_AFTER_MS = 15_000;
/** and has so long to say so. */
const PONG_MS = 10_000;
/** For its last words. */
const SHUTDOWN_MS = 2_000;
const MAX_ID = 0xffff_ffff;
/** A longer batch gets no more time than one of so many messages: a plugin that is stuck is to be seen. */
const MAX_DEADLINE_MESSAGES = 32;
/** At this niceness it gets no processor while others want all of them: that time is not its own, */
const LAST_NICENESS = 19;
/** and so much of it is given. */
const STARVED_MS = 10_000;
/** Most that may wait for it to read: two of the greatest frames. */
const MAX_UNREAD_BYTES = 8 * 1024 * 1024;

export type {
  BatchResult,
  DroppedBefore,
  SessionEnd,
  SessionEvents,
  SessionLicence,
  SessionOptions,
} from "./session_options.ts";

/** It would say the same at its next start: it is not to be started again before something was changed. */
export class UnusableError extends KmError {}

export class PluginSession {
  readonly #options: SessionOptions;
  readonly #timers: Timers;
  #sandbox: Sandbox | null = null;
  /** Why it is to be ended, while it is only being started. */
  #doom: readonly [SandboxEnd["why"], string] | null = null;
  readonly #questions: Questions<PluginBody>;
  readonly #flood: FloodGuard;
  readonly #errors = new ErrorTeller((code, message) =>
    this.#send({ kind: "handleError", code, message }).taken
  );
  readonly #ended = Promise.withResolvers<SessionEnd>();
  #version = PROTOCOL_VERSIONS[0] ?? 1;
  #hasAuthenticate = false;
  #lastId = 0;
  #inFlight = 0;
  #isOver = false;
  #pingTimer: unknown = null;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#timers = options.timers ?? SYSTEM_TIMERS;
    this.#flood = new FloodGuard(this.#timers);
    this.#questions = new Questions(this.#timers, (reason) => this.kill("limit", reason));
  }

  /** Null: it was not started yet. */
  get pid(): number | null {
    return this.#sandbox?.pid ?? null;
  }

  get usage(): Usage {
    return this.#sandbox?.usage ?? { residentBytes: null, cpuMs: null };
  }

  get protocolVersion(): number {
    return this.#version;
  }

  /** How it ended. Settles at the end, never fails. */
  get ended(): Promise<SessionEnd> {
    return this.#ended.promise;
  }

  /**
   * Starts the process, loads the code and shakes hands; when that fails, the process is ended.
   * @throws {KmError} what `launch` throws (then there is no process, and `onEnd` is not called); plugin_failed, not_granted
   */
  async start(): Promise<void> {
    await this.#launch();
    try {
      await this.#shakeHands();
      this.#answered();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.kill("protocol", reason);
      throw error instanceof KmError ? error : failed(this.#name, reason);
    }
  }

  /** Starts the process, loads the code, looks at what it says of itself, and ends it. @throws {KmError} as `start` */
  async inspect(): Promise<void> {
    await this.#launch();
    try {
      await this.#load();
    } finally {
      this.kill("asked", "it was only looked at");
    }
  }

  /** Hands over a batch and waits until it is done with. @throws {KmError} plugin_failed when the process ended over it */
  async handle(messages: readonly WireMessage[], dropped: DroppedBefore): Promise<BatchResult> {
    this.#inFlight = messages.length;
    this.#flood.handed(messages.length);
    const counted = Math.min(Math.max(1, messages.length), MAX_DEADLINE_MESSAGES);
    const patienceMs = this.#options.sandbox.niceness >= LAST_NICENESS ? STARVED_MS : 0;
    const limitMs = this.#options.messageMs * counted + patienceMs;
    const body = await this.#ask(
      {
        kind: "handleMessages",
        messages,
        droppedMessages: dropped.messages,
        droppedBytes: dropped.bytes,
      },
      "handled",
      limitMs,
      `it took longer than ${limitMs} ms for ${messages.length} message${messages.length === 1 ? "" : "s"}`,
    );
    this.#inFlight = 0;
    return body.kind === "handled" ? this.#checked(body, messages.length) : {
      messages: messages.length,
      failed: messages.length,
      firstError: body.kind === "failed" ? body.message : "",
      droppedEmits: 0,
      droppedLogs: 0,
    };
  }

  /** Tells it of something that is no message; while it does not read, of the first only, and how many more there were. */
  tellError(code: string, message: string): void {
    if (!this.#isOver) this.#errors.tell(code, message);
  }

  /** Tells it which licence is in force now. @throws {KmError} not_granted when it does not accept that, plugin_failed when it ended */
  async authenticate(licence: SessionLicence): Promise<void> {
    if (!this.#hasAuthenticate) return;
    const answer = await this.#ask({ kind: "authenticate", ...licence }, "authenticateResult", START_MS);
    const check: AuthCheck = answer.kind === "authenticateResult"
      ? { verdict: answer.accepted ? "yes" : "no", reason: answer.reason }
      : { verdict: "unknown", reason: failureOf(answer) };
    const memory = this.#options.authMemory ?? null;
    const note = await settleAuth(this.#name, licence, { check, memory });
    if (note !== null) this.#options.on.onLog("warning", note, null);
  }

  /** Asks whether it is there. @throws {KmError} plugin_failed when it is not */
  async ping(): Promise<void> {
    await this.#ask(
      { kind: "ping" },
      "pong",
      PONG_MS,
      `it was silent, also when it was asked for ${PONG_MS} ms`,
    );
  }

  /** Lets it say its last words and ends it. */
  async shutdown(reason: string): Promise<SessionEnd> {
    if (!this.#isOver) {
      const said = this.#ask(
        { kind: "shutdown", reason },
        "shutdownAck",
        SHUTDOWN_MS,
        "it did not shut down",
      );
      await said.catch(() => {});
      if (!this.#isOver) await this.#sandbox?.end(SHUTDOWN_MS);
    }
    return await this.#ended.promise;
  }

  /** Ends it now. */
  kill(why: SandboxEnd["why"], reason: string): void {
    if (this.#isOver) return;
    if (this.#sandbox === null) this.#doom ??= [why, reason];
    else this.#sandbox.kill(why, reason);
  }

  async #launch(): Promise<void> {
    const { launch, sandbox, on } = this.#options;
    try {
      this.#sandbox = await launch({
        ...sandbox,
        on: {
          onFrame: (header, payload) => this.#take(header, payload),
          onRefused: (access) => on.onRefused(access),
          onStderr: (text) => on.onStderr(text),
          onEnd: (end) => this.#over(end),
        },
      });
    } catch (error) {
      this.#neverWas(error instanceof Error ? error.message : String(error));
      throw error;
    }
    if (this.#doom !== null) this.kill(...this.#doom);
  }

  async #shakeHands(): Promise<void> {
    const { plugin, sandbox, kmVersion, licence, configJson, state } = this.#options;
    const loaded = await this.#load();
    const version = negotiate(loaded.protocolVersions);
    if (version === null) {
      const { message, hint } = explainMismatch(plugin.name, loaded.protocolVersions);
      throw new KmError("plugin_failed", message, { hint });
    }
    const ack = await this.#asked({
      kind: "hello",
      protocolVersions: PROTOCOL_VERSIONS,
      kmVersion,
      pluginName: plugin.name,
      pluginVersion: plugin.version,
      tier: licence.tier,
      maxFrameBytes: sandbox.limits.frameBytes,
    }, "helloAck");
    this.#checkIdentity(ack, version);
    this.#version = version;
    this.#hasAuthenticate = ack.hasAuthenticate;
    await this.authenticate(licence);
    await this.#asked({ kind: "configure", configJson, state }, "configured");
  }

  async #load(): Promise<Extract<PluginBody, { kind: "loaded" }>> {
    const { plugin, sandbox } = this.#options;
    const loaded = await this.#asked({ kind: "load", code: sandbox.code }, "loaded");
    const problem = definitionProblem(loaded, plugin);
    if (problem === null) return loaded;
    throw new UnusableError("plugin_failed", `Plugin "${plugin.name}" failed: ${problem}`, {
      hint: "its author has to make both say the same",
    });
  }

  #checkIdentity(ack: Extract<PluginBody, { kind: "helloAck" }>, version: number): void {
    const { plugin, licence } = this.#options;
    if (ack.protocolVersion !== version) {
      throw failed(
        plugin.name,
        `it chose protocol ${ack.protocolVersion}, and ${version} is the highest of both`,
      );
    }
    if (ack.pluginName !== plugin.name || ack.pluginVersion !== plugin.version) {
      const said = `"${ack.pluginName}" ${ack.pluginVersion}`;
      throw failed(
        plugin.name,
        `its code says it is ${said}, its manifest says "${plugin.name}" ${plugin.version}`,
      );
    }
    if (!covers(licence.tier, ack.requiredTier)) {
      throw new KmError("not_granted", `Plugin "${plugin.name}" needs a ${ack.requiredTier} licence`);
    }
  }

  /** Asks what may only be answered so. @throws {KmError} plugin_failed with what it said instead */
  async #asked<Kind extends PluginBody["kind"]>(
    body: HostBody,
    kind: Kind,
  ): Promise<Extract<PluginBody, { kind: Kind }>> {
    const answer = await this.#ask(body, kind, START_MS, `it was not ready within ${START_MS / 1000} s`);
    if (answer.kind === kind) return answer as Extract<PluginBody, { kind: Kind }>; // as: that was just looked at
    if (answer.kind === "failed" && answer.code === "bad_config") {
      throw new UnusableError(
        "plugin_failed",
        `The configuration of plugin "${this.#name}" is wrong: ${answer.message}`,
        { hint: "mend it; what it may hold is in the plugin's README.md and manifest.json" },
      );
    }
    throw failed(this.#name, failureOf(answer));
  }

  #ask(
    body: HostBody,
    kind: PluginBody["kind"],
    limitMs: number,
    late = "it gave no answer",
  ): Promise<PluginBody> {
    if (this.#isOver) return Promise.reject(failed(this.#name, "its process has ended"));
    const { id } = this.#send(body);
    return this.#questions.ask({ id, kind, limitMs, late });
  }

  #send(body: HostBody): { readonly id: number; readonly taken: Promise<void> } {
    this.#lastId = this.#lastId === MAX_ID ? 1 : this.#lastId + 1;
    const { header, payload } = encodeHostFrame(this.#lastId, body, this.#version);
    const taken = this.#sandbox?.send(header, payload) ?? Promise.resolve();
    taken.catch(() => {}); // It has ended, and the end is told as such.
    const unread = this.#sandbox?.waitingBytes ?? 0;
    if (unread > MAX_UNREAD_BYTES) this.kill("limit", `it did not read what km told it: ${unread >> 20} MiB`);
    return { id: this.#lastId, taken };
  }

  #take(header: Uint8Array, payload: Uint8Array): void {
    if (this.#isOver) return;
    try {
      const { replyTo, body } = decodePluginFrame(header, payload, this.#version);
      if (replyTo > 0) {
        this.#questions.answer(replyTo, body.kind, body);
        this.#answered();
      } else this.#unasked(body, header.length);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.kill("protocol", `it broke the protocol: ${error.message}`);
    }
  }

  #unasked(body: PluginBody, bytes: number): void {
    const flood = this.#flood.came(bytes);
    if (flood !== null) return this.kill("limit", flood);
    const { on } = this.#options;
    switch (body.kind) {
      case "log":
        return on.onLog(body.level, body.text, body.console);
      case "emit":
        return on.onEmit(body.eventId, body.what);
      case "setState":
        return on.onSetState(body.key, body.valueJson);
      case "refused":
        return on.onRefused({ permission: body.what, value: body.value, count: 1 });
    }
  }

  #checked(body: Extract<PluginBody, { kind: "handled" }>, messages: number): BatchResult {
    if (body.messages !== messages) {
      this.kill("protocol", `it broke the protocol: it handled ${body.messages} of ${messages} messages`);
    }
    return body;
  }

  /** Only an answer shows that it reads: who talks and does not listen is asked all the same. */
  #answered(): void {
    if (this.#pingTimer !== null) this.#timers.clear(this.#pingTimer);
    this.#pingTimer = this.#timers.set(() => {
      this.#pingTimer = null;
      // While something else was asked, its own deadline tells.
      if (this.#questions.isEmpty) this.ping().catch(() => {});
      else this.#answered();
    }, PING_AFTER_MS);
  }

  #over(end: SandboxEnd): void {
    this.#isOver = true;
    if (this.#pingTimer !== null) this.#timers.clear(this.#pingTimer);
    const all = { ...end, lostMessages: this.#inFlight };
    this.#questions.close(failed(this.#name, end.detail));
    this.#options.on.onEnd(all);
    this.#ended.resolve(all);
  }

  /** There is no process, so there is no end to tell; who waits for one waits no longer. */
  #neverWas(detail: string): void {
    this.#isOver = true;
    this.#questions.close(failed(this.#name, detail));
    const usage = { residentBytes: null, cpuMs: null };
    this.#ended.resolve({
      why: "spawn_failed",
      detail,
      exitCode: null,
      signal: null,
      usage,
      lostMessages: 0,
    });
  }

  get #name(): string {
    return this.#options.plugin.name;
  }
}

function failureOf(body: PluginBody): string {
  return body.kind === "failed" ? body.message : `it answered "${body.kind}"`;
}

function failed(name: string, reason: string): KmError {
  return new KmError("plugin_failed", `Plugin "${name}" failed: ${reason}`);
}
