/** What a package says of itself: `manifest.json`, the signed part of a `.kmpkg`. @module */
import type { Direction } from "../core/event.ts";
import type { Tier } from "../core/plugin.ts";

/**
 * Fields by the names that they have in the file. Unknown fields are refused: what nobody reads, nobody has agreed to. A file may leave out
 * what asks for nothing: customerId, configSchema, notBefore and expires (null), lists of permissions (empty), limits (DEFAULT_LIMITS).
 */
export interface Manifest {
  readonly schema: 1;
  readonly name: string;
  /** Semantic version 2.0.0. */
  readonly version: string;
  readonly description: string;
  /** Versions of the plugin protocol that the plugin speaks. */
  readonly protocol: readonly number[];
  readonly requiredTier: Tier;
  /** Who signs it, as a name; its key is what counts. */
  readonly publisher: string;
  /** The only customer that it runs for; null: everybody. */
  readonly customerId: string | null;
  /** The least km, a semantic version. */
  readonly minKm: string;
  readonly permissions: Permissions;
  readonly limits: Limits;
  /** JSON Schema of its configuration; null: it has none. */
  readonly configSchema: Readonly<Record<string, unknown>> | null;
  /** By name in the archive: all but manifest.json and signatures.json. */
  readonly files: Readonly<Record<string, FileEntry>>;
  /** Grows with each release; a smaller one is a downgrade, whatever its version says. */
  readonly releaseSequence: number;
  /** ISO 8601, UTC; null: no bound. */
  readonly notBefore: string | null;
  readonly expires: string | null;
}

export interface FileEntry {
  /** Lower-case hex. */
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** What a plugin asks for. Running programs and foreign functions cannot be asked for. */
export interface Permissions {
  /** `host:port`, also where the file has a host alone, which means port 443. No wildcard, no address of this machine or of a private network. */
  readonly net: readonly string[];
  /** Folders, absolute or below `~/`. */
  readonly read: readonly string[];
  readonly write: readonly string[];
  /** Names of environment variables. */
  readonly env: readonly string[];
  readonly data: DataScope;
}

export const PAYLOADS = ["none", "redacted", "full"] as const;
/** How much of a message: what is known about it, what the store holds of it, or its bytes as they passed. */
export type Payload = typeof PAYLOADS[number];

/** Which messages a plugin sees. Patterns: `*` stands for any run of characters. */
export interface DataScope {
  readonly servers: readonly string[];
  readonly methods: readonly string[];
  readonly directions: readonly Direction[];
  readonly payload: Payload;
}

/** What a plugin may use up. The user's settings cap each; a manifest may only ask for less than km's own maximum. */
export interface Limits {
  readonly heapMiB: number;
  readonly residentMiB: number;
  /** Of one processor, over 10 s, in percent. */
  readonly cpuPercent: number;
  /** Longest that one batch may take per message, in ms. */
  readonly messageMs: number;
  /** Longest frame that it may send, in bytes. */
  readonly frameBytes: number;
  /** Most that it may log in a minute, in bytes. */
  readonly logBytesPerMinute: number;
  /** Longest payload of a message that it is given; longer ones come truncated, and marked so. */
  readonly payloadBytes: number;
  readonly queueMessages: number;
  readonly queueBytes: number;
}

/** What holds where a manifest says nothing. */
export const DEFAULT_LIMITS: Limits = {
  heapMiB: 96,
  residentMiB: 192,
  cpuPercent: 50,
  messageMs: 1_000,
  frameBytes: 1024 * 1024,
  logBytesPerMinute: 256 * 1024,
  payloadBytes: 64 * 1024,
  queueMessages: 4096,
  queueBytes: 16 * 1024 * 1024,
};

/** Below these no plugin works. */
export const MIN_LIMITS: Limits = {
  heapMiB: 16,
  residentMiB: 64,
  cpuPercent: 1,
  messageMs: 10,
  frameBytes: 4096,
  logBytesPerMinute: 0,
  payloadBytes: 0,
  queueMessages: 1,
  queueBytes: 4096,
};

/** What no manifest may ask more than. */
export const MAX_LIMITS: Limits = {
  heapMiB: 512,
  residentMiB: 1024,
  cpuPercent: 100,
  messageMs: 10_000,
  frameBytes: 4 * 1024 * 1024,
  logBytesPerMinute: 16 * 1024 * 1024,
  payloadBytes: 2 * 1024 * 1024,
  queueMessages: 65_536,
  queueBytes: 64 * 1024 * 1024,
};
