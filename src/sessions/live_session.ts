/** One session whose program runs, on the main thread: bytes from the terminal to its viewers (`viewers.ts`) and back. Nothing here waits for anything. @module */
import { systemClock } from "../core/clock.ts";
import { KmError } from "../core/error.ts";
import { hasEnded, type Session, type SessionState, type TerminalSize } from "../core/session.ts";
import type { Pty, PtyExit } from "../proc/pty.ts";
import { readTypedKeys } from "./detect/typed_keys.ts";
import type { Provider } from "./providers/provider.ts";
import { PromptGuard } from "./prompt_guard.ts";
import { OutputRing } from "./output_ring.ts";
import type { SessionsThread } from "./sessions_thread.ts";
import type { Attachment, AttachOptions, SessionEvent, SessionView, Viewer } from "./viewer.ts";
import { canGoOn } from "./resume.ts";
import { Viewers } from "./viewers.ts";

/** The program is held while its terminal has this much to parse, in bytes, and goes on below the second. */
const MAX_UNPARSED_BYTES = 1024 * 1024, RESUME_UNPARSED_BYTES = 256 * 1024;

/** How long a program has another size when it is to draw everything anew, in ms. */
const REDRAW_MS = 200;

export interface LiveSessionDeps {
  readonly thread: SessionsThread;
  /** Its facts changed. */
  readonly onChange: (live: LiveSession) => void;
}

export class LiveSession {
  readonly provider: Provider;
  #facts: Session;
  #pty: Pty | null = null;
  readonly #deps: LiveSessionDeps;
  readonly #ring = new OutputRing();
  readonly #guard: PromptGuard;
  #parsedSeq = 0;
  readonly #viewers: Viewers;
  #isEnding = false;
  #redraw: ReturnType<typeof setTimeout> | undefined;
  /** The program wants pastes to be marked. */
  isBracketedPaste = false;
  #hasLeftText = false;
  /** Somebody has begun to type at its prompt. */
  #hasBegunText = false;
  /** Called once for the next output: the echo of what was typed. */
  #onOutput: (() => void) | null = null;

