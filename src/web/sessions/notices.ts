/** Notifications of the browser: a session starts to wait, or ends, while nobody looks at it. @module */
import { hasEnded, isWaiting, type SessionState } from "../../core/session.ts";
import { printable } from "../../core/printable.ts";
import { lookOf, outcomeOf, type SessionBody } from "./session_states.ts";

export interface Notice {
  readonly title: string;
  readonly body: string;
}

/** What is to be said about a change that nobody sees; null: nothing. `before`: the state that was known; undefined: none was. */
export function noticeOf(
  before: SessionState | undefined,
  session: SessionBody,
  isSeen: boolean,
): Notice | null {
  if (isSeen || before === undefined || before === session.state) return null;
  if (isWaiting(session.state)) {
    const { label } = lookOf(session.state);
    return {
      title: `${printable(session.name)} ${label.charAt(0).toLowerCase()}${label.slice(1)}`,
      body: printable(session.stateReason),
    };
  }
  if (!hasEnded(session.state)) return null;
  const end = session.state === "lost" ? "is lost" : "has ended";
  return {
    title: `${printable(session.name)} ${end}`,
    body: printable(outcomeOf(session) ?? session.stateReason),
  };
}

export type Permission = NotificationPermission | "unsupported";

export function noticePermission(): Permission {
  return "Notification" in globalThis ? Notification.permission : "unsupported";
}

export async function askForNotices(): Promise<Permission> {
  return noticePermission() === "default" ? await Notification.requestPermission() : noticePermission();
}

/** Shows it, once for each session; `onClick` brings the user there. */
export function showNotice({ title, body }: Notice, tag: string, onClick: () => void): void {
  if (noticePermission() !== "granted") return;
  try {
    const shown = new Notification(title, { body, tag, icon: "/assets/icon.svg" });
    shown.onclick = () => {
      globalThis.focus();
      onClick();
      shown.close();
    };
  } catch {
    // Chrome on Android has the constructor and refuses it. The count in the navigation still tells.
  }
}
