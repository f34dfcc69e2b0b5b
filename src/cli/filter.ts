/** The flags that choose events and calls, and the filter they make. @module */

import { formatTimeUs } from "../core/clock.ts";
import { KmError } from "../core/error.ts";
import { type Event, EVENT_KINDS, OUTCOMES } from "../core/event.ts";
import type { EventFilter } from "../store/events.ts";
import type { Flag } from "./command.ts";
import type { CallFilter } from "../store/calls.ts";

/** What --search finds, for the commands' help. */
export const SEARCH_DETAILS =
  '--search fox finds fox, Fox and foxes, not firefox; "rate limit" finds the two words next to each other. Scripts without ' +
  "spaces (Chinese, Japanese, Thai, …) are found at any character. Only when no word starts so, the newest events " +
  "(as many as can be read in 1.5 s) are looked through for the text anywhere, so that firefox is found then.";

/** Range of time. */
export const RANGE_FLAGS = [
  {
    name: "since",
    type: "time",
    help: "From this time on: 10m (ago), 24h, 7d, today, yesterday, 2026-11-21T09:30",
  },
  { name: "until", type: "time", help: "Before this time" },
] as const satisfies readonly Flag[];

/** What both events and calls can be chosen by. */
export const SUBJECT_FLAGS = [
  { name: "server", short: "s", type: "string", placeholder: "name", help: "Only of this server" },
  {
    name: "method",
    short: "m",
    type: "string",
    placeholder: "name",
    help: "Only of this method, such as tools/call",
  },
  {
    name: "tool",
    short: "t",
    type: "string",
    placeholder: "name",
    help: "Only of this tool, prompt or resource",
  },
  { name: "correlation", type: "string", placeholder: "id", help: "Only of this run" },
] as const satisfies readonly Flag[];

/** What only events can be chosen by. */
export const EVENT_FLAGS = [
  { name: "kind", short: "k", type: "choice", choices: EVENT_KINDS, help: "Only of this kind" },
  {
    name: "direction",
    short: "d",
    type: "choice",
    choices: ["client_to_server", "server_to_client"],
    help: "Only one way",
  },
  {
    name: "search",
    type: "string",
    placeholder: "text",
    help:
      "Only those whose payload holds words that start with this text, in any case; several words stand as typed",
  },
] as const satisfies readonly Flag[];

/** What only calls can be chosen by. */
export const CALL_FLAGS = [
  { name: "outcome", type: "choice", choices: OUTCOMES, help: "Only calls that ended so" },
] as const satisfies readonly Flag[];

interface SubjectValues {
  readonly since: number | undefined;
  readonly until: number | undefined;
  readonly server: string | undefined;
  readonly method: string | undefined;
  readonly tool: string | undefined;
  readonly correlation: string | undefined;
}

interface EventValues extends SubjectValues {
  readonly kind: Event["kind"] | undefined;
  readonly direction: "client_to_server" | "server_to_client" | undefined;
  readonly search: string | undefined;
}

/** Refuses a range that nothing can lie in: most often --since and --until the wrong way round. @throws {KmError} usage */
export function checkRange(sinceUs: number | undefined, untilUs: number | undefined): void {
  if (sinceUs === undefined || untilUs === undefined || sinceUs < untilUs) return;
  const [since, until] = [sinceUs, untilUs].map(formatTimeUs);
  throw new KmError("usage", `Cannot look from ${since} until ${until}: nothing lies between`, {
    hint: "--since is the earlier time: --since 20m --until 10m",
  });
}

/** Makes the filter of events that the flags ask for. */
export function eventFilter(flags: EventValues): EventFilter {
  return defined({ ...subject(flags), kind: flags.kind, direction: flags.direction, search: flags.search });
}

/** Makes the filter of calls that the flags ask for. */
export function callFilter(
  flags: SubjectValues & { readonly outcome: CallFilter["outcome"] | undefined },
): CallFilter {
  return defined({ ...subject(flags), outcome: flags.outcome });
}

function subject(flags: SubjectValues) {
  checkRange(flags.since, flags.until);
  return {
    sinceUs: flags.since,
    untilUs: flags.until,
    server: flags.server,
    method: flags.method,
    tool: flags.tool,
    correlationId: flags.correlation,
  };
}

type Defined<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

/** Leaves out what is undefined (exactOptionalPropertyTypes tells absent from undefined). */
function defined<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;
}
