/**
 * Decides what a session is doing from all that is known, strongest first: what the agent itself says by hooks and escape sequences, what its
 * rendered screen shows, how long nothing was drawn. Pure: time comes in as an argument.
 *
 * A proof of work on the screen beats everything; a question on the screen beats what the agent said before; what it said beats an idle
 * screen, unless that stands still. What nobody knows is never idle.
 * @module
 */
import {
  hasEnded,
  isWaiting,
  type SessionState,
  type StateChange,
  type StateSource,
} from "../../core/session.ts";
import type { Provider } from "../providers/provider.ts";
import type { HookEvent } from "./hooks.ts";
import { type Cursor, type ScreenMatch, ScreenMatcher } from "./screen_match.ts";
import { type Said, SignalBook } from "./signal_book.ts";
import type { TerminalSignal } from "../terminal/terminal_signals.ts";

/** A screen counts once it was seen twice, this far apart, in µs: half-drawn frames are gone by then. */
export const STABLE_US = 150_000;
/** A screen that km does not know must stay this long before it replaces one that it knows. */
export const UNKNOWN_US = 1_000_000;
/** How long after somebody typed the same screen may still be the one from before, in µs. */
export const SETTLE_US = 1_000_000;
/** The same for a prompt of an agent whose hooks would tell the end of its turn sooner: a busy machine may need that long to draw its work. */
export const HOOKED_SETTLE_US = 3_000_000;
/** The first prompt of a program must stay this long: some draw it before they would take anything, or before they ask to be signed in. */
export const START_US = 500_000;
/** A hook says that a turn ended before the agent has drawn its answer: the screen must have been looked at this long after it, in µs. */
export const HOOK_SETTLE_US = 300_000;
/** How long nothing may be drawn until that means something, in µs. @see setting sessions.quiet */
export const QUIET_US = 2_000_000;
/** While everything agrees, a screen that changes is looked at this often, in µs: rendering costs. */
const CALM_US = 250_000;

export interface TrackerOptions {
  readonly provider: Provider;
  readonly nowUs: number;
  /** The agent's hooks are set. */
  readonly hasHooks: boolean;
  readonly quietUs?: number;
}

/** What else is known of typed keys. */
export interface TypedMore {
  /** They put no text into a prompt. */
  readonly isMove?: boolean;
  /** km typed a whole command in. */
  readonly byKm?: boolean;
}

interface Verdict {
  readonly state: SessionState;
  readonly reason: string;
  readonly source: StateSource;
}

/** What a screen showed, and since when in one go. */
interface Seen {
  readonly match: ScreenMatch | null;
  readonly sinceUs: number;
}

export class StateTracker {
  readonly #provider: Provider;
  readonly #quietUs: number;
  readonly #settleUs: number;
  readonly #matcher: ScreenMatcher;
  readonly #signals: SignalBook;
  #state: SessionState = "starting";
  /** Null: none since the start, or since somebody typed. */
  #seen: Seen | null = null;
  #candidate: Seen | null = null;
  /** When the screen last showed what `#seen` says, in µs. */
  #seenUs = 0;
  /** The screen on which somebody typed: it means nothing new before `untilUs`. */
  #answered: { readonly id: string; readonly untilUs: number } | null = null;
  #lastOutputUs: number;
  #lookUs: number | null = null;
  #hasUnsent = false;
  /** It became idle at a prompt that reads a line, and looks like none with text behind it. */
  #isAtLine = false;
  /** Null: to be asked again, for something has happened since. */
  #isAtPrompt: boolean | null = null;

  constructor({ provider, nowUs, hasHooks, quietUs = QUIET_US }: TrackerOptions) {
    this.#settleUs = hasHooks ? HOOKED_SETTLE_US : SETTLE_US;
    this.#provider = provider;
    this.#quietUs = quietUs;
    this.#matcher = new ScreenMatcher(provider.screens);
    this.#signals = new SignalBook(provider.signals);
    this.#lastOutputUs = nowUs;
  }

  get state(): SessionState {
    return this.#state;
  }

  /** It is idle, and nobody has begun to type something: a prompt may be typed in. */
  get mayType(): boolean {
    return this.#state === "idle" && !this.#hasUnsent;
  }

  /** As `mayType`, with the screen as it is at this moment: a question that was just drawn is not seen by the others yet. */
  mayTypeInto(rows: readonly string[], cursor: Cursor | null): boolean {
    const match = this.#matcher.match(rows, cursor);
    return this.mayType && (match === null || match.rule.state === "idle");
  }

  /** When it wants to see the screen again, in µs; null: not before something happens. */
  get nextLookUs(): number | null {
    return this.#lookUs;
  }

