/** All that a plugin's launch takes, proven just before it. @module */
import type { Limits, Manifest } from "../manifest.ts";
import type { DataScope } from "../grants.ts";
import type { PermissionsInForce } from "../sandbox/permissions_in_force.ts";
import type { AuthMemory } from "./auth_memory.ts";
import type { SessionLicence } from "./plugin_session.ts";

export interface PreparedPlugin {
  readonly manifest: Manifest;
  readonly code: Uint8Array<ArrayBuffer>;
  /** What was granted, and no more than the manifest asks for. */
  readonly scope: DataScope;
  readonly permissions: PermissionsInForce;
  /** The manifest's, capped by the user's settings. */
  readonly limits: Limits;
  readonly env: Readonly<Record<string, string>>;
  /** JSON text. */
  readonly configJson: string;
  readonly licence: SessionLicence;
  readonly authMemory: AuthMemory | null;
  /** The Deno to run it on. */
  readonly deno: string;
  readonly niceness: number;
}
