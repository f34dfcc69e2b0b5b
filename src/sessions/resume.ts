/** Going on with the conversation of an ended session: whether that can be, and what the new one is started with. @module */
import { KmError } from "../core/error.ts";
import { hasEnded, type TerminalSize } from "../core/session.ts";
import type { StartOptions } from "./start_options.ts";
import type { SessionView } from "./viewer.ts";

export interface ResumeOptions {
  readonly fullAccess?: boolean;
  /** As the old one when absent. */
  readonly size?: TerminalSize;
}

/** `heir`: what goes on with it already, in words. @throws {KmError} usage, unsupported */
export function mustBeResumable(old: SessionView, heir: string | null): void {
  const { number, provider, cwd } = old;
  const what = `Cannot resume session ${number}`;
  if (!hasEnded(old.state)) {
    throw new KmError("usage", `${what}: its program runs`, {
      hint: `look at it with "km sessions attach ${number}"`,
    });
  }
  if (!old.isResumable || old.resumeId === null) {
    throw new KmError("unsupported", `${what}: "${provider}" cannot go on with it`, {
      hint: `start a new one in the same folder: cd ${JSON.stringify(cwd)} && km run ${provider}`,
    });
  }
  if (heir !== null) throw new KmError("usage", `${what}: ${heir} goes on with it already`);
}

export function resumeOptions(old: SessionView, { fullAccess = false, size }: ResumeOptions): StartOptions {
  return {
    provider: old.provider,
    cwd: old.cwd,
    size: size ?? old.size,
    fullAccess,
    ...(old.resumeId !== null && { resumeId: old.resumeId }),
    resumedFrom: old.id,
    // Whoever speaks of it by the name that somebody gave it goes on to do so.
    ...(old.name !== `${old.provider}-${old.number}` && { name: old.name }),
  };
}
