/**
 * What a km plugin is made with: one file without imports, which `km plugins build` writes into the plugin.
 *
 * A plugin is a module whose default export is what {@link definePlugin} returns. It runs in a sandbox: no imports, no files, no network, no
 * environment but what its manifest asks for and its user grants. It is given messages between an AI client and an MCP server, in order, one at a
 * time, after they have passed: it can slow down or change none of them.
 *
 * ```ts
 * import { definePlugin } from "./mod.ts";
 *
 * export default definePlugin({
 *   name: "slow-calls",
 *   version: "1.0.0",
 *   configSchema: {
 *     type: "object",
 *     properties: { limitMs: { type: "number", default: 2000 } },
 *   },
 *   onMessage(message, { config, emit }) {
 *     const { durationUs, tool } = message.event;
 *     if (durationUs === null || durationUs < config.limitMs * 1000) return;
 *     emit.finding({
 *       key: `slow:${tool}`,
 *       severity: "warning",
 *       title: `${tool} took ${Math.round(durationUs / 1000)} ms`,
 *       message,
 *     });
 *   },
 * });
 * ```
 * @module
 */

/** What a licence opens, from least to most. */
export type Tier = "free" | "pro" | "enterprise";

/** Which way a message went. */
export type Direction = "client_to_server" | "server_to_client";

/** How much something matters. */
export type Severity = "info" | "warning" | "critical";

/** Whatever JSON can say. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** What km knows of a message, by the names of `km events --json`. */
export interface MessageEvent {
  /** UUIDv7. */
  readonly id: string;
  /** µs since the Unix epoch. */
  readonly timeUs: number;
  /** Name of the MCP server. */
  readonly server: string;
  /** request, response, error, notification, invalid, log, gap or lifecycle; later versions of km may have more. */
  readonly kind: string;
  /** JSON-RPC method; null where there is none. */
  readonly method: string | null;
  /** The tool, prompt or resource that it names. */
  readonly tool: string | null;
  /** JSON text of the JSON-RPC id. */
  readonly rpcId: string | null;
  /** Bytes of the whole message as it passed. */
  readonly sizeBytes: number;
  /** True when `data` holds less than the message. */
  readonly truncated: boolean;
  /** How `data` is to be read; null: there is none, because no payload is granted or the event has none. */
  readonly format: "json" | "text" | "bytes" | null;
  /** Id of the event that this one answers. */
  readonly answersId: string | null;
  /** How long the call took that this event ended, in µs. */
  readonly durationUs: number | null;
  /** Name of the client, when it is known. */
  readonly client: string | null;
}

/** One message. */
export interface Message {
  /** What km knows of it. */
  readonly event: MessageEvent;
  /** Null for what is no message between the two, as the start of a server. */
  readonly direction: Direction | null;
  /** The run of the server that it belongs to: the same for all messages of one session. */
  readonly correlationId: string;
  /** What the grant allows of it: its bytes, with secrets taken out unless `payload=full` was granted. */
  readonly data: Uint8Array;
  /** `data` as text. */
  text(): string;
  /** `data` as JSON; undefined where it is none, or is not whole. Parsed once. */
  // deno-lint-ignore no-explicit-any -- the shape is the MCP message's, which its method says.
  json(): any;
}

/** Something that a person should look at. */
export interface Finding {
  /** The same for the same matter: a later finding replaces the earlier one. At most 256 characters. */
  readonly key: string;
  /** How much it matters. */
  readonly severity: Severity;
  /** One line, at most 512 characters. */
  readonly title: string;
  /** All there is to say, at most 16,384 characters. */
  readonly detail?: string;
  /** The message that it is about: names event, server and tool, where these are not given. */
  readonly message?: Message;
  /** Name of the server that it is about. */
  readonly server?: string;
  /** Name of the tool that it is about. */
  readonly tool?: string;
}

/** A number. */
export interface Metric {
  /** As `tokens.saved`, at most 256 characters. */
  readonly name: string;
  /** Finite. */
  readonly value: number;
  /** UCUM: `1` (default), `ms`, `By`. */
  readonly unit?: string;
  /** The message that it was measured on. */
  readonly message?: Message;
}