  constructor(facts: Session, provider: Provider, deps: LiveSessionDeps) {
    this.#facts = facts;
    this.provider = provider;
    this.#guard = new PromptGuard(provider);
    this.#deps = deps;
    this.#viewers = new Viewers(facts, {
      thread: deps.thread,
      ring: this.#ring,
      isRunning: () => this.#pty !== null,
      type: (bytes) => this.type(bytes),
      resize: (size) => this.resize(size),
      onLag: () => this.#hold(),
      onChange: () => deps.onChange(this),
    });
  }

  get facts(): Session {
    return this.#facts.seq === this.#ring.endSeq ? this.#facts : { ...this.#facts, seq: this.#ring.endSeq };
  }

  get state(): SessionState {
    return this.#facts.state;
  }

  get pty(): Pty | null {
    return this.#pty;
  }

  get hasViewers(): boolean {
    return this.#viewers.count > 0;
  }

  view(queuedCommands: number): SessionView {
    return {
      ...this.facts,
      ...this.#heldBy(),
      viewers: this.#viewers.count,
      queuedCommands,
      sizeOwner: this.#viewers.sizeOwner,
      isResumable: hasEnded(this.#facts.state) && this.canGoOn,
    };
  }

  /** Another session can go on with its conversation, once it has ended. */
  get canGoOn(): boolean {
    return canGoOn(this.#facts, this.provider);
  }

  /** Why nothing is typed in although it is idle. */
  #heldBy(): Partial<Session> {
    if (this.state !== "idle" || !(this.#hasLeftText || this.#hasBegunText)) return {};
    const stateReason = this.#hasLeftText
      ? "a command of km's stands in its prompt, not sent"
      : "somebody has begun to type";
    return { stateReason, stateSource: "input" };
  }

  change(changes: Partial<Session>): void {
    this.#facts = { ...this.#facts, ...changes };
    if (this.state !== "idle") this.#hasBegunText = false;
    if (changes.state === "idle" && this.#pty) this.#guard.sawPrompt(this.#pty);
    this.#deps.onChange(this);
  }

  /** From now on it has a program. */
  begin(pty: Pty): void {
    this.#pty = pty;
    this.change({ pid: pty.pid });
  }

  /** Output of the program: first to those who look, then to the terminal. */
  onData(bytes: Uint8Array<ArrayBuffer>): void {
    const { number } = this.#facts;
    const seq = this.#ring.endSeq;
    this.#ring.add(bytes, this.#parsedSeq);
    this.#viewers.output(seq, bytes);
    this.#deps.thread.output({ number, seq, bytes, timeUs: systemClock.nowUs() });
    this.#hold();
    const onOutput = this.#onOutput;
    this.#onOutput = null;
    onOutput?.();
  }

  onExit(exit: PtyExit): void {
    clearTimeout(this.#redraw);
    this.#pty = null;
    this.change({
      pid: null,
      endedUs: systemClock.nowUs(),
      exitCode: exit.code,
      exitSignal: exit.signal,
    });
    this.#deps.thread.exited(this.#facts.number, exit);
  }

  /** It is about to be ended: its last output is read, whoever lags. */
  ending(): void {
    this.#isEnding = true;
    this.#hold();
  }

  /** The terminal is another one, and empty: who looks gets its picture as the program draws it, for which it is asked. */
  watchedAgain(): void {
    this.#parsedSeq = this.#ring.endSeq;
    const { exitCode: code, exitSignal: signal } = this.#facts;
    // It ended while nobody watched.
    if (this.#pty === null) this.#deps.thread.exited(this.#facts.number, { code, signal });
    else this.#askToDraw();
    this.#viewers.syncAgain();
    this.#hold();
  }

  /** Programs draw everything when their size changes, and look at it some time after they were told: another one for a moment. */
  #askToDraw(): void {
    const { cols, rows } = this.#facts.size;
    this.#pty?.resize({ cols, rows: rows > 1 ? rows - 1 : rows + 1 });
    clearTimeout(this.#redraw);
    this.#redraw = setTimeout(() => this.#pty?.resize(this.#facts.size), REDRAW_MS);
  }

  /** Its terminal has parsed everything before `seq`. */
  parsed(seq: number): void {
    this.#parsedSeq = seq;
    this.#hold();
  }

  /** True when a prompt may be typed in, by what is drawn at this moment, and by who reads it. */
  async mayType(): Promise<boolean> {
    if (this.#hasLeftText || !await this.#deps.thread.mayType(this.#facts)) return false;
    return this.#pty !== null && this.#guard.mayType(this.#pty);
  }

  /** False: the program works or asks, itself or by another one that it started, whatever is drawn. */
  get isAtPrompt(): boolean {
    return this.#pty !== null && this.#pty.isForeground && this.#guard.mayType(this.#pty);
  }

  /** What was typed in stands in the prompt: nothing may be typed behind it until somebody has submitted it or given it up. */
  leaveText(): void {
    this.#hasLeftText = true;
    this.#deps.onChange(this);
  }

  /** A whole line or prompt was typed in: the program works from now on. */
  submitted(): void {
    this.#deps.thread.typed(this.#facts.number, { submits: true, clears: false, byKm: true });
  }

  /** Settles with the next output, or after `ms`. */
  nextOutput(ms: number): Promise<void> {
    const next = Promise.withResolvers<void>();
    const timer = setTimeout(next.resolve, ms);
    this.#onOutput = () => {
      clearTimeout(timer);
      next.resolve();
    };
    return next.promise;
  }

  /** Types `bytes`. @throws {KmError} session_ended, busy */
  write(bytes: Uint8Array): void {
    if (this.#pty === null) throw ended(this.#facts, this.canGoOn);
    if (!this.#pty.write(bytes)) throw full(this.#facts);
  }

  /** As `write`, for what comes from a keyboard: it says something of what the program is doing. */
  type(bytes: Uint8Array): void {
    if (this.#pty === null) throw ended(this.#facts, this.canGoOn);
    const { isTyped, submits, clears, isText } = readTypedKeys(bytes);
    const isMove = !isText && !submits && !clears;
    // First: the echo may come before type() returns.
    if (isTyped) {
      this.#deps.thread.typed(this.#facts.number, { submits, clears, ...(isMove && { isMove }) });
    }
    if (!this.#pty.type(bytes)) throw full(this.#facts);
    if (isTyped && !isMove) this.#noteText(!submits && !clears);
  }

  /** Text stands in its prompt now, or none. */
  #noteText(isThere: boolean): void {
    // Elsewhere the key was for a dialog.
    if (this.state !== "idle") return;
    const isNews = isThere ? !this.#hasBegunText : this.#hasBegunText || this.#hasLeftText;
    this.#hasBegunText = isThere;
    if (!isThere) this.#hasLeftText = false;
    if (isNews) this.#deps.onChange(this);
  }

  resize(size: TerminalSize): void {
    if (this.#pty === null) return;
    if (size.cols === this.#facts.size.cols && size.rows === this.#facts.size.rows) return;
    this.#pty.resize(size);
    this.#deps.thread.resize(this.#facts.number, size);
    this.change({ size });
    this.tell({ event: "size", size });
  }

  /** Somebody has it before them who may type into it; one who only looks may be a picture among many. */
  get isLookedAt(): boolean {
    return this.#viewers.someMayWrite;
  }

  tell(event: SessionEvent): void {
    this.#viewers.tell(event);
  }

  /** Shows the session to `viewer`: from `since` on when that is still here, else from a snapshot on. */
  attach(viewer: Viewer, options: AttachOptions): Attachment {
    const attachment = this.#viewers.attach(viewer, options);
    // Who only looks may be a picture among many.
    if (viewer.mayWrite) this.change({ seen: true });
    return attachment;
  }

  /** Holds the program while its terminal lags, or all who look do; lets it go on when neither is so. */
  #hold(): void {
    if (this.#pty === null) return;
    const unparsed = this.#ring.endSeq - this.#parsedSeq;
    const limit = this.#pty.isPaused ? RESUME_UNPARSED_BYTES : MAX_UNPARSED_BYTES;
    const isHeld = !this.#isEnding && (unparsed > limit || this.#viewers.allLag);
    if (isHeld === this.#pty.isPaused) return;
    if (isHeld) this.#pty.pause();
    else this.#pty.resume();
  }
}

function ended({ number }: Session, canGoOn: boolean): KmError {
  return new KmError("session_ended", `Cannot type into session ${number}: its program has ended`, {
    hint: canGoOn
      ? `"km sessions resume ${number}" goes on with it`
      : `"km sessions logs ${number}" prints what it wrote`,
  });
}

function full({ number }: Session): KmError {
  return new KmError(
    "busy",
    `Cannot type into session ${number}: its program does not read what waits for it`,
    {
      hint: `look at it with "km sessions attach ${number}"`,
    },
  );
}
