/**
 * Commands for one session: they wait until its program is idle, then are typed in, one at a time. Everything is stored before it is
 * acknowledged, so that a command survives km and is never typed twice.
 * @module
 */
import { systemClock } from "../core/clock.ts";
import { KmError } from "../core/error.ts";
import { hasEnded, type SessionCommand } from "../core/session.ts";
import type { LiveSession } from "./live_session.ts";
import type { SessionRecord } from "./record.ts";

/** How long an echo is waited for before Enter, in ms: a program that shows nothing (a password) takes it all the same. */
const ECHO_MS = 300;
/** How soon it is looked again whether something may be typed in, in ms. */
const AGAIN_MS = 500;
const PASTE_START = "\x1b[200~", PASTE_END = "\x1b[201~";

export interface CommandQueueDeps {
  readonly record: SessionRecord;
  readonly onChange: (command: SessionCommand) => void;
  readonly log: (line: string) => void;
  readonly maxQueued: () => number;
}

export class CommandQueue {
  readonly #live: LiveSession;
  readonly #deps: CommandQueueDeps;
  #queued: SessionCommand[] = [];
  /** Typed in; done when the program is idle again. */
  #underWay: SessionCommand | null = null;
  /** The program has begun with what is under way. */
  #hasBegun = false;
  #isTyping = false;
  /** The store took nothing when it was last asked, which was told. */
  #isRefused = false;
  #again: ReturnType<typeof setTimeout> | undefined;

  constructor(live: LiveSession, deps: CommandQueueDeps) {
    this.#live = live;
    this.#deps = deps;
  }

  get length(): number {
    return this.#queued.length;
  }

  /** True when nothing waits and nothing is under way. */
  get isDone(): boolean {
    return this.#queued.length === 0 && this.#underWay === null;
  }

