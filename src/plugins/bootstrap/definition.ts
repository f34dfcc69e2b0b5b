/** Reads what a plugin's code exports: once, member by member, so that it stays what it was. @module */
import type { ConfigSchema, PluginDefinition, Tier } from "../../../plugins/sdk/mod.ts";
import { schemaProblem } from "../config_schema.ts";

/** What is left of a definition: its members, each of the type it must have. */
export interface Definition {
  readonly name: string;
  readonly version: string;
  readonly protocolVersions: readonly number[];
  readonly requiredTier: Tier;
  readonly configSchema: ConfigSchema | null;
  /** JSON text of requiredTier, permissions, configSchema. */
  readonly definitionJson: string;
  readonly onMessage: PluginDefinition["onMessage"];
  readonly onError: NonNullable<PluginDefinition["onError"]> | null;
  readonly onShutdown: NonNullable<PluginDefinition["onShutdown"]> | null;
  readonly authenticate: NonNullable<PluginDefinition["authenticate"]> | null;
}

/** More is no description of a plugin. */
const MAX_DEFINITION_CHARACTERS = 64 * 1024;

/** @throws {TypeError} when it is none: what `definePlugin` returns is one */
export function readDefinition(exported: unknown): Definition {
  if (typeof exported !== "object" || exported === null) {
    throw new TypeError("the default export is no plugin: export default definePlugin({ … })");
  }
  // As: each member is checked below before it is used.
  const given = exported as Partial<Record<keyof PluginDefinition, unknown>>;
  const { kind, name, version, protocolVersions, requiredTier, permissions, configSchema } = given;
  if (kind !== "km-plugin" || typeof name !== "string" || typeof version !== "string") {
    throw new TypeError("the default export is no plugin: export default definePlugin({ … })");
  }
  // Read once, into a list of our own: the plugin's may say something else each time.
  const versions: unknown = JSON.parse(JSON.stringify(protocolVersions) ?? "null");
  if (!isVersions(versions)) {
    throw new TypeError("the plugin's protocolVersions are no list of numbers");
  }
  if (requiredTier !== "free" && requiredTier !== "pro" && requiredTier !== "enterprise") {
    throw new TypeError("the plugin's requiredTier is not free, pro or enterprise");
  }
  const onMessage = functionOf(given, "onMessage");
  if (onMessage === null) throw new TypeError("the plugin has no onMessage");
  const definitionJson = JSON.stringify({ requiredTier, permissions, configSchema });
  if (definitionJson.length > MAX_DEFINITION_CHARACTERS) {
    throw new TypeError(
      `permissions and configSchema take more than ${MAX_DEFINITION_CHARACTERS} characters`,
    );
  }
  // Read back from its text: it is plain data from here on.
  const schema = (JSON.parse(definitionJson) as { configSchema?: ConfigSchema }).configSchema ?? null;
  const problem = schema === null ? null : schemaProblem(schema);
  if (problem !== null) throw new TypeError(`the plugin's ${problem}`);
  return {
    name,
    version,
    protocolVersions: versions,
    requiredTier,
    configSchema: schema,
    definitionJson,
    onMessage: onMessage as Definition["onMessage"],
    onError: functionOf(given, "onError") as Definition["onError"],
    onShutdown: functionOf(given, "onShutdown") as Definition["onShutdown"],
    authenticate: functionOf(given, "authenticate") as Definition["authenticate"],
  };
}

function isVersions(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.length <= 32 &&
    value.every((version) => Number.isInteger(version) && version > 0 && version < 2 ** 32);
}

/** A method of the definition, called on it; null: it has none. @throws {TypeError} when it is something else */
function functionOf(given: object, member: keyof PluginDefinition): unknown {
  const value: unknown = Reflect.get(given, member);
  if (value === undefined || value === null) return null;
  if (typeof value !== "function") throw new TypeError(`the plugin's ${member} is no function`);
  return (...args: unknown[]) => Reflect.apply(value, given, args);
}
