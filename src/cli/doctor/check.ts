/** What one check of `km doctor` says, and what km could do about it. @module */

export type CheckStatus = "ok" | "warn" | "fail";

/** Something that `km doctor --fix` can do about a check. It never deletes what was recorded. */
export interface Repair {
  /** What it would do: verb first, no period. */
  readonly does: string;
  /** True where it is done only when the user says yes to it, or names the check: it downloads, or has effects elsewhere. */
  readonly onlyAsked?: boolean;
  /** Does it, and returns what was done, in the past tense. @throws {KmError} or what the system says */
  run(): Promise<string> | string;
}

/** One line of the doctor's report. */
export interface Check {
  /** Stable name, such as `database.integrity`. */
  readonly check: string;
  readonly status: CheckStatus;
  readonly detail: string;
  /** What to do about it; null when there is nothing to do. */
  readonly hint: string | null;
  /** Null: nothing that km could do safely. */
  readonly repair: Repair | null;
}

/** Nothing to do. */
export function ok(check: string, detail: string): Check {
  return { check, status: "ok", detail, hint: null, repair: null };
}

/** km works, but not as well as it could. */
export function warn(check: string, detail: string, hint: string, repair: Repair | null = null): Check {
  return { check, status: "warn", detail, hint, repair };
}

/** km cannot do its work. */
export function fail(check: string, detail: string, hint: string, repair: Repair | null = null): Check {
  return { check, status: "fail", detail, hint, repair };
}
