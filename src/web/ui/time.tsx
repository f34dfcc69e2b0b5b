/** Points in time: relative to read, absolute on hover and for programs. @module */
import type { JSX } from "preact";
import { formatAgo, formatClock } from "../../core/quantity.ts";
import { useNow } from "../shell/clock.ts";

/** `5 min ago`; a dash for null. */
export function Ago({ iso }: { readonly iso: string | null }): JSX.Element {
  const now = useNow();
  if (iso === null) return <span class="none">–</span>;
  return <time dateTime={iso} title={formatAbsolute(iso)}>{formatAgo(iso, now)}</time>;
}

/** The time of day, with the date when it is not today: `14:03:07.120`. */
export function Clock({ iso }: { readonly iso: string }): JSX.Element {
  return <time dateTime={iso} title={formatAbsolute(iso)}>{formatClock(iso, new Date())}</time>;
}

let absoluteFormat: Intl.DateTimeFormat | undefined;

/** The local date and time with its zone, and the same in UTC. */
export function formatAbsolute(iso: string): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  // Made once: to make one takes longer than all the rest of drawing a row.
  absoluteFormat ??= new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "long" });
  return `${absoluteFormat.format(time)}\n${iso}`;
}