  /** Takes a command; settles when it is stored. The same id again is the same command. @throws {KmError} session_ended, busy, store_… */
  async add(
    command: { readonly id: string; readonly text: string; readonly by: string },
  ): Promise<SessionCommand> {
    const { facts } = this.#live;
    if (hasEnded(facts.state)) {
      throw new KmError("session_ended", `Cannot send to session ${facts.number}: its program has ended`);
    }
    if (this.#queued.length >= this.#deps.maxQueued()) {
      throw new KmError(
        "busy",
        `Cannot send to session ${facts.number}: ${this.#queued.length} commands wait already`,
        {
          hint: 'wait until it is idle, or raise the setting "sessions.maxQueue"',
        },
      );
    }
    const answer = await this.#deps.record.record("enqueueCommand", facts.id, {
      ...command,
      queuedUs: systemClock.nowUs(),
    });
    if (answer.isNew) {
      this.#queued.push(answer.command);
      this.#deps.onChange(answer.command);
      this.deliver();
      this.#failIfInVain();
    }
    return answer.command;
  }

  /** Goes on with what waited for the session that this one goes on with. */
  restore(commands: readonly SessionCommand[]): void {
    const known = new Set([...this.#queued.map(({ id }) => id), this.#underWay?.id]);
    this.#queued.unshift(...commands.filter(({ id }) => !known.has(id)));
    this.deliver();
    this.#failIfInVain();
  }

  /** What waited waits for the session now that goes on with this one. */
  giveAway(): void {
    this.#queued = [];
  }

  /** Takes a waiting command back. False: it does not wait. */
  cancel(id: string, by: string): boolean {
    const command = this.#queued.find((queued) => queued.id === id);
    if (!command) return false;
    this.#queued = this.#queued.filter((queued) => queued !== command);
    this.#settle(command, "cancelled", `cancelled by ${by}`);
    return true;
  }

  /** The session's state has changed. */
  stateChanged(): void {
    const { state, stateReason } = this.#live.facts;
    if (this.#underWay && state !== "idle") this.#hasBegun = true;
    if (hasEnded(state)) {
      if (this.#underWay) this.#settle(this.#underWay, "failed", `the session ended: ${stateReason}`);
      this.#underWay = null;
      this.#failIfInVain();
      return;
    }
    if (state !== "idle") return;
    if (this.#underWay && this.#hasBegun && !this.#isTyping) {
      this.#settle(this.#underWay, "done", stateReason);
      this.#underWay = null;
    }
    this.deliver();
  }

  /** The session has ended, and there will be none that goes on with what waits. */
  #failIfInVain(): void {
    const { state, stateReason } = this.#live.facts;
    // One that is lost with the daemon keeps what waits: its user decides.
    if (state !== "exited" || this.#live.canGoOn) return;
    for (const command of this.#queued.splice(0)) {
      this.#settle(command, "failed", `the session ended before it was typed in: ${stateReason}`);
    }
  }

  /** Types the next one in when the program is idle, and only then: nothing is ever typed into a dialog. */
  deliver(): void {
    if (this.#queued.length === 0 || this.#underWay !== null || this.#isTyping) return;
    if (this.#live.state !== "idle") return;
    this.#isTyping = true;
    void this.#deliverNext().finally(() => {
      this.#isTyping = false;
      // It may have become idle again meanwhile, which nobody will say twice.
      if (this.#live.state === "idle" && this.#hasBegun) this.stateChanged();
    });
  }

  async #deliverNext(): Promise<void> {
    const mayType = await this.#live.mayType().catch(() => false);
    const command = this.#queued[0];
    if (!mayType || !command || this.#live.state !== "idle") return this.#lookAgain();
    this.#queued.shift();
    this.#underWay = { ...command, state: "delivered", deliveredUs: systemClock.nowUs() };
    this.#hasBegun = false;
    try {
      this.#keysFor(command); // Before it is said to be typed in.
      if (!await this.#mark(this.#underWay) || !await this.#live.mayType()) {
        return await this.#takeBack(command);
      }
      await this.#type(this.#underWay);
    } catch (error) {
      this.#underWay = null;
      this.#settle(command, "failed", error instanceof Error ? error.message : String(error));
      this.#lookAgain();
    }
  }

  /** Somebody has begun to type, or a dialog was just drawn: it may be over without any change of state. */
  #lookAgain(): void {
    if (this.#queued.length === 0 || this.#live.state !== "idle") return;
    clearTimeout(this.#again);
    this.#again = setTimeout(() => this.deliver(), AGAIN_MS);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#again);
  }

  /**
   * Stored as delivered before it is: after a kill -9 it is told as unknown, and never typed a second time. False: the store takes nothing for
   * now, so nothing is typed.
   */
  async #mark({ id, state, deliveredUs }: SessionCommand): Promise<boolean> {
    try {
      await this.#deps.record.record("updateCommand", this.#live.facts.id, id, { state, deliveredUs });
      return true;
    } catch (error) {
      if (!(error instanceof KmError) || !error.code.startsWith("store_")) throw error;
      if (!this.#isRefused) this.#deps.log(`cannot deliver a command for now: ${error.message}`);
      this.#isRefused = true;
      return false;
    }
  }

  /** Nothing of it was typed: it waits again. */
  async #takeBack(command: SessionCommand): Promise<void> {
    this.#underWay = null;
    this.#queued.unshift(command);
    const asBefore = { state: command.state, deliveredUs: null };
    // Where this fails it counts as delivered only if km is killed before it is.
    await this.#deps.record.record("updateCommand", this.#live.facts.id, command.id, asBefore).catch(
      () => {},
    );
    this.#lookAgain();
  }

  async #type(command: SessionCommand): Promise<void> {
    const { provider } = this.#live;
    const keys = this.#keysFor(command);
    this.#isRefused = false;
    this.#deps.onChange(command);
    const encoder = new TextEncoder();
    const echo = this.#live.nextOutput(ECHO_MS);
    this.#live.write(encoder.encode(keys));
    await echo;
    try {
      if (provider.submit.enterDelayMs > 0) {
        await new Promise((resolve) => setTimeout(resolve, provider.submit.enterDelayMs));
      }
      if (!await this.#live.mayType()) {
        throw new KmError("busy", "something else came up while it was typed in: Enter was not pressed");
      }
      this.#live.write(encoder.encode(provider.submit.enter));
    } catch (error) {
      this.#live.leaveText();
      const reason = error instanceof Error ? error.message : String(error);
      throw new KmError(
        "busy",
        `${reason}; its text stands in its prompt until somebody sends it or gives it up`,
      );
    }
    this.#live.submitted();
  }

  /** What is written for its text. @throws {KmError} unsupported: where its program takes no paste, each line break would be an Enter */
  #keysFor({ text }: SessionCommand): string {
    const { provider, isBracketedPaste } = this.#live;
    const keys = withoutControls(text).replaceAll(/\r?\n/g, "\r");
    if (provider.submit.paste === "bracketed" && isBracketedPaste) return `${PASTE_START}${keys}${PASTE_END}`;
    const line = keys.replace(/\r+$/, "");
    if (!line.includes("\r")) return line;
    throw new KmError(
      "unsupported",
      "it has several lines, and its program takes no paste: each line would be entered alone: send them one by one",
    );
  }

  #settle(command: SessionCommand, state: "done" | "failed" | "cancelled", outcome: string): void {
    const endedUs = systemClock.nowUs();
    const changes = { state, endedUs, outcome };
    this.#deps.onChange({ ...command, ...changes });
    this.#deps.record.keep("updateCommand", this.#live.facts.id, command.id, changes);
  }
}

/** A text that is nothing but text, so that none of it ends a paste early and counts as keys from there on. */
function withoutControls(text: string): string {
  // deno-lint-ignore no-control-regex -- control characters are what this is about
  return text.replaceAll(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/g, "");
}
