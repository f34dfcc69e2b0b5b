/** placeholder @module */
import type { EventRecord, Run } from "../core/event.ts";
export type LiveViewMode = "none" | "console" | "json";
export interface LiveViewDeps {
  readonly run: Run;
  readonly color: boolean;
  readonly write: (bytes: Uint8Array) => void;
}
export function createLiveView(
  _mode: LiveViewMode,
  _deps: LiveViewDeps,
): ((event: EventRecord) => void) | null {
  return null;
}
