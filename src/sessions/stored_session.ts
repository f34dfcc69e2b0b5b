/** A session that is in the store alone: it has ended, and nothing of it is in memory any more. @module */
import { KmError } from "../core/error.ts";
import type { Session } from "../core/session.ts";
import type { Provider } from "./providers/provider.ts";
import type { Attachment, SessionView } from "./viewer.ts";

export function viewOfStored(
  session: Session,
  { queuedCommands, provider }: { readonly queuedCommands: number; readonly provider: Provider | undefined },
): SessionView {
  const isResumable = session.resumeId !== null && (provider?.resume ?? null) !== null;
  return { ...session, viewers: 0, queuedCommands, sizeOwner: null, isResumable };
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
