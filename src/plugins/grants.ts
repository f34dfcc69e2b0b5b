/** What a user has agreed to, and how it compares with what a plugin asks for. @module */
import type { DataScope, Permissions } from "./manifest.ts";

/** What a user granted: never more than the manifest asks for, often less. Same shape, so that one can be cut with the other. */
export type Grants = Permissions;

/** One permission as a user reads it, and as it is spelled on a command line. */
export interface PermissionLine {
  /** `net=api.example.com:443`, `payload=redacted`, `servers=*`: what `--grant` takes. */
  readonly token: string;
  /** In plain words: what it may do. Printable. */
  readonly text: string;
  /** In plain words: what could go wrong. */
  readonly risk: string;
  readonly severity: "low" | "medium" | "high";
}

export type { DataScope };
