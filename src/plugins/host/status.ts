/** What the plugin host says of itself and its plugins, in `status.json`: written by the host, read by whoever wants to know. @module */
import type { Tier } from "../../core/plugin.ts";
import type { ProcessMark } from "../../store/process_mark.ts";
import { replaceFile } from "./replace_file.ts";

/**
 * `starting`: its process is on its way. `running`: it takes messages. `waiting`: it ended, and is started again at `retryAt`.
 * `off`: it ended too often. `refused`: it may not run (licence, package, grants), or it cannot (no Deno); `reason` says why.
 */
export type PluginState = "starting" | "running" | "waiting" | "off" | "refused";

/** How a plugin's last process ended. */
export interface LastEnd {
  /** ISO 8601. */
  readonly time: string;
  /** As in SandboxEnd, `handshake` where it did not get that far. */
  readonly why: string;
  readonly detail: string;
}

/** Everything counted since the host started. */
export interface PluginCounts {
  /** Handed over, and their bytes. */
  readonly messages: number;
  readonly bytes: number;
  readonly batches: number;
  /** Messages whose handler threw. */
  readonly failed: number;
  /** Dropped before they were handed over, because the queue was full. */
  readonly droppedMessages: number;
  readonly droppedBytes: number;
  /** Handed over to a process that ended before it was done with them. */
  readonly lostMessages: number;
  readonly findings: number;
  readonly metrics: number;
  readonly annotations: number;
  /** What it emitted and km did not keep: too much, or not valid. */
  readonly emitsRefused: number;
  readonly logLines: number;
  /** What it logged and km did not keep: too much in a minute. */
  readonly logLinesCut: number;
  readonly starts: number;
  /** Ends that nobody asked for. */
  readonly crashes: number;
}

/** A message that a plugin's handler threw over. */
export interface LastFailure {
  /** ISO 8601. */
  readonly time: string;
  readonly message: string;
}

/** An access that was tried and refused. */
export interface RefusedEntry {
  readonly permission: string;
  readonly value: string;
  readonly count: number;
  /** ISO 8601. */
  readonly firstTime: string;
  readonly lastTime: string;
}

export interface PluginStatus {
  readonly name: string;
  readonly version: string;
  readonly state: PluginState;
  /** For people; null while all is well. */
  readonly reason: string | null;
  /** ISO 8601: since when it is in this state. */
  readonly since: string;
  /** ISO 8601: when it is tried again; null while it needs not. */
  readonly retryAt: string | null;
  readonly pid: number | null;
  readonly protocolVersion: number | null;
  readonly lastEnd: LastEnd | null;
  readonly counts: PluginCounts;
  /** Waiting to be handed over. */
  readonly queue: { readonly messages: number; readonly bytes: number };
  readonly usage: { readonly residentBytes: number | null; readonly cpuMs: number | null };
  /** From handing a batch over to its answer, by message, of the latest batches; null: none yet. */
  readonly handling?: { readonly p50Ms: number; readonly p95Ms: number } | null;
  /** Different ones: of each kind of permission the first and the latest; one of each kind comes first. `refusedOthers` counts the rest. */
  readonly refused: readonly RefusedEntry[];
  readonly refusedOthers: number;
  /** The same by kind. */
  readonly refusedOthersByKind?: Readonly<Record<string, number>>;
  /** What it last wrote to stderr; null: nothing. */
  readonly stderr: string | null;
  /** What the last message failed with that it could not handle; null: it handled all. */
  readonly lastFailure?: LastFailure | null;
}

/** `status.json`. */
export interface HostStatus {
  readonly schema: 1;
  readonly pid: number;
  /** Tells its process from a later one with its pid, so that a reader knows whether it still runs. */
  readonly process?: ProcessMark;
  readonly kmVersion: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly writtenAt: string;
  /** ISO 8601: when the host ended in order; null while it runs, or when it was killed. */
  readonly endedAt: string | null;
  /** Monitors that are connected. */
  readonly monitors: number;
  /** What monitors could not hand over because the host did not keep up. */
  readonly shedMessages: number;
  readonly shedBytes: number;
  /** The Deno that plugins run on; null: none was needed yet, or none can be had. */
  readonly deno: { readonly path: string; readonly version: string } | null;
  readonly licence: {
    readonly tier: Tier;
    readonly customerId: string | null;
    readonly problem: string | null;
  };
  /** What keeps all plugins from running, for people: no Deno, a lock file that cannot be read; null: nothing. */
  readonly problem: string | null;
  /** Emits that could not be written to the database. */
  readonly emitsLost: number;
  readonly plugins: readonly PluginStatus[];
}

/** Writes it, whole or not at all. @throws what the system says */
export function writeHostStatus(path: string, status: HostStatus): void {
  replaceFile(path, JSON.stringify(status, null, 2) + "\n");
}

/** What the host at `path` last said; null where none ever did, or it cannot be read. */
export function readHostStatus(path: string): HostStatus | null {
  try {
    const value: unknown = JSON.parse(Deno.readTextFileSync(path));
    return isStatus(value) ? value : null;
  } catch {
    return null;
  }
}

function isStatus(value: unknown): value is HostStatus {
  if (typeof value !== "object" || value === null) return false;
  const { schema, pid, plugins } = value as Partial<HostStatus>; // as: that is what is checked here
  return schema === 1 && Number.isSafeInteger(pid) && Array.isArray(plugins);
}
