/** What Deno is told that a plugin may do: grants, with every path made absolute and every host with its port. @module */

export interface PermissionsInForce {
  /** `host:port`. */
  readonly net: readonly string[];
  /** Absolute, without links on their way. */
  readonly read: readonly string[];
  readonly write: readonly string[];
  /** Names. */
  readonly env: readonly string[];
}

/** For plugins that need nothing but messages. */
export const NO_PERMISSIONS: PermissionsInForce = { net: [], read: [], write: [], env: [] };
