/**
 * The state of a session's terminal, without a screen: what a viewer that comes, or comes back, is shown, and what detection looks at.
 *
 * Bytes are parsed in order and at once, in pieces: no timers, nothing is ever waiting. A write of a megabyte takes 30 to 60 ms.
 * @module
 */
import { visibleStart } from "../../core/printable.ts";
import type { ScreenCells, ScreenCursor } from "../../core/screen.ts";
import { SCROLLBACK_LINES, type TerminalSize } from "../../core/session.ts";
import { Utf8Pieces } from "../../core/utf8_pieces.ts";
import { fingerprint } from "./fingerprint.ts";
import { packLines, unpackLines } from "./packed_lines.ts";
import { PendingBytes } from "./pending_bytes.ts";
import { screenAnsi, screenCells, screenText } from "./screen_cells.ts";
import { type ScrollbackHit, searchScrollback } from "./scrollback_search.ts";
import { writeSnapshot } from "./snapshot.ts";
import { AnswerBudget, giveAnswers } from "./terminal_answers.ts";
import { TerminalModes } from "./terminal_modes.ts";
import {
  followSignals,
  MAX_SIGNAL_CHARS,
  MAX_SIGNALS_PER_WRITE,
  type TerminalSignal,
} from "./terminal_signals.ts";
import { openXterm, PIECE_BYTES, type XtermCore } from "./xterm_core.ts";

export type { TerminalSignal } from "./terminal_signals.ts";

export interface TerminalStateOptions {
  readonly size: TerminalSize;
  /** Lines above the screen; `SCROLLBACK_LINES` unless said otherwise. */
  readonly scrollbackLines?: number;
  /** Takes answers to the program's questions: they belong into its PTY. */
  readonly answer: (bytes: Uint8Array) => void;
  readonly signal: (signal: TerminalSignal) => void;
  /** A clock in ms that never goes back; by it answers are bounded. */
  readonly nowMs?: () => number;
}

/** What makes an empty terminal of `size` what another one was. */
export interface TerminalSnapshot {
  /** Bytes of the program that are in it. */
  readonly seq: number;
  readonly size: TerminalSize;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly title: string;
}

/** A terminal. Give it what the program wrote, every byte, in order. */
export class TerminalState implements Disposable {
  readonly #core: XtermCore;
  readonly #modes: TerminalModes;
  readonly #budget: AnswerBudget;
  readonly #utf8 = new Utf8Pieces();
  readonly #pending: PendingBytes;
  readonly #signal: (signal: TerminalSignal) => void;
  #seq = 0;
  #faults = 0;
  #rang = false;
  #told = 0;
  #title = "";
  #snapshot: TerminalSnapshot | null = null;

