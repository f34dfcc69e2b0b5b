/**
 * Runs a plugin in the sandbox that users run it in, hands it messages one by one, and says for each what it gave back, logged, and was refused.
 * @module
 */
import type { RefusedAccess } from "../sandbox/sandbox.ts";
import { launchSandbox } from "../sandbox/launch.ts";
import type { PermissionsInForce } from "../sandbox/permissions_in_force.ts";
import { type OfferedMessage, type ScopedMessage, ScopeFilter } from "../host/scope.ts";
import { PluginSession, type SessionEnd } from "../host/plugin_session.ts";
import type { WireMessage } from "../wire/encode.ts";
import type { ManifestSource } from "./project.ts";
import { EndedOver, type Happening, type MessageReport } from "./report.ts";

/** What to run, and on what. */
export interface ReplayOptions {
  readonly manifest: ManifestSource;
  readonly code: Uint8Array<ArrayBuffer>;
  readonly deno: string;
  /** `PluginPaths.runtime`. */
  readonly runtime: string;
  /** All that the manifest asks for, as the user would have granted it. */
  readonly permissions: PermissionsInForce;
  /** The environment; only granted variables and a proxy reach the plugin. */
  readonly env: Readonly<Record<string, string>>;
  readonly configJson: string;
  readonly kmVersion: string;
  /** What the plugin keeps: outlives the replay, so that a reload finds it. */
  readonly state: Map<string, string>;
}

/** One plugin, running. */
export class Replay {
  readonly #session: PluginSession;
  readonly #filter: ScopeFilter;
  #happenings: Happening[] = [];
  #number = 0;

  private constructor(options: ReplayOptions) {
    const { manifest, state } = options;
    this.#filter = new ScopeFilter(manifest.permissions.data, manifest.limits.payloadBytes);
    this.#session = new PluginSession({
      launch: launchSandbox,
      sandbox: {
        deno: options.deno,
        code: options.code,
        permissions: options.permissions,
        limits: manifest.limits,
        runtime: options.runtime,
        env: options.env,
        niceness: 0,
      },
      plugin: manifest,
      kmVersion: options.kmVersion,
      // The author's own plugin: whatever it needs is there.
      licence: { tier: manifest.requiredTier, customerId: manifest.customerId, expiresAtS: null },
      configJson: options.configJson,
      state: new Map(state),
      messageMs: manifest.limits.messageMs,
      on: {
        onLog: (level, text, console) => this.#add({ kind: "log", level, text, console }),
        onEmit: (_eventId, what) => this.#add({ kind: "emit", what }),
        onSetState: (key, valueJson) => {
          if (valueJson === null) state.delete(key);
          else state.set(key, valueJson);
        },
        onRefused: ({ permission, value }: RefusedAccess) =>
          this.#add({ kind: "refused", permission, value }),
        onStderr: (text) => this.#add({ kind: "stderr", text }),
        onEnd: () => {},
      },
    });
  }

  /** Starts the sandbox and shakes hands; `signal` ends it while it is at that. @throws {KmError} plugin_failed, not_granted and what the launch throws */
  static async start(options: ReplayOptions, signal?: AbortSignal): Promise<Replay> {
    const replay = new Replay(options);
    const kill = () => replay.kill();
    if (signal?.aborted) kill();
    signal?.addEventListener("abort", kill);
    try {
      await replay.#session.start();
    } finally {
      signal?.removeEventListener("abort", kill);
    }
    return replay;
  }

  /** Lets it say what it is, which must be what the manifest says, and ends it. @throws {KmError} plugin_failed and what the launch throws */
  static async inspect(options: ReplayOptions): Promise<void> {
    await new Replay(options).#session.inspect();
  }

  /** Settles when it has ended, also by itself. */
  get ended(): Promise<SessionEnd> {
    return this.#session.ended;
  }

  /** Hands over one message. @throws {EndedOver} when the plugin's process ended over it */
  async handle(offered: OfferedMessage): Promise<MessageReport> {
    const number = ++this.#number;
    const scoped = this.#filter.apply(offered);
    const base = { number, event: offered.event, server: offered.server };
    if (scoped === null) return { ...base, seen: false, failed: null, happenings: [], ms: 0 };
    const before = performance.now();
    const done = (failed: string | null): MessageReport => ({
      ...base,
      seen: true,
      failed,
      happenings: this.#taken(),
      ms: Math.round((performance.now() - before) * 10) / 10,
    });
    let result;
    try {
      result = await this.#session.handle([wireMessage(scoped)], { messages: 0, bytes: 0 });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new EndedOver(`${reason}, over message ${base.number}`, done(reason));
    }
    return done(result.failed > 0 ? result.firstError || "it threw" : null);
  }

  /** Lets it say its last words. What happened since the last message comes with the end. */
  async end(): Promise<{ readonly end: SessionEnd; readonly happenings: readonly Happening[] }> {
    const end = await this.#session.shutdown("the replay is over");
    return { end, happenings: this.#taken() };
  }

  /** Ends it now. */
  kill(): void {
    this.#session.kill("asked", "the replay was stopped");
  }

  /** What has happened since it was last asked for. */
  take(): readonly Happening[] {
    return this.#taken();
  }

  #add(happening: Happening): void {
    this.#happenings.push(happening);
  }

  #taken(): Happening[] {
    const taken = this.#happenings;
    this.#happenings = [];
    return taken;
  }
}

function wireMessage(
  { event, correlationId, server, client, format, data, truncated }: ScopedMessage,
): WireMessage {
  return {
    data,
    direction: event.direction,
    correlationId,
    event: { ...event, server, client, truncated, format: format === "none" ? null : format },
  };
}
