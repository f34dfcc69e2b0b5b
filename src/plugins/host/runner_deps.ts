/** What a runner of one plugin needs of the host around it. @module */
import type { Sandbox, SandboxOptions } from "../sandbox/sandbox.ts";
import type { Emitted } from "../wire/decode.ts";
import type { Counting } from "./plugin_counts.ts";
import type { LogFile } from "./log_file.ts";
import type { PreparedPlugin } from "./prepared_plugin.ts";
import type { Refusals } from "./refusals.ts";
import type { StateFile } from "./state_file.ts";
import type { Timers } from "./timers.ts";

export interface RunnerDeps {
  readonly name: string;
  readonly version: string;
  /** Proves the package and reads what its launch takes. @throws {KmError} why it may not run */
  prepare(): Promise<PreparedPlugin>;
  readonly launch: (options: SandboxOptions) => Promise<Sandbox>;
  readonly runtime: string;
  readonly kmVersion: string;
  readonly timers: Timers;
  /** What was counted of the plugin before, to be gone on with: a runner is replaced whenever something of its plugin changes. */
  readonly figures?: Figures;
  /** Opened when the plugin is first started. */
  log(bytesPerMinute: number): LogFile;
  state(onProblem: (problem: string) => void): StateFile;
  /** Takes secrets out of what the plugin says, unless the user keeps them. */
  redact(text: string): string;
  /** False: it is not kept. */
  emit(eventId: string | null, what: Emitted): boolean;
  /** Shows lines to whoever watches. */
  show(lines: (color: boolean) => string): void;
  /** Its state or what it wants to see is another. */
  changed(): void;
}

/** What is counted of one plugin for as long as the host runs. */
export interface Figures {
  readonly counts: Counting;
  readonly refusals: Refusals;
}
