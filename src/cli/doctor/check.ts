/** What one check of `km doctor` says. @module */

export type CheckStatus = "ok" | "warn" | "fail";

/** One line of the doctor's report. Field names and order are a stable contract (`km doctor --json`). */
export interface Check {
  /** Stable name, such as `database.integrity`. */
  readonly check: string;
  readonly status: CheckStatus;
  readonly detail: string;
  /** What to do about it; null when there is nothing to do. */
  readonly hint: string | null;
}

/** Nothing to do. */
export function ok(check: string, detail: string): Check {
  return { check, status: "ok", detail, hint: null };
}

/** km works, but not as well as it could. */
export function warn(check: string, detail: string, hint: string): Check {
  return { check, status: "warn", detail, hint };
}

/** km cannot do its work. */
export function fail(check: string, detail: string, hint: string): Check {
  return { check, status: "fail", detail, hint };
}
