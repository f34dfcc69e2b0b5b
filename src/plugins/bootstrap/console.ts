/** The console of a plugin: lines of its log. @module */
import type { Log } from "../../../plugins/sdk/mod.ts";

// Kept from before the plugin is there: it may put something else in its place.
const now = performance.now.bind(performance);

/** How much is shown of what is no text. */
const INSPECT = { depth: 4, iterableLimit: 100, strAbbreviateSize: 10_000, colors: false } as const;

/** `inspect` shows what is no text. All that a console has; what has no meaning in a log does nothing. */
export function createConsole(log: Log, inspect: typeof Deno.inspect): object {
  const counts = new Map<string, number>();
  const starts = new Map<string, number>();
  let indent = "";
  const text = (args: readonly unknown[]): string =>
    indent + args.map((arg) => typeof arg === "string" ? arg : inspect(arg, INSPECT)).join(" ");
  const info = (...args: unknown[]): void => log.info(text(args));
  const nothing = (): void => {};
  const elapsed = (label: string): string =>
    `${label}: ${(now() - (starts.get(label) ?? now())).toFixed(1)} ms`;
  return Object.freeze({
    log: info,
    info,
    dir: (value: unknown): void => info(value),
    dirxml: info,
    table: (value: unknown): void => info(value),
    debug: (...args: unknown[]): void => log.debug(text(args)),
    warn: (...args: unknown[]): void => log.warning(text(args)),
    error: (...args: unknown[]): void => log.error(text(args)),
    trace: (...args: unknown[]): void => log.debug(text(args)),
    assert: (condition: unknown, ...args: unknown[]): void => {
      if (!condition) log.error(text(["Assertion failed", ...args]));
    },
    count: (label = "default"): void => {
      const count = (counts.get(label) ?? 0) + 1;
      counts.set(label, count);
      info(`${label}: ${count}`);
    },
    countReset: (label = "default"): void => void counts.delete(label),
    group: (...args: unknown[]): void => {
      if (args.length > 0) info(...args);
      if (indent.length < 40) indent += "  ";
    },
    groupCollapsed: (...args: unknown[]): void => info(...args),
    groupEnd: (): void => {
      indent = indent.slice(2);
    },
    time: (label = "default"): void => void starts.set(label, now()),
    timeLog: (label = "default", ...args: unknown[]): void => info(elapsed(label), ...args),
    timeEnd: (label = "default"): void => {
      info(elapsed(label));
      starts.delete(label);
    },
    clear: nothing,
    profile: nothing,
    profileEnd: nothing,
    timeStamp: nothing,
  });
}