  constructor(options: TerminalStateOptions) {
    const { size, scrollbackLines = SCROLLBACK_LINES, nowMs = () => performance.now() } = options;
    const core = openXterm(size, scrollbackLines);
    this.#core = core;
    this.#signal = options.signal;
    this.#modes = new TerminalModes(core);
    this.#budget = new AnswerBudget(nowMs);
    giveAnswers(core, this.#modes, this.#budget, options.answer);
    followSignals(core, (signal) => this.#tell(signal));
    core.onTitleChange((title) => this.#setTitle(title));
    core.registerEscHandler({ final: "c" }, () => {
      this.#setTitle("");
      return false;
    });
    core.onBell(() => {
      this.#rang = true;
    });
    this.#pending = new PendingBytes(({ start, bytes }) => {
      if (start.startsWith("52;")) this.#tell({ kind: "clipboard", bytes });
    });
  }

  /** Bytes taken so far. */
  get takenSeq(): number {
    return this.#seq;
  }

  /** Bytes parsed so far: all that were taken. */
  get parsedSeq(): number {
    return this.#seq;
  }

  /** Answers that were not given since there were too many questions, and pieces in which xterm.js failed. */
  get counts(): { readonly answersDropped: number; readonly faults: number } {
    return { answersDropped: this.#budget.dropped, faults: this.#faults };
  }

  get size(): TerminalSize {
    return { cols: this.#core.cols, rows: this.#core.rows };
  }

  /** As the program set it, printable, at most 200 characters. */
  get title(): string {
    return this.#title;
  }

  get cursor(): ScreenCursor {
    const { x, y } = this.#core.buffers.active;
    return { x, y, visible: this.isCursorVisible };
  }

  get isAlternate(): boolean {
    return this.#core.buffers.active === this.#core.buffers.alt;
  }

  get isBracketedPaste(): boolean {
    return this.#core.coreService.decPrivateModes.bracketedPasteMode;
  }

  get isCursorVisible(): boolean {
    return !this.#core.coreService.isCursorHidden;
  }

  /** Takes output of the program; `done` is called when it is parsed, before this returns. */
  write(bytes: Uint8Array, done?: () => void): void {
    const titleBefore = this.#title;
    this.#snapshot = null;
    for (let at = 0; at < bytes.length; at += PIECE_BYTES - 4) {
      this.#feed(this.#utf8.take(bytes.subarray(at, at + PIECE_BYTES - 4)));
      packLines(this.#core);
    }
    this.#seq += bytes.length;
    this.#tellLast(titleBefore);
    done?.();
  }

  #feed(bytes: Uint8Array): void {
    const wanted = this.#pending.filter(bytes);
    this.#parse(wanted);
    const end = this.#pending.parsed(wanted, this.#core._inputHandler._parser.currentState);
    if (end !== null) this.#parse(end);
  }

  #parse(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    try {
      this.#core._inputHandler.parse(bytes);
    } catch {
      // A defect of xterm.js: the rest of the piece is lost to this copy, and what comes after is not.
      this.#faults++;
      this.#core._inputHandler._parser.reset();
    }
  }

  #setTitle(title: string): void {
    const text = visibleStart(title, MAX_SIGNAL_CHARS);
    this.#title = text;
  }

  #tell(signal: TerminalSignal): void {
    if (++this.#told <= MAX_SIGNALS_PER_WRITE) this.#signal(signal);
  }

  /** What is told once for a write. */
  #tellLast(titleBefore: string): void {
    this.#told = 0;
    if (this.#title !== titleBefore) this.#signal({ kind: "title", text: this.#title });
    if (this.#rang) this.#signal({ kind: "bell" });
    this.#rang = false;
  }

  resize(size: TerminalSize): void {
    if (size.cols === this.#core.cols && size.rows === this.#core.rows) return;
    this.#snapshot = null;
    unpackLines(this.#core);
    this.#core.resize(size.cols, size.rows);
    packLines(this.#core);
  }

  /** What makes an empty terminal of the same size what this one is; kept until something changes. */
  snapshot(): Promise<TerminalSnapshot> {
    this.#snapshot ??= this.#takeSnapshot();
    return Promise.resolve(this.#snapshot);
  }

  #takeSnapshot(): TerminalSnapshot {
    const text = new TextEncoder().encode(writeSnapshot(this.#core, this.#modes, this.#title));
    const pending = this.#pending.bytes();
    const { held } = this.#utf8;
    const bytes = new Uint8Array(text.length + pending.length + held.length);
    bytes.set(text);
    bytes.set(pending, text.length);
    bytes.set(held, text.length + pending.length);
    return { seq: this.#seq, size: this.size, bytes, title: this.#title };
  }

  /** Rows as text, without blanks at their ends; with the lines above the screen if `scrollback`. */
  screenText(options: { readonly scrollback?: boolean } = {}): string[] {
    return screenText(this.#core, options.scrollback ?? false);
  }

  /** The visible screen with looks, to be printed. */
  screenAnsi(): string {
    return screenAnsi(this.#core);
  }

  /** The visible screen as data. */
  screenCells(): ScreenCells {
    return screenCells(this.#core, this.#title);
  }

  /** At most `limit` places where `text` stands, newest first, whatever its case. */
  searchScrollback(text: string, limit: number): ScrollbackHit[] {
    return searchScrollback(this.#core, text, limit);
  }

  /** Everything on which what comes next may depend, as text: to compare terminals in tests. */
  fingerprint(): string[] {
    return [
      `title ${this.#title}`,
      `modes ${this.#modes.describe()}`,
      `pending ${this.#pending.bytes()} ${this.#utf8.held}`,
      ...fingerprint(this.#core),
    ];
  }

  [Symbol.dispose](): void {
    this.#core.dispose();
  }
}
