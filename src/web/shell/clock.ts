/** The time that relative times are told from: one timer for the whole page. @module */
import { useEffect, useState } from "preact/hooks";

/** Often enough that "12 s ago" is never far off, rarely enough to cost nothing. */
const TICK_MS = 5000;

/** The time now; draws again every few seconds while the tab is visible. */
export function useNow(): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") setNow(new Date());
    }, TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return now;
}
