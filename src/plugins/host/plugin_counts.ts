/** What is counted of one plugin. @module */
import type { Emitted } from "../wire/decode.ts";
import type { ScopedMessage } from "./scope.ts";
import type { BatchResult } from "./session_options.ts";
import type { PluginCounts } from "./status.ts";

/** The same, while it is being counted. */
export type Counting = { -readonly [Name in keyof PluginCounts]: PluginCounts[Name] };

export function noCounts(): Counting {
  return {
    messages: 0,
    bytes: 0,
    batches: 0,
    failed: 0,
    droppedMessages: 0,
    droppedBytes: 0,
    lostMessages: 0,
    findings: 0,
    metrics: 0,
    annotations: 0,
    emitsRefused: 0,
    logLines: 0,
    logLinesCut: 0,
    starts: 0,
    crashes: 0,
  };
}

/** Counts what a plugin gave back. */
export function countEmit(counts: Counting, what: Emitted, isKept: boolean): void {
  if (!isKept) counts.emitsRefused++;
  else if (what.type === "finding") counts.findings++;
  else if (what.type === "metric") counts.metrics++;
  else counts.annotations++;
}

/** Counts a batch that a plugin is done with. */
export function countBatch(
  counts: Counting,
  messages: readonly ScopedMessage[],
  { failed, droppedEmits, droppedLogs }: BatchResult,
): void {
  counts.batches++;
  counts.messages += messages.length;
  counts.bytes += messages.reduce((sum, { data }) => sum + data.length, 0);
  counts.failed += failed;
  counts.emitsRefused += droppedEmits;
  counts.logLinesCut += droppedLogs;
}
