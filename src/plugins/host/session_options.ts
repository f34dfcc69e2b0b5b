/** What a session with a plugin is given, and what it tells. @module */
import type { RefusedAccess, Sandbox, SandboxEnd, SandboxOptions } from "../sandbox/sandbox.ts";
import type { Tier } from "../../core/plugin.ts";
import type { Emitted, LogLevel } from "../wire/decode.ts";
import type { AuthMemory } from "./auth_memory.ts";
import type { Said } from "./definition_problem.ts";
import type { Timers } from "./timers.ts";

/** The licence that a plugin is told of. */
export interface SessionLicence {
  readonly tier: Tier;
  readonly customerId: string | null;
  /** Seconds since the Unix epoch; null: it does not end. */
  readonly expiresAtS: number | null;
}

export interface SessionOptions {
  /** `launchSandbox`. */
  readonly launch: (options: SandboxOptions) => Promise<Sandbox>;
  readonly sandbox: Omit<SandboxOptions, "on">;
  /** What its manifest says: the plugin must be that. */
  readonly plugin: Said;
  readonly kmVersion: string;
  readonly licence: SessionLicence;
  /** Default: each check of the licence counts for itself. */
  readonly authMemory?: AuthMemory | null;
  /** JSON text. */
  readonly configJson: string;
  /** JSON texts by key: what it kept. */
  readonly state: ReadonlyMap<string, string>;
  /** Longest that a batch may take per message. */
  readonly messageMs: number;
  readonly on: SessionEvents;
  readonly timers?: Timers;
}

/** What a plugin says unasked, and what happens to it. Called synchronously, in order; nothing comes after `onEnd`. */
export interface SessionEvents {
  /** `console`: what a person who watches is shown; null: nothing. */
  onLog(level: LogLevel, text: string, console: string | null): void;
  onEmit(eventId: string | null, what: Emitted): void;
  /** `valueJson` null: the key goes. */
  onSetState(key: string, valueJson: string | null): void;
  onRefused(access: RefusedAccess): void;
  onStderr(text: string): void;
  onEnd(end: SessionEnd): void;
}

export interface SessionEnd extends SandboxEnd {
  /** Messages that were handed over and not done with. */
  readonly lostMessages: number;
}

/** How a batch went. */
export interface BatchResult {
  readonly messages: number;
  readonly failed: number;
  readonly firstError: string;
  /** What the plugin gave back beyond what a batch may. */
  readonly droppedEmits: number;
  readonly droppedLogs: number;
}

/** What is left out of a batch before it, for the plugin to know. */
export interface DroppedBefore {
  readonly messages: number;
  readonly bytes: number;
}
