/** One living session as the sessions thread sees it: its terminal, what it seems to be doing, and what is to be stored. @module */
import { redactText } from "../core/redact.ts";
import type { StateChange, TerminalSize } from "../core/session.ts";
import type { PtyExit } from "../proc/pty.ts";
import { parseHookLine } from "./detect/hooks.ts";
import { StateTracker, type TypedMore } from "./detect/state_tracker.ts";
import { OutputRecorder } from "./output_recorder.ts";
import { ParseLine } from "./parse_line.ts";
import type { InTurns } from "./parse_turns.ts";
import { type TerminalSnapshot, TerminalState } from "./terminal/terminal_state.ts";
import type { FromThread, Opening, OutputCopy } from "./thread_messages.ts";

/** How long what a program wrote last may take to be drawn before its end is told, in ms. */
const LAST_WORDS_MS = 1000;

export interface WatchedSessionDeps {
  readonly post: (message: FromThread) => void;
  readonly nowUs: () => number;
  readonly quietMs: () => number;
}

export class WatchedSession implements InTurns, Disposable {
  readonly id: string;
  readonly number: number;
  readonly terminal: TerminalState;
  readonly recorder: OutputRecorder;
  /** Changes of state that are not stored yet. */
  readonly changes: StateChange[] = [];
  readonly hooksFile: string | null;
  readonly #tracker: StateTracker;
  readonly #line: ParseLine;
  /** Bytes taken, before this thread and by it. */
  #seq: number;
  readonly #deps: WatchedSessionDeps;
  #exitTimer: ReturnType<typeof setTimeout> | undefined;
  #title = "";
  #isRecorded = true;
  #isBlind = false;
  #isBracketedPaste = false;
  #reportedSeq: number;
  readonly #fromSeq: number;
  readonly #asksForeground: boolean;

  constructor({ session, provider, hooksFile, fromSeq }: Opening, deps: WatchedSessionDeps) {
    this.id = session.id;
    this.number = session.number;
    this.hooksFile = hooksFile;
    this.#fromSeq = fromSeq;
    this.#reportedSeq = this.#seq = fromSeq;
    this.recorder = new OutputRecorder(fromSeq);
    this.#asksForeground = provider.quiet === "foreground";
    this.#deps = deps;
    this.#tracker = new StateTracker({
      provider,
      nowUs: deps.nowUs(),
      hasHooks: hooksFile !== null,
      quietUs: deps.quietMs() * 1000,
    });
    this.terminal = new TerminalState({
      size: session.size,
      answer: (bytes) => deps.post({ kind: "reply", number: this.number, bytes: Uint8Array.from(bytes) }),
      signal: (signal) => {
        if (signal.kind === "title") this.#entitle(signal.text);
        if (signal.kind === "notification") {
          deps.post({ kind: "notification", number: this.number, text: redactText(signal.text) });
        }
        if (signal.kind !== "clipboard") this.#changed(this.#tracker.signal(signal, deps.nowUs()));
      },
    });
    this.#line = new ParseLine(this.terminal);
    this.recorder.resize(session.size, deps.nowUs());
    // The store has this one already.
    this.#tracker.started(deps.nowUs());
  }

  /** Bytes that its program has written. */
  get seq(): number {
    return this.#seq;
  }

  /** What makes an empty terminal what this one is. */
  async snapshot(): Promise<TerminalSnapshot> {
    const snapshot = await this.terminal.snapshot();
    return this.#fromSeq === 0 ? snapshot : { ...snapshot, seq: this.#fromSeq + snapshot.seq };
  }

  /** When it wants `look()` to be called, in µs since the Unix epoch; null: not before something happens. */
  get nextLookUs(): number | null {
    return this.#isBlind ? null : this.#tracker.nextLookUs;
  }

  /** Its screen is looked at no more: that failed, and would again. */
  lookNoMore(): void {
    this.#isBlind = true;
  }

  /** Parsed up to here, when that is news. */
  takeParsed(): number | null {
    const parsedSeq = this.#fromSeq + this.terminal.parsedSeq;
    if (parsedSeq === this.#reportedSeq) return null;
    this.#reportedSeq = parsedSeq;
    return parsedSeq;
  }

  /** The store cannot keep it; its terminal goes on. */
  recordNoMore(): void {
    this.#isRecorded = false;
    this.recorder.flush(() => {});
    this.changes.length = 0;
  }

  /** Takes output; `work()` draws it. */
  output({ bytes, timeUs }: OutputCopy): void {
    if (this.#isRecorded) this.recorder.output(bytes, timeUs);
    this.#seq += bytes.length;
    this.#changed(this.#tracker.output(timeUs));
    this.#line.output(bytes);
  }

  work(ms: number): void {
    this.#line.work(ms);
    this.#tellModes();
  }

  /** All that was taken is drawn. */
  get isDone(): boolean {
    return this.#line.isEmpty;
  }

  /** What was drawn before says what it was typed into. */
  typed(
    { submits, clears, ...more }: { readonly submits: boolean; readonly clears: boolean } & TypedMore,
  ): void {
    this.#line.then(() => this.#changed(this.#tracker.typed(this.#deps.nowUs(), submits, clears, more)));
  }

  resize(size: TerminalSize): void {
    this.#line.resize(size);
    if (this.#isRecorded) this.recorder.resize(size, this.#deps.nowUs());
  }

  hook(line: string): void {
    const event = parseHookLine(line);
    if (event === null) return;
    this.#changed(this.#tracker.hook(event, this.#deps.nowUs()));
    if (event.conversationId !== null) {
      this.#deps.post({ kind: "conversation", number: this.number, resumeId: event.conversationId });
    }
  }

  look(): void {
    this.#changed(this.#tracker.screen(this.terminal.screenText(), this.#deps.nowUs(), this.terminal.cursor));
    if (this.#asksForeground) this.#deps.post({ kind: "foreground", number: this.number });
  }

  foreground(isAtPrompt: boolean): void {
    this.#changed(this.#tracker.foreground(isAtPrompt, this.#deps.nowUs()));
  }

  /** A prompt may be typed in: it is idle, and what it shows at this moment is no question. */
  mayType(): boolean {
    return this.isDone && this.#tracker.mayTypeInto(this.terminal.screenText(), this.terminal.cursor);
  }

  /** Told when its last words are drawn, or a while later, when they take too long. */
  exited(exit: PtyExit): void {
    const tell = () => {
      clearTimeout(this.#exitTimer);
      this.#changed(this.#tracker.exited(exit, this.#deps.nowUs()));
    };
    this.#exitTimer = setTimeout(tell, LAST_WORDS_MS);
    this.#line.then(tell);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#exitTimer);
    this.terminal[Symbol.dispose]();
  }

  #changed(change: StateChange | null): void {
    if (change === null) return;
    if (this.#isRecorded) this.changes.push(change);
    this.#deps.post({ kind: "state", number: this.number, change });
  }

  /** Without secrets: it stands in lists, and everybody who may look sees those. */
  get title(): string {
    return redactText(this.terminal.title);
  }

  #entitle(text: string): void {
    const title = redactText(text);
    if (title === this.#title) return;
    this.#title = title;
    this.#deps.post({ kind: "title", number: this.number, title });
  }

  #tellModes(): void {
    if (this.terminal.isBracketedPaste === this.#isBracketedPaste) return;
    this.#isBracketedPaste = this.terminal.isBracketedPaste;
    this.#deps.post({ kind: "paste", number: this.number, isBracketed: this.#isBracketedPaste });
  }
}
