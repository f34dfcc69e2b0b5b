/** Who calls, and what they may do. @module */

/**
 * What a caller may do: `ingest` sends events; `read` reads everything; `sessions` starts sessions and tasks, types into them and ends them,
 * which is as much as to run any program as this user; `admin` also changes keys and settings and deletes.
 */
export const SCOPES = ["ingest", "read", "sessions", "admin"] as const;
export type Scope = typeof SCOPES[number];

/** Somebody who has proven who they are. */
export interface Identity {
  /** Name of the API key, or what kind of proof it was: for logs and for the record of who sent events. */
  readonly name: string;
  readonly via: "token" | "key" | "cookie" | "jwt";
  readonly scopes: readonly Scope[];
}

/** True when `identity` may do what needs `scope`; `admin` may do everything. */
export function mayDo(identity: Identity, scope: Scope): boolean {
  return identity.scopes.includes(scope) || identity.scopes.includes("admin");
}
