/** A session that is in the store alone: it has ended, and nothing of it is in memory any more. @module */
import { systemClock } from "../core/clock.ts";
import { KmError } from "../core/error.ts";
import type { Session, SessionCommand } from "../core/session.ts";
import type { Provider } from "./providers/provider.ts";
import type { SessionRecord } from "./record.ts";
import { canGoOn } from "./resume.ts";
import type { Attachment, SessionView } from "./viewer.ts";

export function viewOfStored(
  session: Session,
  { queuedCommands, provider }: { readonly queuedCommands: number; readonly provider: Provider | undefined },
): SessionView {
  return {
    ...session,
    viewers: 0,
    queuedCommands,
    sizeOwner: null,
    isResumable: canGoOn(session, provider),
  };
}

/** Takes a command back that waits for a resume; null: it does not wait. @throws {KmError} not_found, store_… */
export async function cancelStored(
  record: SessionRecord,
  { id, commandId, by }: { readonly id: string; readonly commandId: string; readonly by: string },
): Promise<SessionCommand | null> {
  const waiting = await record.record("queuedCommands", id);
  const command = waiting.find((one) => one.id === commandId);
  if (!command) return null;
  const changes = {
    state: "cancelled",
    endedUs: systemClock.nowUs(),
    outcome: `cancelled by ${by}`,
  } as const;
  await record.record("updateCommand", id, commandId, changes);
  return { ...command, ...changes };
}

/** Its last screen is all there is to see. */
export function attachmentToStored({ id, number }: SessionView): Attachment {
  return {
    sessionId: id,
    number,
    drained() {},
    discount() {},
    input() {
      throw new KmError("session_ended", `Cannot type into session ${number}: its program has ended`);
    },
    resize: () => false,
    detach() {},
  };
}
