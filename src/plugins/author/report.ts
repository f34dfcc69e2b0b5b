/** What is told of a plugin that is tried out. Needs no package: commands print it. @module */
import { KmError } from "../../core/error.ts";
import type { LinkEvent } from "../../core/plugin_link.ts";
import type { Emitted, LogLevel } from "../wire/decode.ts";

/** One thing that a plugin did. */
export type Happening =
  | { readonly kind: "emit"; readonly what: Emitted }
  | { readonly kind: "log"; readonly level: LogLevel; readonly text: string; readonly console: string | null }
  | { readonly kind: "refused"; readonly permission: string; readonly value: string }
  /** V8's last words. */
  | { readonly kind: "stderr"; readonly text: string };

/** What became of one message. */
export interface MessageReport {
  /** Counts from 1. */
  readonly number: number;
  readonly event: LinkEvent;
  readonly server: string;
  /** False: the data scope leaves it out. */
  readonly seen: boolean;
  /** What the handler threw; null: nothing. */
  readonly failed: string | null;
  readonly happenings: readonly Happening[];
  readonly ms: number;
}

/** The plugin's process ended over a message. */
export class EndedOver extends KmError {
  /** Of that message; `failed` says why. */
  readonly report: MessageReport;

  constructor(reason: string, report: MessageReport) {
    super("plugin_failed", reason);
    this.report = report;
  }
}

/** What a replay came to. */
export interface Totals {
  messages: number;
  seen: number;
  failed: number;
  findings: number;
  metrics: number;
  annotations: number;
  logs: number;
  refused: number;
}

/** Nothing yet. */
export function noTotals(): Totals {
  return { messages: 0, seen: 0, failed: 0, findings: 0, metrics: 0, annotations: 0, logs: 0, refused: 0 };
}

/** Adds one message and what it brought about. */
export function addMessage(totals: Totals, { seen, failed, happenings }: MessageReport): void {
  totals.messages++;
  if (seen) totals.seen++;
  if (failed !== null) totals.failed++;
  addHappenings(totals, happenings);
}

/** Adds what happened beside messages. */
export function addHappenings(totals: Totals, happenings: readonly Happening[]): void {
  for (const one of happenings) {
    if (one.kind === "log") totals.logs++;
    else if (one.kind === "refused") totals.refused++;
    else if (one.kind === "emit") {
      totals[
        ({ finding: "findings", metric: "metrics", annotation: "annotations" } as const)[one.what.type]
      ]++;
    }
  }
}
