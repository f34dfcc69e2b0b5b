/** What a plugin in its sandbox is to the rest of km: a process that frames go into and come out of. `launch.ts` makes one. @module */
import type { PermissionsInForce } from "./permissions_in_force.ts";

/** What to run, and within which bounds. */
export interface SandboxOptions {
  /** The Deno to run it on, from `findDeno`. */
  readonly deno: string;
  /** The plugin's code: bytes that the caller has just verified. They are lexed again here. */
  readonly code: Uint8Array<ArrayBuffer>;
  readonly permissions: PermissionsInForce;
  readonly limits: SandboxLimits;
  /** `PluginPaths.runtime`: where the bootstrap is written, and verified at each launch. */
  readonly runtime: string;
  /** Values of granted variables, and of proxies and certificates where there is a net grant. */
  readonly env: Readonly<Record<string, string>>;
  /** How much later than others it gets a processor; 0: not at all. */
  readonly niceness: number;
  readonly on: SandboxEvents;
}

export interface SandboxLimits {
  readonly heapMiB: number;
  readonly residentMiB: number;
  readonly cpuPercent: number;
  readonly frameBytes: number;
}

/** What happens in there. Each is called synchronously, in order. */
export interface SandboxEvents {
  /** A frame came: header and payload are views that are the receiver's to keep. */
  onFrame(header: Uint8Array<ArrayBuffer>, payload: Uint8Array<ArrayBuffer>): void;
  /**
   * An access that Deno checked and that no grant covers. The same one is told once, then counted; of a kind with very many different ones, each try
   * is told. Told by the plugin's own process: of others it says nothing.
   */
  onRefused(access: RefusedAccess): void;
  /** Something that neither frame nor audit is, on stderr: V8's last words. At most 4 KiB in all. */
  onStderr(text: string): void;
  /** It has ended, by itself or because it was ended; nothing comes after it. Called exactly once. */
  onEnd(end: SandboxEnd): void;
}

/** An access that was tried and refused. */
export interface RefusedAccess {
  /** Deno's word: read, write, net, env, sys, run, ffi, import. */
  readonly permission: string;
  readonly value: string;
  /** How often so far. */
  readonly count: number;
}

/** Why it ended. `limit`: km ended it for going over one; `protocol`: it said something that is no frame; `asked`: by `end()`. */
export interface SandboxEnd {
  readonly why: "exit" | "limit" | "protocol" | "asked" | "spawn_failed";
  /** For people: `it took 230 MB of memory, and may take 192 MB`. */
  readonly detail: string;
  /** Null: by a signal, or never started. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** What it had used by then. */
  readonly usage: Usage;
}

/** Of the process, as far as the system tells (null where it does not). */
export interface Usage {
  readonly residentBytes: number | null;
  readonly cpuMs: number | null;
}

/** A plugin's process. */
export interface Sandbox {
  readonly pid: number;
  readonly usage: Usage;
  /** Bytes given to `send` that the plugin has not taken yet. */
  readonly waitingBytes: number;
  /** Queues a frame for its stdin, at once; nothing is sent after the end. Settles when it was taken by the system. */
  send(header: Uint8Array, payload: readonly Uint8Array[]): Promise<void>;
  /** Ends it now, with everything of its process group: SIGKILL. `reason` becomes the end's detail. */
  kill(why: SandboxEnd["why"], reason: string): void;
  /** stdin is closed, SIGTERM after `graceMs`, SIGKILL after as much again. Settles at the end. */
  end(graceMs: number): Promise<SandboxEnd>;
}
