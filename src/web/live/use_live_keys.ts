/** Keys of Live while its page is shown. @module */
import { useEffect, useRef } from "preact/hooks";
import { actionOf, type KeyPress, type LiveAction } from "./live_keys.ts";

/** Calls `act` for keys that Live knows; what it answers says whether the browser should do nothing of its own. */
export function useLiveKeys(act: (action: LiveAction) => boolean): void {
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
      const modified = event.ctrlKey || event.altKey || event.metaKey;
      const action = actionOf({ key: event.key, modified, focus: focusOf(event.target) });
      if (action !== null && latest.current(action)) event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}

function focusOf(target: EventTarget | null): KeyPress["focus"] {
  if (!(target instanceof Element)) return "page";
  if (target.closest("input:not([type=checkbox], [type=radio]), textarea, select")) return "text";
  if (target.closest(".live-grid")) return "grid";
  return target.closest("button, a, input, summary, [tabindex='0']") ? "control" : "page";
}
