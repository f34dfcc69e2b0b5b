/** The flags that choose events and calls, and how a range is refused. @module */

import { KmError } from "../core/error.ts";
import { DIRECTIONS, EVENT_KINDS, OUTCOMES } from "../core/event.ts";
import { FILTER_HELP } from "../core/filter.ts";
import type { Flag } from "./command.ts";

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
  { name: "server", short: "s", type: "string", placeholder: "name", help: FILTER_HELP.server },
  {
    name: "method",
    short: "m",
    type: "string",
    placeholder: "name",
    help: `${FILTER_HELP.method}, such as tools/call`,
  },
  {
    name: "tool",
    short: "t",
    type: "string",
    placeholder: "name",
    help: FILTER_HELP.tool,
  },
  { name: "correlation", type: "string", placeholder: "id", help: FILTER_HELP.correlation },
] as const satisfies readonly Flag[];

/** What only events can be chosen by. */
export const EVENT_FLAGS = [
  { name: "kind", short: "k", type: "choice", choices: EVENT_KINDS, help: FILTER_HELP.kind },
  {
    name: "direction",
    short: "d",
    type: "choice",
    choices: DIRECTIONS,
    help: FILTER_HELP.direction,
  },
  {
    name: "search",
    type: "string",
    placeholder: "text",
    help: FILTER_HELP.search,
  },
] as const satisfies readonly Flag[];

/** What only calls can be chosen by. */
export const CALL_FLAGS = [
  { name: "outcome", type: "choice", choices: OUTCOMES, help: FILTER_HELP.outcome },
] as const satisfies readonly Flag[];

/** The failure of a range that nothing can lie in: most often --since and --until the wrong way round. */
export function refuseRange(message: string): KmError {
  return new KmError("usage", message, { hint: "--since is the earlier time: --since 20m --until 10m" });
}
