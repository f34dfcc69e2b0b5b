/** What a session is started with. @module */
import type { TerminalSize } from "../core/session.ts";

/** Who asks, for the record. */
export interface Caller {
  readonly name: string;
  /** `token`, `key`, `cookie`, `jwt`, or `km` for the daemon itself. */
  readonly via: string;
}

export interface StartOptions {
  readonly provider: string;
  /** Behind the provider's own arguments. */
  readonly args?: readonly string[];
  /** Another program than the provider's: for `shell` alone. */
  readonly command?: readonly string[];
  /** Absolute; the user's home when absent. */
  readonly cwd?: string;
  readonly name?: string;
  readonly size?: TerminalSize;
  /** Without the provider's own safeguards. Off unless asked for. */
  readonly fullAccess?: boolean;
  /** Variables beside those that the provider is allowed. */
  readonly env?: Readonly<Record<string, string>>;
  /** Goes on with the provider's conversation of this id. */
  readonly resumeId?: string;
  /** The session that it goes on with, by id. */
  readonly resumedFrom?: string;
}