/** A note on one message. Needs protocol 2: older versions of km drop it, and say so in the plugin's log. */
export interface Annotation {
  /** At most 256 characters. */
  readonly key: string;
  /** At most 4,096 characters. */
  readonly value: string;
  /** The message that the note is on. */
  readonly message: Message;
}

/** Gives something back to km. Each throws a TypeError for what is longer than said, and drops (counted) more than 1,000 a batch. */
export interface Emitter {
  /** Shown by `km findings` and the dashboard. */
  finding(finding: Finding): void;
  /** Kept with the plugin's name. */
  metric(metric: Metric): void;
  /** Shown by `km show`. */
  annotation(annotation: Annotation): void;
}

/** Lines of `km plugins logs`. */
export interface Log {
  /** For the author. */
  debug(text: string): void;
  /** For whoever reads the log. */
  info(text: string): void;
  /** Something is not as it should be. */
  warning(text: string): void;
  /** Something failed. */
  error(text: string): void;
}

/**
 * What the plugin keeps between its runs: at most 1 MiB in all. Needs protocol 2: with an older km it is kept only while the plugin runs.
 */
export interface State {
  /** What was kept as `key`; undefined: nothing. Each call gives a copy. */
  // deno-lint-ignore no-explicit-any -- the plugin knows what it kept.
  get(key: string): any;
  /** Keeps `value` as `key`. Throws a TypeError when that would be more than fits. */
  set(key: string, value: Json): void;
  /** Forgets `key`. */
  delete(key: string): void;
  /** Names of all that is kept. */
  keys(): string[];
}

/** The licence in force. */
export interface Licence {
  /** `free`: there is none. */
  readonly tier: Tier;
  /** Whom it was given to. */
  readonly customerId: string | null;
  /** Seconds since the Unix epoch; null: it does not end. */
  readonly expiresAtS: number | null;
}

/** What a plugin works with, beside the message. */
export interface Context<Config = Record<string, Json>> {
  /** What the user configured, with the defaults of `configSchema` where he did not. */
  readonly config: Config;
  /** Writes the plugin's log. `console.log` and its like do the same. */
  readonly log: Log;
  /** Shows a line to the person who watches the console of `km monitor`; colours (SGR) are allowed. Also in the log, without them. */
  console(line: string): void;
  /** Gives something back to km. */
  readonly emit: Emitter;
  /** What the plugin keeps between its runs. */
  readonly state: State;
  /** The licence in force. */
  readonly licence: Licence;
  /** Version of the protocol that was agreed on: 1 or 2. */
  readonly protocolVersion: number;
  /** Version of km. */
  readonly kmVersion: string;
  /** Aborted when the plugin is to end: give it to `fetch`. */
  readonly signal: AbortSignal;
}

/** What went wrong. */
export interface PluginError {
  /** `handler`: `onMessage` threw. `unhandled`: a promise that nobody awaited. Else what km says: `dropped`, `refused`. Others may come. */
  readonly code: string;
  /** For people. */
  readonly message: string;
  /** What was thrown. */
  readonly cause?: unknown;
  /** The message that `onMessage` was called with. */
  readonly on?: Message;
}

/** What a plugin needs its user to grant; each is asked for in plain words. The manifest of the package must say the same. */
export interface Permissions {
  /** `host` (port 443) or `host:port`, public ones. */
  readonly net?: readonly string[];
  /** Folders, absolute or below `~/`. */
  readonly read?: readonly string[];
  /** Folders, absolute or below `~/`. */
  readonly write?: readonly string[];
  /** Names of environment variables. */
  readonly env?: readonly string[];
  /** Which messages it is given. */
  readonly data?: {
    /** Names, `*` for any run of characters. */
    readonly servers?: readonly string[];
    /** JSON-RPC methods, `*` for any run of characters. */
    readonly methods?: readonly string[];
    /** Both, when left out. */
    readonly directions?: readonly Direction[];
    /** Nothing but the event, the message with secrets taken out (default), or the message as it passed. */
    readonly payload?: "none" | "redacted" | "full";
  };
}

