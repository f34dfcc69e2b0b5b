/**
 * Runs a plugin in memory, for the author's own tests: no sandbox, no km. `km plugins test` runs it in the sandbox, as it will be run.
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { definePlugin } from "./mod.ts";
 * import { fakeMessage, tryPlugin } from "./testing.ts";
 *
 * const plugin = definePlugin({
 *   name: "big-results",
 *   version: "1.0.0",
 *   configSchema: { type: "object", properties: { bytes: { type: "integer", default: 1000 } } },
 *   onMessage(message, { config, emit }) {
 *     if (message.event.sizeBytes > config.bytes) {
 *       emit.finding({ key: "big", severity: "info", title: "A big message", message });
 *     }
 *   },
 * });
 *
 * const tried = await tryPlugin(plugin, [
 *   fakeMessage({ id: 1, result: { text: "x".repeat(2000) } }),
 *   fakeMessage({ id: 2, result: { text: "x" } }),
 * ]);
 * assert.deepEqual(tried.findings.map(({ title }) => title), ["A big message"]);
 * ```
 * @module
 */
import { type Circumstances, createContext, type Given, type LogLevel } from "./context.ts";
import { DeliveredMessage } from "./message.ts";
import {
  type ConfigSchema,
  type Direction,
  type Json,
  type Licence,
  type Message,
  type MessageEvent,
  type PluginDefinition,
  type PluginError,
  withDefaults,
} from "./mod.ts";
import { StateStore } from "./state.ts";

/** In which circumstances to run; what is left out is as for a user who configured nothing. */
export interface TryOptions {
  /** What the user configured. */
  readonly config?: { readonly [name: string]: Json };
  /** What the plugin kept in an earlier run. */
  readonly state?: { readonly [key: string]: Json };
  /** None, when left out. */
  readonly licence?: Licence;
  /** 2, when left out. 1 has neither state between runs nor annotations. */
  readonly protocolVersion?: number;
  /** Why it ends, for `onShutdown`; `test`, when left out. */
  readonly shutdownReason?: string;
}

/** What a plugin did. */
export interface Tried {
  /** What it found. */
  readonly findings: readonly Extract<Given, { type: "finding" }>[];
  /** What it measured. */
  readonly metrics: readonly Extract<Given, { type: "metric" }>[];
  /** What it noted. */
  readonly annotations: readonly Extract<Given, { type: "annotation" }>[];
  /** Its log. */
  readonly logs: readonly LoggedLine[];
  /** Lines for whoever watches, colours included. */
  readonly console: readonly string[];
  /** What its handlers threw. */
  readonly errors: readonly PluginError[];
  /** What it keeps. */
  readonly state: Readonly<Record<string, Json>>;
  /** Whether it took the licence; if not, it was given no message. */
  readonly accepted: boolean;
}

/** A line of a plugin's log. */
export interface LoggedLine {
  /** How much it matters. */
  readonly level: LogLevel;
  /** Without colours. */
  readonly text: string;
}

/** What can be said of a message beside its JSON. */
export interface FakeOptions {
  /** As of the JSON, when left out: a `method` is a request or a notification, to the server. */
  readonly direction?: Direction | null;
  /** `run-1`, when left out. */
  readonly correlationId?: string;
  /** What of the event is to be otherwise. */
  readonly event?: Partial<MessageEvent>;
}

let made = 0;

/** A message as km gives it to a plugin, of its JSON. */
export function fakeMessage(json: { readonly [member: string]: Json }, options: FakeOptions = {}): Message {
  const data = new TextEncoder().encode(JSON.stringify(json));
  const method = typeof json["method"] === "string" ? json["method"] : null;
  const kind = method !== null
    ? ("id" in json ? "request" : "notification")
    : "error" in json
    ? "error"
    : "response";
  const event: MessageEvent = {
    id: `00000000-0000-7000-8000-${(++made).toString(16).padStart(12, "0")}`,
    timeUs: 1_700_000_000_000_000 + made,
    server: "test-server",
    kind,
    method,
    tool: toolOf(json["params"]),
    rpcId: "id" in json ? JSON.stringify(json["id"]) : null,
    sizeBytes: data.length,
    truncated: false,
    format: "json",
    answersId: null,
    durationUs: null,
    client: "test-client",
    ...options.event,
  };
  const { direction = method === null ? "server_to_client" : "client_to_server", correlationId = "run-1" } =
    options;
  return new DeliveredMessage({ event, direction, correlationId }, data);
}

/** Runs `plugin` over `messages`, from its licence to its end, as km would. */
export async function tryPlugin<Schema extends ConfigSchema>(
  plugin: PluginDefinition<Schema>,
  messages: readonly Message[],
  options: TryOptions = {},
): Promise<Tried> {
  const recorder = new Recorder();
  const circumstances: Circumstances = {
    config: withDefaults(plugin.configSchema, options.config ?? {}),
    licence: options.licence ?? { tier: "free", customerId: null, expiresAtS: null },
    protocolVersion: options.protocolVersion ?? 2,
    kmVersion: "0.0.0-test",
  };
  const ending = new AbortController();
  const state = new StateStore();
  state.replace(
    Object.entries(options.state ?? {}).map(([key, value]) => [key, JSON.stringify(value)] as const),
  );
  // As: `withDefaults` gave it the schema's shape, as far as the test's own configuration has it.
  const context = createContext(circumstances, recorder, { signal: ending.signal, state }) as Parameters<
    typeof plugin.onMessage
  >[1];

  const verdict = await plugin.authenticate?.(circumstances.licence, context) ?? true;
  const accepted = typeof verdict === "boolean" ? verdict : verdict.accepted;
  for (const message of accepted ? messages : []) {
    try {
      await plugin.onMessage(message, context);
    } catch (cause) {
      const error: PluginError = { code: "handler", message: String(cause), cause, on: message };
      recorder.errors.push(error);
      await plugin.onError?.(error, context);
    }
  }
  const reason = options.shutdownReason ?? "test";
  ending.abort(reason);
  await plugin.onShutdown?.(reason, context);
  // As: state holds nothing but what JSON can say.
  const kept = Object.fromEntries(state.keys().map((key) => [key, state.get(key) as Json]));
  return { ...recorder.sorted(), errors: recorder.errors, state: kept, accepted };
}

/** Keeps what a plugin says. */
class Recorder {
  readonly given: Given[] = [];
  readonly logs: LoggedLine[] = [];
  readonly lines: string[] = [];
  readonly errors: PluginError[] = [];

  emit(given: Given): void {
    this.given.push(given);
  }

  log(level: LogLevel, text: string, console: string | null): void {
    this.logs.push({ level, text });
    if (console !== null) this.lines.push(console);
  }

  setState(): void {
    // The store has it.
  }

  sorted(): Pick<Tried, "findings" | "metrics" | "annotations" | "logs" | "console"> {
    return {
      findings: this.given.filter((given) => given.type === "finding"),
      metrics: this.given.filter((given) => given.type === "metric"),
      annotations: this.given.filter((given) => given.type === "annotation"),
      logs: this.logs,
      console: this.lines,
    };
  }
}

function toolOf(params: Json | undefined): string | null {
  if (typeof params !== "object" || params === null || !("name" in params)) return null;
  return typeof params.name === "string" ? params.name : null;
}
