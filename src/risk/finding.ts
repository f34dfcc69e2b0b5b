/** What a rule over the record found: something a person should look at. @module */

import { SEVERITIES, type Severity } from "../core/severity.ts";

export { SEVERITIES, type Severity };

export const FINDING_KINDS = [
  "record_gap",
  "calls_hung",
  "tool_failing",
  "tool_changed",
  "tool_slower",
  "unused_definitions",
  "plugin",
] as const;
export type FindingKind = typeof FINDING_KINDS[number];

/** Field names are a stable contract (`GET /api/findings`). */
export interface Finding {
  /** The same for the same matter, from one look to the next. */
  readonly id: string;
  readonly kind: FindingKind;
  readonly severity: Severity;
  readonly title: string;
  /** What was seen, and what to do. */
  readonly detail: string;
  readonly server: string | null;
  readonly tool: string | null;
  /** ISO 8601: when it was last so. */
  readonly time: string;
  /** An event to look at. */
  readonly eventId: string | null;
  /** Which plugin says so: text of kind `plugin` is the plugin's, not km's. Null: km found it itself. */
  readonly plugin: string | null;
}
