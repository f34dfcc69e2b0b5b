/** Words about plugins that several rooms use. @module */
import type { Severity } from "./severity.ts";

/** What a licence opens, from least to most. No licence is `free`. */
export const TIERS = ["free", "pro", "enterprise"] as const;
export type Tier = typeof TIERS[number];

/** True when a licence of tier `have` opens what needs `need`. */
export function covers(have: Tier, need: Tier): boolean {
  return TIERS.indexOf(have) >= TIERS.indexOf(need);
}

/** What a plugin may be called: also the name of its folder. */
export const PLUGIN_NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
/** Longest such name. */
export const MAX_PLUGIN_NAME = 64;

/** What a plugin gave back to km. `finding`: something a person should look at. `metric`: a number. `annotation`: a note on one event. */
export type PluginEmit = PluginFinding | PluginMetric | PluginAnnotation;

interface EmitBase {
  /** UUIDv7. */
  readonly id: string;
  /** µs since the Unix epoch: when km received it. */
  readonly timeUs: number;
  readonly plugin: string;
  readonly pluginVersion: string;
  readonly server: string | null;
  /** The event it speaks of; null where it speaks of none. */
  readonly eventId: string | null;
}

export interface PluginFinding extends EmitBase {
  readonly type: "finding";
  /** The same for the same matter: a later one replaces an earlier one of the plugin. */
  readonly key: string;
  readonly severity: Severity;
  readonly title: string;
  readonly detail: string;
  readonly tool: string | null;
}

export interface PluginMetric extends EmitBase {
  readonly type: "metric";
  readonly name: string;
  readonly value: number;
  /** UCUM, as in OpenTelemetry: `1`, `ms`, `By`. */
  readonly unit: string;
}

export interface PluginAnnotation extends EmitBase {
  readonly type: "annotation";
  readonly eventId: string;
  readonly key: string;
  readonly value: string;
}