/** JSON Schema of an object. km checks configurations by it: the keywords that it checks are all there are, see plugins/README.md. */
export interface ConfigSchema {
  /** A configuration is an object. */
  readonly type: "object";
  /** Its members. */
  readonly properties?: { readonly [name: string]: PropertySchema };
  /** Members that must be there. */
  readonly required?: readonly string[];
  /** Other keywords that km checks. */
  readonly [keyword: string]: unknown;
}

/** JSON Schema of one member of a configuration. */
export interface PropertySchema {
  /** What it is. */
  readonly type?: "string" | "number" | "integer" | "boolean" | "array" | "object";
  /** The only values. */
  readonly enum?: readonly Json[];
  /** Of an array. */
  readonly items?: PropertySchema;
  /** What holds when the user says nothing. */
  readonly default?: Json;
  /** For the user. */
  readonly description?: string;
  /** Other keywords that km checks. */
  readonly [keyword: string]: unknown;
}

/** The type of a value that `Schema` describes. */
export type ValueOf<Schema> = Schema extends { readonly enum: readonly (infer Value)[] } ? Value
  : Schema extends { readonly type: "string" } ? string
  : Schema extends { readonly type: "number" | "integer" } ? number
  : Schema extends { readonly type: "boolean" } ? boolean
  : Schema extends { readonly type: "array"; readonly items: infer Items } ? readonly ValueOf<Items>[]
  : Schema extends { readonly type: "array" } ? readonly Json[]
  : Json;

/** Members of `Schema` that are always there: required ones, and those with a default. */
export type Present<Schema> = Schema extends { readonly properties: infer Properties } ? {
    [Name in keyof Properties]: Properties[Name] extends { readonly default: unknown } ? Name
      : Schema extends { readonly required: readonly (infer Required)[] } ? Name extends Required ? Name
        : never
      : never;
  }[keyof Properties]
  : never;

/** The type of a configuration that `Schema` describes. */
export type ConfigOf<Schema> = Schema extends { readonly properties: infer Properties } ?
    & { readonly [Name in Present<Schema> & keyof Properties]: ValueOf<Properties[Name]> }
    & { readonly [Name in Exclude<keyof Properties, Present<Schema>>]?: ValueOf<Properties[Name]> }
  : Record<string, Json>;

/** What an author says of a plugin. */
export interface PluginOptions<Schema extends ConfigSchema = ConfigSchema> {
  /** Lower-case words with hyphens, at most 64 characters; the manifest's. */
  readonly name: string;
  /** Semantic version; the manifest's. */
  readonly version: string;
  /** The least licence that it runs with; `free` when left out. */
  readonly requiredTier?: Tier;
  /** What it needs its user to grant: nothing, when left out. */
  readonly permissions?: Permissions;
  /** JSON Schema of its configuration. The type of `context.config` is read from it. */
  readonly configSchema?: Schema;
  /** Called with each message, in order; the next one waits until this is done. */
  onMessage(message: Message, context: Context<ConfigOf<Schema>>): void | Promise<void>;
  /** Called with what went wrong. Without it, it is in the log. */
  onError?(error: PluginError, context: Context<ConfigOf<Schema>>): void | Promise<void>;
  /** Called before the plugin ends: there are some seconds to send what is left. */
  onShutdown?(reason: string, context: Context<ConfigOf<Schema>>): void | Promise<void>;
  /** Called with the licence at start and whenever km checks it again. A plugin that does not accept it is given no messages. */
  authenticate?(
    licence: Licence,
    context: Context<ConfigOf<Schema>>,
  ): boolean | Verdict | Promise<boolean | Verdict>;
}

/** Whether a plugin accepts a licence, and why not. */
export interface Verdict {
  /** True: it goes on. */
  readonly accepted: boolean;
  /** For the user. */
  readonly reason?: string;
}

