/** Words that the export formats share. @module */

/** µs since the Unix epoch of an event's `time`; `Date.parse` alone loses what is finer than ms. */
export function timeUsOf(iso: string): number {
  const micros = /\.\d{3}(\d{3})Z$/.exec(iso)?.[1];
  return Date.parse(iso) * 1000 + Number(micros ?? 0);
}

/** Member `name` of an object; undefined where `value` is none or has none. */
export function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
