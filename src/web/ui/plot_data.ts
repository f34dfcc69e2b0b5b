/** What plots need to know about their data: pure. @module */

const DAY_S = 86_400;

/** Places of the values both of whose neighbours are missing. */
export function isolated(values: ArrayLike<number | null | undefined>): number[] {
  const missing = (at: number) => values[at] === null || values[at] === undefined;
  const found: number[] = [];
  for (let at = 0; at < values.length; at++) {
    if (!missing(at) && missing(at - 1) && missing(at + 1)) found.push(at);
  }
  return found;
}

/** Labels of a time axis: times of day, and the date where a day begins. */
export function timeLabels(pointsS: readonly number[]): string[] {
  const whole = pointsS.length > 1 && (pointsS[1] ?? 0) - (pointsS[0] ?? 0) >= DAY_S - 3600;
  return pointsS.map((point) => {
    const time = new Date(point * 1000);
    const midnight = time.getHours() === 0 && time.getMinutes() === 0;
    return whole || midnight ? dateText(time) : clockText(time);
  });
}

/** An interval in words: `14:05`, `21 Nov 14:00–15:00`, `21 Nov`. */
export function formatInterval(startS: number, intervalS: number): string {
  const [start, end] = [new Date(startS * 1000), new Date((startS + intervalS) * 1000)];
  if (intervalS >= DAY_S) return dateText(start);
  if (intervalS <= 60) return clockText(start);
  return `${dateText(start)} ${clockText(start)}–${clockText(end)}`;
}

function dateText(time: Date): string {
  return new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" }).format(time);
}

function clockText(time: Date): string {
  return `${String(time.getHours()).padStart(2, "0")}:${String(time.getMinutes()).padStart(2, "0")}`;
}
