/**
 * What events and calls are chosen by: one meaning and one wording for the flags of the command line and the parameters of the API.
 * @module
 */
import { formatTimeUs } from "./clock.ts";
import type { Direction, EventKind, Outcome } from "./event.ts";

/** Which events to take. Everything given must hold. */
export interface EventFilter {
  /** From this time on, in µs since the Unix epoch. */
  readonly sinceUs?: number | undefined;
  /** Before this time. */
  readonly untilUs?: number | undefined;
  readonly server?: string | undefined;
  readonly method?: string | undefined;
  readonly tool?: string | undefined;
  readonly kind?: EventKind | undefined;
  readonly direction?: Direction | undefined;
  readonly correlationId?: string | undefined;
  /** Text in the payload, in any case, from the beginning of a word (in scripts without spaces: anywhere). */
  readonly search?: string | undefined;
}

/** Which calls to take. Everything given must hold. */
export interface CallFilter extends Omit<EventFilter, "kind" | "direction" | "search"> {
  readonly outcome?: Outcome | undefined;
}

/** What each of them does, for the help of a flag and the description of a parameter. */
export const FILTER_HELP = {
  server: "Only of this server",
  method: "Only of this method",
  tool: "Only of this tool, prompt or resource",
  correlation: "Only of this run",
  kind: "Only of this kind",
  direction: "Only one way",
  search:
    "Only those whose payload holds words that start with this text, in any case; several words stand as typed",
  outcome: "Only calls that ended so",
} as const;

/** What was asked for, in the words of flags and parameters; times in µs since the Unix epoch. */
export interface SubjectChoice {
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  readonly server?: string | undefined;
  readonly method?: string | undefined;
  readonly tool?: string | undefined;
  readonly correlation?: string | undefined;
}

export interface EventChoice extends SubjectChoice {
  readonly kind?: EventKind | undefined;
  readonly direction?: Direction | undefined;
  readonly search?: string | undefined;
}

export interface CallChoice extends SubjectChoice {
  readonly outcome?: Outcome | undefined;
}

/** Makes the error of a range that nothing can lie in, which each edge words for its callers. */
export type RefuseRange = (message: string) => Error;

/** The filter of events that is asked for. @throws what `refuse` makes, when nothing can lie in its range of time */
export function eventFilter(choice: EventChoice, refuse: RefuseRange): EventFilter {
  const { kind, direction, search } = choice;
  return { ...subject(choice, refuse), kind, direction, search };
}

/** The filter of calls that is asked for. @throws what `refuse` makes, when nothing can lie in its range of time */
export function callFilter(choice: CallChoice, refuse: RefuseRange): CallFilter {
  return { ...subject(choice, refuse), outcome: choice.outcome };
}

/** Refuses a range that nothing can lie in: most often its ends are the wrong way round. @throws what `refuse` makes */
export function checkRange(
  { since, until }: Pick<SubjectChoice, "since" | "until">,
  refuse: RefuseRange,
): void {
  if (since === undefined || until === undefined || since < until) return;
  throw refuse(`Cannot look from ${formatTimeUs(since)} until ${formatTimeUs(until)}: nothing lies between`);
}

function subject(choice: SubjectChoice, refuse: RefuseRange) {
  checkRange(choice, refuse);
  const { since, until, server, method, tool, correlation } = choice;
  return { sinceUs: since, untilUs: until, server, method, tool, correlationId: correlation };
}