/** What {@link definePlugin} returns: the default export of a plugin. */
export interface PluginDefinition<Schema extends ConfigSchema = ConfigSchema> extends PluginOptions<Schema> {
  /** What it is. */
  readonly kind: "km-plugin";
  /** Versions of the plugin protocol that this SDK was made for. */
  readonly protocolVersions: readonly number[];
  /** Filled in. */
  readonly requiredTier: Tier;
  /** Filled in. */
  readonly permissions: Permissions;
}

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const VERSION = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/;
const TIERS: readonly string[] = ["free", "pro", "enterprise"];
const MEMBERS: readonly string[] = [
  "name",
  "version",
  "requiredTier",
  "permissions",
  "configSchema",
  "onMessage",
  "onError",
  "onShutdown",
  "authenticate",
];

/**
 * Says what a plugin is; it does nothing by itself. Throws a TypeError that names the mistake.
 *
 * ```ts
 * import { definePlugin } from "./mod.ts";
 *
 * let calls = 0;
 * export default definePlugin({
 *   name: "call-counter",
 *   version: "1.0.0",
 *   permissions: { data: { methods: ["tools/call"], payload: "none" } },
 *   onMessage(message, { emit }) {
 *     if (message.event.kind === "request") emit.metric({ name: "calls", value: ++calls, message });
 *   },
 *   onShutdown: (reason, { log }) => log.info(`${calls} calls until ${reason}`),
 * });
 * ```
 */
export function definePlugin<const Schema extends ConfigSchema>(
  options: PluginOptions<Schema>,
): PluginDefinition<Schema> {
  for (const member of Object.keys(options)) {
    if (!MEMBERS.includes(member)) throw new TypeError(`definePlugin: "${member}" is not known`);
  }
  const { name, version, requiredTier = "free", permissions = {}, configSchema } = options;
  if (typeof name !== "string" || name.length > 64 || !NAME.test(name)) {
    throw new TypeError(`definePlugin: name must be lower-case words with hyphens, not ${quote(name)}`);
  }
  if (typeof version !== "string" || !VERSION.test(version)) {
    throw new TypeError(`definePlugin: version must be like 1.0.0, not ${quote(version)}`);
  }
  if (!TIERS.includes(requiredTier)) {
    throw new TypeError(`definePlugin: requiredTier must be ${TIERS.join(", ")}, not ${quote(requiredTier)}`);
  }
  if (configSchema !== undefined && configSchema?.type !== "object") {
    throw new TypeError('definePlugin: configSchema must have type "object"');
  }
  if (typeof options.onMessage !== "function") {
    throw new TypeError("definePlugin: onMessage must be a function");
  }
  for (const member of ["onError", "onShutdown", "authenticate"] as const) {
    if (options[member] !== undefined && typeof options[member] !== "function") {
      throw new TypeError(`definePlugin: ${member} must be a function`);
    }
  }
  return Object.freeze({
    ...options,
    kind: "km-plugin",
    protocolVersions: Object.freeze([1, 2]),
    requiredTier,
    permissions,
  });
}

/**
 * `config` with the defaults of `schema` where it says nothing: what a plugin is given as `context.config`.
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { withDefaults } from "./mod.ts";
 *
 * const schema = { type: "object", properties: { limit: { type: "number", default: 5 } } } as const;
 * assert.equal(withDefaults(schema, {}).limit, 5);
 * assert.equal(withDefaults(schema, { limit: 7 }).limit, 7);
 * ```
 */
export function withDefaults(
  schema: ConfigSchema | null | undefined,
  config: { readonly [name: string]: Json },
): Record<string, Json> {
  const complete: Record<string, Json> = { ...config };
  for (const [name, property] of Object.entries(schema?.properties ?? {})) {
    if (complete[name] === undefined && property.default !== undefined) {
      // A copy: a plugin that changes its configuration does not change its schema.
      complete[name] = structuredClone(property.default);
    }
  }
  return complete;
}

function quote(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}
