/** What is counted of one plugin. @module */
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
