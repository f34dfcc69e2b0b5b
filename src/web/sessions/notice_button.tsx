/** Asks for leave to notify; says what was decided. @module */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { askForNotices, noticePermission } from "./notices.ts";

export function NoticeButton(): JSX.Element | null {
  const [permission, setPermission] = useState(noticePermission);
  if (permission === "unsupported") return null;
  if (permission === "default") {
    return (
      <button
        type="button"
        class="button"
        title="Tells when a session starts to wait for you, or ends, while you look elsewhere"
        onClick={() => void askForNotices().then(setPermission)}
      >
        Notify me
      </button>
    );
  }
  return (
    <span class="sub wide-only">
      {permission === "granted" ? "Notifications are on" : "Notifications are blocked by the browser"}
    </span>
  );
}