  started(nowUs: number): StateChange | null {
    this.#lookUs = nowUs + this.#quietUs;
    return { state: this.#state, reason: "was started", source: "spawn", timeUs: nowUs };
  }

  /** Somebody typed; `submits`: with Enter; `clears`: what was typed before is given up. @see readTypedKeys */
  typed(
    nowUs: number,
    submits: boolean,
    clears = false,
    { isMove = false, byKm = false }: TypedMore = {},
  ): StateChange | null {
    if (hasEnded(this.#state)) return null;
    this.#hasUnsent = this.#state === "idle" && !submits && !clears && (!isMove || this.#hasUnsent);
    if (submits) this.#isAtPrompt = null;
    const isAnswer = isWaiting(this.#state) || (this.#state === "idle" && submits);
    if (!isAnswer) return null;
    const id = this.#seen?.match?.rule.id;
    const isAtCursor = this.#seen?.match?.rule.atCursor === true;
    const settleUs = this.#state === "idle" ? this.#settleUs : SETTLE_US;
    this.#answered = id === undefined || isAtCursor ? null : { id, untilUs: nowUs + settleUs };
    this.#signals.forgetRest();
    this.#seen = this.#candidate = null;
    this.#lastOutputUs = nowUs;
    this.#lookBy(nowUs + STABLE_US);
    const reason = byKm ? "km typed a command" : "somebody typed";
    return this.#become({ state: "running", reason, source: "input" }, nowUs);
  }

  output(nowUs: number): StateChange | null {
    this.#lastOutputUs = nowUs;
    this.#isAtPrompt = null;
    if (!hasEnded(this.#state)) this.#lookBy(nowUs + (this.#isCalm() ? CALM_US : STABLE_US));
    return null;
  }

  signal(signal: TerminalSignal, nowUs: number): StateChange | null {
    this.#signals.signal(signal, nowUs);
    if (this.#state === "starting") this.#lookBy(nowUs + START_US);
    return this.#decide(nowUs);
  }

  hook(event: HookEvent, nowUs: number): StateChange | null {
    if (event.state !== null) this.#signals.hook(event.state, event.reason, nowUs);
    if (event.state === "idle") {
      // The prompt that shows now is none from before.
      this.#answered = null;
      if (!hasEnded(this.#state)) this.#lookBy(nowUs + STABLE_US);
    }
    return this.#decide(nowUs);
  }

  /** Who reads its terminal: a shell as it does at its prompt (true), or one that it started, or the shell for something else. Asked at every look. */
  foreground(isAtPrompt: boolean, nowUs: number): StateChange | null {
    this.#isAtPrompt = isAtPrompt;
    return this.#decide(nowUs);
  }

  /** The rendered screen, row by row. */
  screen(rows: readonly string[], nowUs: number, cursor: Cursor | null = null): StateChange | null {
    if (hasEnded(this.#state)) return null;
    this.#isAtPrompt = null;
    const match = this.#matcher.match(rows, cursor);
    const isSame = this.#candidate !== null && idOf(this.#candidate.match) === idOf(match);
    this.#candidate = { match, sinceUs: isSame && this.#candidate ? this.#candidate.sinceUs : nowUs };
    if (nowUs >= this.#stableAtUs(this.#candidate)) {
      this.#seen = this.#candidate;
      this.#seenUs = nowUs;
    }
    const change = this.#decide(nowUs);
    this.#lookUs = this.#wantedLookUs(nowUs);
    return change;
  }

  exited(
    exit: { readonly code: number | null; readonly signal: string | null },
    nowUs: number,
  ): StateChange | null {
    if (hasEnded(this.#state)) return null;
    this.#lookUs = null;
    const reason = exit.signal === null
      ? `exited with code ${exit.code ?? "unknown"}`
      : `ended by ${exit.signal}`;
    return this.#become({ state: "exited", reason, source: "exit" }, nowUs);
  }

  #decide(nowUs: number): StateChange | null {
    if (hasEnded(this.#state)) return null;
    const verdict = this.#verdict(nowUs);
    return verdict === null ? null : this.#become(verdict, nowUs);
  }

  /** What is the case; null: as before. */
  #verdict(nowUs: number): Verdict | null {
    const match = this.#seen?.match ?? null;
    const said = this.#signals.said;
    // Codex 0.169.0 says that it waits up to 0.9 s before it shows its question instead of its work.
    const isBehind = said !== null && isWaiting(said.state) && this.#seenUs < said.timeUs + this.#quietUs;
    const beatsSaid = match?.rule.guard === true ? !isBehind : match !== null && isWaiting(match.rule.state);
    if (match !== null && beatsSaid) return fromScreen(match);
    if (said !== null && this.#isTooEarly(said.state, said.timeUs, nowUs)) return null;
    if (said !== null && this.#idleCountsUs(said) > this.#seenUs && !this.#hasBeenIdle(said, nowUs)) {
      return null;
    }
    if (said !== null && !this.#isStale(said, match, nowUs)) return said;
    if (match !== null) return fromScreen(match);
    if (this.#seen === null && said === null && !this.#isQuiet(nowUs)) return null;
    return this.#unknown(nowUs);
  }

  /** From when on a screen confirms what `said` says; 0: nothing need confirm it. */
  #idleCountsUs({ source, state, timeUs }: Said): number {
    if (source !== "hook" || state !== "idle") return 0;
    const isLong = this.#lastOutputUs >= timeUs + this.#quietUs;
    return Math.max(timeUs + HOOK_SETTLE_US, isLong ? 0 : this.#lastOutputUs + STABLE_US);
  }

  /** No screen need confirm it any more. */
  #hasBeenIdle({ timeUs }: Said, nowUs: number): boolean {
    return this.#isQuiet(nowUs) && nowUs - timeUs >= this.#quietUs;
  }

  /** It said that it works or waits, but shows its prompt and has drawn nothing for a while: what ended that was not said. */
  #isStale(said: Said, match: ScreenMatch | null, nowUs: number): boolean {
    return said.state !== "idle" && match?.rule.state === "idle" &&
      nowUs - said.timeUs >= this.#quietUs && this.#isQuiet(nowUs);
  }

  /** A prompt at the start that an agent may not take yet. */
  #isTooEarly(state: SessionState, sinceUs: number, nowUs: number): boolean {
    return this.#state === "starting" && state === "idle" && this.#provider.quiet === "busy" &&
      nowUs - sinceUs < START_US;
  }

  #isQuiet(nowUs: number): boolean {
    return nowUs - this.#lastOutputUs >= this.#quietUs;
  }

  /** The agent says nothing, and its screen is none that km knows. */
  #unknown(nowUs: number): Verdict | null {
    // The prompt with somebody's text behind it; nothing of that runs before Enter.
    if (this.#hasUnsent && this.#isAtLine && this.#isAtPrompt !== false) return null;
    if (this.#isQuiet(nowUs)) {
      // The answer decides, when it comes.
      if (this.#provider.quiet === "foreground" && this.#isAtPrompt === null) return null;
      const isIdle = this.#provider.quiet === "idle" ||
        (this.#provider.quiet === "foreground" && this.#isAtPrompt === true);
      if (isIdle) return { state: "idle", reason: "has drawn nothing for a while", source: "quiet" };
      return this.#state === "starting" && this.#provider.quiet !== "running"
        ? null
        : { state: "running", reason: "shows a screen that km does not know", source: "quiet" };
    }
    if (this.#state === "starting" || this.#seen === null) return null;
    return { state: "running", reason: "shows a screen that km does not know", source: "screen" };
  }

  #stableAtUs({ match, sinceUs }: Seen): number {
    if (match === null && this.#seen?.match) return sinceUs + UNKNOWN_US;
    if (match !== null && this.#isTooEarly(match.rule.state, sinceUs, sinceUs)) return sinceUs + START_US;
    const isAnswered = match !== null && this.#answered?.id === match.rule.id;
    return Math.max(sinceUs + STABLE_US, isAnswered && this.#answered ? this.#answered.untilUs : 0);
  }

  /** What was seen last is what counts. */
  #isCalm(): boolean {
    return this.#seen !== null && idOf(this.#seen.match) === idOf(this.#candidate?.match ?? null);
  }

  #wantedLookUs(nowUs: number): number | null {
    if (this.#candidate !== null && !this.#isCalm()) {
      return Math.max(nowUs + 1, Math.min(this.#stableAtUs(this.#candidate), nowUs + CALM_US));
    }
    const said = this.#signals.said;
    const idleAtUs = said === null ? 0 : this.#idleCountsUs(said);
    if (idleAtUs > this.#seenUs && this.#state !== "idle") {
      return Math.max(nowUs + 1, idleAtUs, this.#candidate === null ? 0 : this.#stableAtUs(this.#candidate));
    }
    const quietAtUs = Math.max(this.#lastOutputUs, said?.timeUs ?? 0) + this.#quietUs;
    return quietAtUs > nowUs ? quietAtUs : null;
  }

  #lookBy(timeUs: number): void {
    this.#lookUs = this.#lookUs === null ? timeUs : Math.min(this.#lookUs, timeUs);
  }

  #become({ state, reason, source }: Verdict, timeUs: number): StateChange | null {
    if (state === this.#state) return null;
    this.#state = state;
    if (state !== "idle") this.#hasUnsent = false;
    this.#isAtLine = state === "idle" &&
      (this.#provider.quiet === "foreground" || this.#seen?.match?.rule.atCursor === true);
    return { state, reason, source, timeUs };
  }
}

function idOf(match: ScreenMatch | null): string | null {
  return match?.rule.id ?? null;
}

function fromScreen({ rule, reason }: ScreenMatch): Verdict {
  return { state: rule.state, reason, source: "screen" };
}
