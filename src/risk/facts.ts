/** What the rules look at: plain figures that somebody else has read. @module */
import type { UnusedTool } from "../store/tools.ts";

/** Calls of one tool in a stretch of time. */
export interface ToolCalls {
  readonly server: string;
  readonly tool: string;
  readonly calls: number;
  readonly errors: number;
  readonly p95Ms: number | null;
  /** ISO 8601. */
  readonly lastTime: string;
  /** A call that failed, to look at. */
  readonly failedId: string | null;
}

export interface Facts {
  readonly nowUs: number;
  /** The last 24 hours. */
  readonly day: readonly ToolCalls[];
  /** The seven days before those. */
  readonly weekBefore: readonly ToolCalls[];
  /** Calls without an answer in the last 24 hours. */
  readonly hung: readonly {
    readonly server: string;
    readonly calls: number;
    readonly lastTime: string;
    readonly eventId: string | null;
  }[];
  /** What was not recorded in the last 24 hours. */
  readonly gaps: readonly {
    readonly server: string;
    readonly messages: number;
    readonly bytes: number;
    readonly lastTime: string;
    readonly eventId: string;
  }[];
  /** Tools whose definition was ever seen to change. */
  readonly changed: readonly { readonly server: string; readonly tool: string; readonly changedUs: number }[];
  /** Tools listed in the last 7 days and not called in them. */
  readonly unused: readonly UnusedTool[];
}
