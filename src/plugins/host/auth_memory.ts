/**
 * When a plugin's own check of the licence cannot be made (its issuer's server is down, say), its last yes goes on to count for a while; a no never
 * turns into a yes.
 * @module
 */
import { KmError } from "../../core/error.ts";
import type { SessionLicence } from "./plugin_session.ts";

/** What a plugin last answered, and about which licence. */
export interface AuthAnswer extends Omit<SessionLicence, "expiresAtS"> {
  readonly accepted: boolean;
  readonly reason: string;
  /** Seconds since the Unix epoch. */
  readonly checkedAtS: number;
}

/** Keeps the answers of one plugin, of one version, signed by one key, from one start to the next. */
export interface AuthMemory {
  /** Null: there is none that can be trusted. */
  read(): Promise<AuthAnswer | null>;
  /** What cannot be kept is not; that is no reason to stop a plugin. */
  write(answer: AuthAnswer): Promise<void>;
  /** How long a yes counts, in seconds. */
  readonly graceS: number;
  readonly nowS: () => number;
}

/** How a check went. `unknown`: it could not be made, for `reason`. */
export interface AuthCheck {
  readonly verdict: "yes" | "no" | "unknown";
  readonly reason: string;
}

/**
 * Lets a check count. Returns a line for the log when only an earlier yes does.
 * @throws {KmError} not_granted when the plugin does not accept the licence, and has not lately
 */
export async function settleAuth(
  name: string,
  licence: SessionLicence,
  { check, memory }: { readonly check: AuthCheck; readonly memory: AuthMemory | null },
): Promise<string | null> {
  const { verdict, reason } = check;
  const { tier, customerId } = licence;
  if (verdict !== "unknown") {
    const accepted = verdict === "yes";
    await memory?.write({ accepted, reason, tier, customerId, checkedAtS: memory.nowS() });
    if (accepted) return null;
  }
  const until = verdict === "no" || memory === null ? null : await graceEndS(licence, memory);
  if (until === null) {
    throw new KmError("not_granted", `Plugin "${name}" does not accept this licence: ${reason}`);
  }
  return `its check of the licence failed (${reason}); its last yes counts until ${
    new Date(until * 1000).toISOString()
  }`;
}

/** Until when an earlier yes about this licence counts; null: there is none. */
async function graceEndS(
  { tier, customerId }: SessionLicence,
  { read, graceS, nowS }: AuthMemory,
): Promise<number | null> {
  const last = await read();
  if (last === null || !last.accepted || last.tier !== tier || last.customerId !== customerId) return null;
  const endS = last.checkedAtS + graceS;
  // An answer from the future was kept before the clock was set back.
  return last.checkedAtS <= nowS() && nowS() < endS ? endS : null;
}
