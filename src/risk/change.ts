/** What is different today: one line each, for the overview. @module */

export const CHANGE_KINDS = [
  "new_server",
  "new_tool",
  "tool_changed",
  "tool_failing",
  "volume_up",
  "volume_down",
] as const;
export type ChangeKind = typeof CHANGE_KINDS[number];

/** Field names are a stable contract (`GET /api/overview`). */
export interface Change {
  readonly kind: ChangeKind;
  readonly text: string;
  readonly server: string | null;
  readonly tool: string | null;
}
