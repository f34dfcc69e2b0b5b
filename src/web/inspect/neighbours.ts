/**
 * The message before and after one in its run. The API lists newest first, so that what comes next is looked for in a window after the
 * message that grows until something is in it, and is halved while it holds more than a page.
 * @module
 */

/** What is needed of an event here. */
export interface Placed {
  readonly id: string;
  /** ISO 8601, UTC, µs. */
  readonly time: string;
  readonly correlationId: string;
}

/** Events of a run, newest first, from `since` to before `until`; `more` when the page did not hold them all. */
export type ListRun = (
  query: {
    readonly correlation: string;
    readonly since?: string;
    readonly until?: string;
    readonly limit: number;
  },
) => Promise<{ readonly events: readonly Placed[]; readonly more: boolean }>;

const PAGE = 200;
const FIRST_WINDOW_US = 1_000_000;
const GROWTH = 60;
/** More than a year: no run is that long. */
const LONGEST_WINDOW_US = 60 ** 5 * 1_000_000;

/** Id of the message before; null when it is the run's first. */
export async function previousInRun(event: Placed, list: ListRun): Promise<string | null> {
  const { events } = await list({
    correlation: event.correlationId,
    until: addMicroseconds(event.time, 1),
    limit: PAGE,
  });
  return events[events.findIndex(({ id }) => id === event.id) + 1]?.id ?? null;
}

/** Id of the message after; null when it is the run's last. */
export async function nextInRun(event: Placed, list: ListRun): Promise<string | null> {
  let emptyUs = 0;
  let fullUs = Infinity;
  let windowUs = FIRST_WINDOW_US;
  while (windowUs <= LONGEST_WINDOW_US) {
    const { events, more } = await list({
      correlation: event.correlationId,
      since: event.time,
      until: addMicroseconds(event.time, windowUs),
      limit: PAGE,
    });
    const at = events.findIndex(({ id }) => id === event.id);
    if (at > 0) return events[at - 1]?.id ?? null;
    if (at < 0 && more) fullUs = windowUs;
    else emptyUs = windowUs;
    // A page full of one microsecond: there is no smaller window.
    if (fullUs - emptyUs <= 1) return null;
    windowUs = fullUs === Infinity ? emptyUs * GROWTH : Math.floor((emptyUs + fullUs) / 2);
  }
  return null;
}

/** Date knows ms only. */
export function addMicroseconds(iso: string, microseconds: number): string {
  const [, whole = "", fraction = ""] = /^(.*?)(?:\.(\d+))?Z$/.exec(iso) ?? [];
  const us = BigInt(Date.parse(`${whole}Z`)) * 1000n + BigInt(fraction.padEnd(6, "0").slice(0, 6)) +
    BigInt(Math.round(microseconds));
  const seconds = us / 1_000_000n;
  const rest = String(us % 1_000_000n).padStart(6, "0");
  // Beyond the year 9999, an ISO time has another form.
  const date = new Date(Math.min(Number(seconds) * 1000, Date.UTC(9999, 11, 31)));
  return `${date.toISOString().slice(0, 19)}.${rest}Z`;
}
