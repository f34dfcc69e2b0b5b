/** A sandbox without a process, for tests of what talks to one: the test plays the plugin. @module */
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  type HostFrame,
  HostFrameSchema,
  PluginFrameSchema,
} from "../../../proto/gen/km/plugin/v1/plugin_pb.ts";
import { DEFAULT_LIMITS } from "../manifest.ts";
import { NO_PERMISSIONS } from "../sandbox/permissions_in_force.ts";
import type { Sandbox, SandboxEnd, SandboxOptions } from "../sandbox/sandbox.ts";

type PluginFrameInit = MessageInitShape<typeof PluginFrameSchema>;
/** What the plugin does with a frame. */
export type Answer = (frame: HostFrame, plugin: FakeSandbox) => void;

const USAGE = { residentBytes: null, cpuMs: null };

/** Shakes hands as a plugin of that name, and leaves the rest to `then`. */
export function polite(then: Answer = handleAll, name = "quiet", version = "1.0.0"): Answer {
  return (frame, plugin) => {
    switch (frame.body.case) {
      case "load":
        return plugin.say(frame.id, { case: "loaded", value: { name, version, protocolVersions: [1, 2] } });
      case "hello":
        return plugin.say(frame.id, {
          case: "helloAck",
          value: { protocolVersion: 2, pluginName: name, pluginVersion: version, requiredTier: "free" },
        });
      case "configure":
        return plugin.say(frame.id, { case: "configured", value: {} });
      default:
        return then(frame, plugin);
    }
  };
}

/** Does with everything what it should. */
export function handleAll(frame: HostFrame, plugin: FakeSandbox): void {
  switch (frame.body.case) {
    case "handleMessages":
      return plugin.say(frame.id, { case: "handled", value: { messages: frame.body.value.messages.length } });
    case "ping":
      return plugin.say(frame.id, { case: "pong", value: {} });
    case "shutdown":
      return plugin.say(frame.id, { case: "shutdownAck", value: {} });
  }
}

export class FakeSandbox implements Sandbox {
  readonly pid = 4711;
  readonly usage = USAGE;
  /** It stops reading: what is sent waits. */
  isDeaf = false;
  waitingBytes = 0;
  readonly frames: HostFrame[] = [];
  readonly #options: SandboxOptions;
  readonly #answer: Answer;
  readonly #ended = Promise.withResolvers<SandboxEnd>();
  #isOver = false;

  constructor(options: SandboxOptions, answer: Answer) {
    this.#options = options;
    this.#answer = answer;
  }

  /** A frame from the plugin. */
  say(replyTo: number, body: PluginFrameInit["body"]): void {
    const init: PluginFrameInit = body === undefined ? { replyTo } : { replyTo, body };
    const header = toBinary(PluginFrameSchema, create(PluginFrameSchema, init));
    if (!this.#isOver) this.#options.on.onFrame(header, new Uint8Array());
  }

  /** It ends by itself. */
  crash(detail: string): void {
    this.#end({ why: "exit", detail, exitCode: 1, signal: null, usage: USAGE });
  }

  send(header: Uint8Array, payload: readonly Uint8Array[] = []): Promise<void> {
    if (this.isDeaf) {
      this.waitingBytes += payload.reduce((sum, { length }) => sum + length, header.length);
      return new Promise(() => {});
    }
    const frame = fromBinary(HostFrameSchema, header);
    this.frames.push(frame);
    // A process answers later, never within the call.
    void Promise.resolve().then(() => this.#answer(frame, this));
    return Promise.resolve();
  }

  kill(why: SandboxEnd["why"], detail: string): void {
    this.#end({ why, detail, exitCode: null, signal: "SIGKILL", usage: USAGE });
  }

  end(): Promise<SandboxEnd> {
    this.#end({ why: "asked", detail: "it was asked to end", exitCode: 0, signal: null, usage: USAGE });
    return this.#ended.promise;
  }

  #end(end: SandboxEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#options.on.onEnd(end);
    this.#ended.resolve(end);
  }
}

/** Launch options that no fake looks at. */
export const NO_SANDBOX: Omit<SandboxOptions, "on"> = {
  deno: "/deno",
  code: new Uint8Array(),
  permissions: NO_PERMISSIONS,
  limits: DEFAULT_LIMITS,
  runtime: "/runtime",
  env: {},
  niceness: 0,
};
