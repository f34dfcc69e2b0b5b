/** The one error type of km for conditions that someone must handle. A programmer's mistake stays a TypeError. @module */

/**
 * Every condition km can report, with the exit code that the command line gives it.
 * Codes and exit codes are a stable contract, listed in README.md; append, never renumber.
 * 126 and 127 are the shell's own words for "not executable" and "not found" (POSIX XCU 2.8.2).
 */
export const EXIT_CODES = {
  internal: 1,
  usage: 2,
  not_found: 3,
  ambiguous: 4,
  store_unavailable: 10,
  store_locked: 11,
  store_newer: 12,
  store_corrupt: 13,
  store_full: 14,
  doctor_failed: 20,
  already_running: 21,
  port_taken: 22,
  not_trusted: 23,
  download_failed: 24,
  update_failed: 25,
  not_granted: 26,
  plugin_failed: 27,
  busy: 28,
  session_ended: 29,
  unsupported: 30,
  command_not_executable: 126,
  command_not_found: 127,
} as const;

export type ErrorCode = keyof typeof EXIT_CODES;

/** What `new KmError` takes beside code and message. */
export interface KmErrorOptions {
  /** What the user can do about it: one sentence, no period. */
  readonly hint?: string;
  /** What another program said of it, in its own lines; shown below the message. */
  readonly said?: string;
  readonly cause?: unknown;
}

/** A condition with a stable `code`. Message form: `Cannot open database "x.db": file is locked`. */
export class KmError extends Error {
  override readonly name = "KmError";
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly said: string | undefined;

  constructor(code: ErrorCode, message: string, options: KmErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.said = options.said;
  }
}
