/** Speaks with the real bootstrap in a real sandbox, frame by frame, as the host of plugins does. @module */
import { launchSandbox } from "../../src/plugins/sandbox/launch.ts";
import { NO_PERMISSIONS, type PermissionsInForce } from "../../src/plugins/sandbox/permissions_in_force.ts";
import type { Sandbox, SandboxEnd } from "../../src/plugins/sandbox/sandbox.ts";
import { decodePluginFrame, type PluginBody } from "../../src/plugins/wire/decode.ts";
import { encodeHostFrame, type HostBody, type WireMessage } from "../../src/plugins/wire/encode.ts";
import { PATIENCE_MS } from "../e2e/harness.ts";
import { LIMITS } from "./raw_sandbox.ts";

/** What a plugin said unasked: log, emit, setState, refused. */
export type Unasked = Extract<PluginBody, { kind: "log" | "emit" | "setState" | "refused" }>;

/** Where it runs, and on what. */
export interface DriverOptions {
  readonly runtime: string;
  readonly permissions?: PermissionsInForce;
  readonly env?: Readonly<Record<string, string>>;
}

/** Name and version that code is expected to give itself. */
const PLUGIN = { pluginName: "a-plugin", pluginVersion: "1.0.0" };

/** One plugin at work. */
export class BootDriver implements AsyncDisposable {
  readonly unasked: Unasked[] = [];
  readonly ended: Promise<SandboxEnd>;
  version = 2;
  /** What was said beside frames. */
  stderr = "";
  #sandbox: Sandbox | null = null;
  #id = 0;
  readonly #answers = new Map<number, (body: PluginBody) => void>();
  readonly #end = Promise.withResolvers<SandboxEnd>();
  #heard = Promise.withResolvers<void>();

  private constructor() {
    this.ended = this.#end.promise;
  }

  /** Starts `code` (the text of a module), without any frame yet. */
  static async launch(
    code: string,
    { runtime, permissions = NO_PERMISSIONS, env = {} }: DriverOptions,
  ): Promise<BootDriver> {
    const driver = new BootDriver();
    driver.#sandbox = await launchSandbox({
      deno: Deno.execPath(),
      code: new TextEncoder().encode(code),
      permissions,
      limits: LIMITS,
      runtime,
      env,
      niceness: 0,
      on: {
        onFrame: (header, payload) => driver.#take(header, payload),
        onRefused: () => {},
        onStderr: (text) => void (driver.stderr += text),
        onEnd: (end) => driver.#end.resolve(end),
      },
    });
    return driver;
  }

  /** Starts `code` and brings it to where it takes messages. */
  static async ready(
    code: string,
    options: DriverOptions & { readonly configJson?: string; readonly state?: ReadonlyMap<string, string> },
  ): Promise<BootDriver> {
    const driver = await BootDriver.launch(code, options);
    await driver.expect("loaded", { kind: "load", code: new TextEncoder().encode(code) });
    await driver.expect("helloAck", hello());
    await driver.expect("configured", {
      kind: "configure",
      configJson: options.configJson ?? "{}",
      state: options.state ?? new Map(),
    });
    return driver;
  }

  get sandbox(): Sandbox {
    if (this.#sandbox === null) throw new Error("not launched");
    return this.#sandbox;
  }

  /** Sends a frame; its answer. Fails when the plugin ends instead. */
  ask(body: HostBody): Promise<PluginBody> {
    const id = ++this.#id;
    const { header, payload } = encodeHostFrame(id, body, this.version);
    return patiently(this.answerTo(id, header, payload), `no answer to "${body.kind}"`);
  }

  /** Sends any header; the answer to frame `id`. */
  answerTo(id: number, header: Uint8Array, payload: readonly Uint8Array[] = []): Promise<PluginBody> {
    const answer = Promise.withResolvers<PluginBody>();
    this.#answers.set(id, answer.resolve);
    void this.sandbox.send(header, payload);
    return Promise.race([answer.promise, this.#failAtEnd()]);
  }

  /** Sends a frame that must be answered by `kind`. */
  async expect<Kind extends PluginBody["kind"]>(
    kind: Kind,
    body: HostBody,
  ): Promise<Extract<PluginBody, { kind: Kind }>> {
    const answer = await this.ask(body);
    // As: its kind was compared.
    if (answer.kind === kind) return answer as Extract<PluginBody, { kind: Kind }>;
    throw new Error(`"${body.kind}" was answered by ${JSON.stringify(answer)}`);
  }

  /** A batch of these. */
  handle(...messages: readonly WireMessage[]): Promise<Extract<PluginBody, { kind: "handled" }>> {
    return this.expect("handled", { kind: "handleMessages", messages, droppedMessages: 0, droppedBytes: 0 });
  }

  /** Waits until something unasked fulfils `matches`. */
  async heard(matches: (said: Unasked) => boolean): Promise<Unasked> {
    for (;;) {
      const found = this.unasked.find(matches);
      if (found !== undefined) return found;
      await patiently(
        Promise.race([this.#heard.promise, this.#failAtEnd()]),
        "it did not say what was expected",
      );
    }
  }

  /** Texts of its log. */
  get logs(): string[] {
    return this.unasked.flatMap((said) => said.kind === "log" ? [said.text] : []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.sandbox.kill("asked", "the test is over");
    await this.ended;
  }

  async #failAtEnd(): Promise<never> {
    const { why, detail, exitCode } = await this.ended;
    throw new Error(`the plugin ended: ${why}, ${detail}, exit ${exitCode}\n${this.stderr}`);
  }

  #take(header: Uint8Array, payload: Uint8Array): void {
    const { replyTo, body } = decodePluginFrame(header, payload, this.version);
    if (replyTo > 0) return this.#answers.get(replyTo)?.(body);
    // As: `decodePluginFrame` refuses answers to nothing.
    this.unasked.push(body as Unasked);
    this.#heard.resolve();
    this.#heard = Promise.withResolvers();
  }
}

/** The greeting of a km that speaks `protocolVersions`. */
export function hello(protocolVersions: readonly number[] = [1, 2]): HostBody {
  const maxFrameBytes = LIMITS.frameBytes;
  return { kind: "hello", protocolVersions, kmVersion: "0.1.0", ...PLUGIN, tier: "free", maxFrameBytes };
}

/** A message with `json` as its data. */
export function wireMessage(json: unknown, event: Partial<WireMessage["event"]> = {}): WireMessage {
  const data = new TextEncoder().encode(JSON.stringify(json));
  return {
    data,
    direction: "client_to_server",
    correlationId: "run-1",
    event: {
      id: "01900000-0000-7000-8000-000000000001",
      timeUs: 1_700_000_000_000_001,
      server: "files",
      kind: "request",
      method: "tools/call",
      tool: "read_file",
      rpcId: "1",
      sizeBytes: data.length,
      truncated: false,
      format: "json",
      answersId: null,
      durationUs: null,
      client: null,
      ...event,
    },
  };
}

/** The text of a plugin named `a-plugin`, 1.0.0, with these members. */
export function pluginCode(members: string, before = ""): string {
  return `${before}\nexport default { kind: "km-plugin", name: "a-plugin", version: "1.0.0",
    protocolVersions: [1, 2], requiredTier: "free", permissions: {}, onMessage() {}, ${members} };`;
}

async function patiently<T>(waited: Promise<T>, otherwise: string): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(otherwise)), PATIENCE_MS);
  try {
    return await Promise.race([waited, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
