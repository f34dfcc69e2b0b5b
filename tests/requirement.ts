/** What a requirement is. @module */

/** One thing km must do. */
export interface Requirement {
  readonly sentence: string;
  readonly source: string;
  /** What this waits for; such a requirement needs no proof yet. */
  readonly later?: string;
}
