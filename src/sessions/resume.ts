/** Going on with the conversation of an ended session: whether that can be, and what the new one is started with. @module */
import { KmError } from "../core/error.ts";
import { hasEnded, type Session, type TerminalSize } from "../core/session.ts";
import type { Provider } from "./providers/provider.ts";
import type { StartOptions } from "./start_options.ts";
import { choosingArgument } from "./user_arguments.ts";
import type { SessionView } from "./viewer.ts";

export interface ResumeOptions {
  readonly fullAccess?: boolean;
  /** As the old one when absent. */
  readonly size?: TerminalSize;
  /** Behind the provider's own arguments. Those of the old one are not taken over: a prompt among them would be sent twice. */
  readonly args?: readonly string[];
  /** As at a start. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Another session can go on with its conversation, once it has ended. */
export function canGoOn({ resumeId }: Pick<Session, "resumeId">, provider: Provider | undefined): boolean {
  return resumeId !== null && (provider?.resume ?? null) !== null;
}

/** `heir`: what goes on with it already, in words; `again`: what to do where it cannot. @throws {KmError} usage, unsupported */
export function mustBeResumable(
  old: SessionView,
  { heir, again }: { readonly heir: string | null; readonly again: string },
): void {
  const { number, provider } = old;
  const what = `Cannot resume session ${number}`;
  if (!hasEnded(old.state)) {
    throw new KmError("usage", `${what}: its program runs`, {
      hint: `look at it with "km sessions attach ${number}"`,
    });
  }
  if (!old.isResumable || old.resumeId === null) {
    throw new KmError("unsupported", `${what}: "${provider}" cannot go on with it`, { hint: again });
  }
  if (heir !== null) throw new KmError("usage", `${what}: ${heir} goes on with it already`);
}

/** @throws {KmError} usage: its arguments are about another conversation, or none */
export function resumeOptions(
  old: SessionView,
  { fullAccess = false, size, args = [], env }: ResumeOptions,
  provider: Provider | undefined,
): StartOptions {
  const choosing = provider && choosingArgument(args, provider);
  if (choosing !== undefined) {
    throw new KmError("usage", `Cannot resume session ${old.number} with "${choosing}"`, {
      hint: "leave it away: it would begin another conversation, or none",
    });
  }
  return {
    provider: old.provider,
    cwd: old.cwd,
    size: size ?? old.size,
    fullAccess,
    args,
    ...(env !== undefined && { env }),
    ...(old.resumeId !== null && { resumeId: old.resumeId }),
    resumedFrom: old.id,
    // Whoever speaks of it by the name that somebody gave it goes on to do so.
    ...(old.name !== `${old.provider}-${old.number}` && { name: old.name }),
  };
}
