/** Whether a plugin's code says of itself what its manifest says: what the user agreed to is the manifest. @module */
import type { Tier } from "../../core/plugin.ts";
import type { LoadedDefinition } from "../wire/decode.ts";

/** What of a manifest the code says as well. */
export interface Said {
  readonly name: string;
  readonly version: string;
  readonly requiredTier: Tier;
  readonly configSchema?: Readonly<Record<string, unknown>> | null;
  readonly permissions?: unknown;
}

/** What a plugin's code says of itself. */
export interface Loaded {
  readonly name: string;
  readonly version: string;
  readonly definition: LoadedDefinition;
}

/** Where the code and the manifest differ; null: nowhere. What the code leaves out of its permissions is the manifest's alone to say. */
export function definitionProblem(loaded: Loaded, manifest: Said): string | null {
  const { name, version, definition } = loaded;
  if (name !== manifest.name || version !== manifest.version) {
    return `its code says it is ${show(name)} ${version}, its manifest says ${
      show(manifest.name)
    } ${manifest.version}`;
  }
  const { requiredTier, configSchema, permissions } = definition;
  // `free` is also what the SDK says for an author who said nothing.
  if (requiredTier !== undefined && requiredTier !== "free" && requiredTier !== manifest.requiredTier) {
    return `its code needs the tier ${show(requiredTier)}, its manifest says ${show(manifest.requiredTier)}`;
  }
  if (manifest.configSchema !== undefined && !isSame(configSchema ?? null, manifest.configSchema)) {
    return `the configSchema of its code is not that of its manifest`;
  }
  const beyond = manifest.permissions === undefined
    ? null
    : differing(permissions, manifest.permissions, "permissions");
  return beyond === null ? null : `its code and its manifest differ in ${beyond}`;
}

/** The first member that the code names and the manifest has otherwise. */
function differing(said: unknown, manifest: unknown, path: string): string | null {
  if (!isRecord(said)) return said === undefined ? null : path;
  for (const [name, value] of Object.entries(said)) {
    const at = `${path}.${name}`;
    const theirs = isRecord(manifest) && Object.hasOwn(manifest, name) ? manifest[name] : undefined;
    if (isRecord(value)) {
      const inner = differing(value, theirs, at);
      if (inner !== null) return inner;
    } else if (!isSame(ordered(value, name), ordered(theirs, name))) return at;
  }
  return null;
}

/** Lists are sets; a host alone means port 443. */
function ordered(value: unknown, name: string): unknown {
  if (!Array.isArray(value)) return value;
  const texts = value.map((one) => name === "net" && !/:\d+$/.test(String(one)) ? `${one}:443` : String(one));
  return [...new Set(texts)].sort();
}

function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  const [left, right] = [Object.entries(a), Object.entries(b)];
  return Array.isArray(a) === Array.isArray(b) && left.length === right.length &&
    left.every(([name, value]) => Object.hasOwn(b, name) && isSame(value, Reflect.get(b, name)));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  return JSON.stringify(value).slice(0, 60);
}
