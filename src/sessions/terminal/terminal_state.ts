/**
 * The state of a session's terminal, without a screen: what a viewer that comes, or comes back, is shown, and what detection looks at.
 *
 * Bytes are parsed in order and at once, in pieces: no timers, nothing is ever waiting. A write of a megabyte takes 30 to 60 ms.
 *
 * A full terminal takes 0.7 to 1.6 MB. One that nobody needs for now may hibernate: xterm.js goes, and a snapshot of 70 to 90 kB stays, of which
 * it is made again, in 3 to 6 ms, by whatever needs it. Nobody sees that from outside: what is no part of xterm.js (the title, counts, the answer
 * budget, what is pending of a sequence or a character) stays as it is, and hooks for answers and signals are set when all of the snapshot but
 * the beginning of an unfinished sequence was parsed, so that none of it is answered or told again. It is as exact as snapshots are: of an
 * alternate screen that changed its size, what xterm.js keeps beyond its edges is gone, which programs draw anew.
 * @module
 */
import { visibleStart } from "../../core/printable.ts";
import type { ScreenCells, ScreenCursor } from "../../core/screen.ts";
import { SCROLLBACK_LINES, type TerminalSize } from "../../core/session.ts";
import { Utf8Pieces } from "../../core/utf8_pieces.ts";
import { fingerprint } from "./fingerprint.ts";
import { packLines, unpackLines } from "./packed_lines.ts";
import { PendingBytes } from "./pending_bytes.ts";
import { maskedText, screenAnsi, screenCells, screenText } from "./screen_cells.ts";
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

/** What there is while it does not hibernate. */
interface Xterm {
  readonly core: XtermCore;
  readonly modes: TerminalModes;
}

/** What there is while it hibernates; detection looks at quiet screens again and again, and shall not wake them. */
interface Hibernating {
  readonly snapshot: TerminalSnapshot;
  readonly rows: readonly string[];
  readonly maskedRows: readonly string[];
  readonly cursor: ScreenCursor;
  readonly isAlternate: boolean;
  readonly isBracketedPaste: boolean;
}

/** A terminal. Give it what the program wrote, every byte, in order. */
export class TerminalState implements Disposable {
  readonly #options: TerminalStateOptions;
  readonly #nowMs: () => number;
  readonly #budget: AnswerBudget;
  readonly #utf8 = new Utf8Pieces();
  readonly #pending: PendingBytes;
  #now: Xterm | Hibernating;
  #usedMs: number;
  #seq = 0;
  #faults = 0;
  #rang = false;
  #told = 0;
  #title = "";
  #snapshot: TerminalSnapshot | null = null;

  constructor(options: TerminalStateOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.#usedMs = this.#nowMs();
    this.#budget = new AnswerBudget(this.#nowMs);
    this.#now = this.#open(options.size);
    this.#hook(this.#now);
    this.#pending = new PendingBytes(({ start, bytes }) => {
      if (start.startsWith("52;")) this.#tell({ kind: "clipboard", bytes });
    });
  }

  #open(size: TerminalSize): Xterm {
    const core = openXterm(size, this.#options.scrollbackLines ?? SCROLLBACK_LINES);
    return { core, modes: new TerminalModes(core) };
  }

  #hook({ core, modes }: Xterm): void {
    giveAnswers(core, modes, this.#budget, this.#options.answer);
    followSignals(core, (signal) => this.#tell(signal));
    core.onTitleChange((title) => this.#setTitle(title));
    core.registerEscHandler({ final: "c" }, () => {
      this.#setTitle("");
      return false;
    });
    core.onBell(() => {
      this.#rang = true;
    });
  }

  get isHibernating(): boolean {
    return !("core" in this.#now);
  }

  /** For how long nothing was written to it, and nothing had to wake it, in ms. */
  get unusedMs(): number {
    return this.#nowMs() - this.#usedMs;
  }

  /** Keeps a snapshot and no more, until something needs more. Takes as long as a snapshot, 5 to 20 ms of a full terminal. */
  hibernate(): void {
    if (!("core" in this.#now)) return;
    const { core } = this.#now;
    const { cursor, isAlternate, isBracketedPaste } = this;
    this.#snapshot ??= this.#takeSnapshot();
    this.#now = {
      snapshot: this.#snapshot,
      rows: screenText(core, false),
      maskedRows: maskedText(core, false),
      cursor,
      isAlternate,
      isBracketedPaste,
    };
    core.dispose();
  }

  #awake(): Xterm {
    if ("core" in this.#now) return this.#now;
    const { size, bytes } = this.#now.snapshot;
    const pending = this.#pending.parserBytes();
    const xterm = this.#open(size);
    const text = bytes.subarray(0, bytes.length - this.#pending.bytes().length - this.#utf8.held.length);
    const pieces = new Utf8Pieces();
    for (let at = 0; at < text.length; at += PIECE_BYTES - 4) {
      this.#parse(xterm.core, pieces.take(text.subarray(at, at + PIECE_BYTES - 4)));
      packLines(xterm.core);
    }
    // Before what is pending: the parser asks who takes a string when it begins.
    this.#hook(xterm);
    this.#parse(xterm.core, pending);
    this.#now = xterm;
    this.#usedMs = this.#nowMs();
    return xterm;
  }

  get #core(): XtermCore {
    return this.#awake().core;
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
    if (!("core" in this.#now)) return this.#now.snapshot.size;
    return { cols: this.#core.cols, rows: this.#core.rows };
  }

  /** As the program set it, printable, at most 200 characters. */
  get title(): string {
    return this.#title;
  }

  get cursor(): ScreenCursor {
    if (!("core" in this.#now)) return this.#now.cursor;
    const { x, y } = this.#core.buffers.active;
    return { x, y, visible: this.isCursorVisible };
  }

  get isAlternate(): boolean {
    if (!("core" in this.#now)) return this.#now.isAlternate;
    return this.#core.buffers.active === this.#core.buffers.alt;
  }

  get isBracketedPaste(): boolean {
    if (!("core" in this.#now)) return this.#now.isBracketedPaste;
    return this.#core.coreService.decPrivateModes.bracketedPasteMode;
  }

  get isCursorVisible(): boolean {
    if (!("core" in this.#now)) return this.#now.cursor.visible;
    return !this.#core.coreService.isCursorHidden;
  }

  /** Takes output of the program; `done` is called when it is parsed, before this returns. */
  write(bytes: Uint8Array, done?: () => void): void {
    const { core } = this.#awake();
    const titleBefore = this.#title;
    this.#snapshot = null;
    this.#usedMs = this.#nowMs();
    for (let at = 0; at < bytes.length; at += PIECE_BYTES - 4) {
      this.#feed(core, this.#utf8.take(bytes.subarray(at, at + PIECE_BYTES - 4)));
      packLines(core);
    }
    this.#seq += bytes.length;
    this.#tellLast(titleBefore);
    done?.();
  }

  #feed(core: XtermCore, bytes: Uint8Array): void {
    const wanted = this.#pending.filter(bytes);
    this.#parse(core, wanted);
    const end = this.#pending.parsed(wanted, core._inputHandler._parser.currentState);
    if (end !== null) this.#parse(core, end);
  }

  #parse(core: XtermCore, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    try {
      core._inputHandler.parse(bytes);
    } catch {
      // A defect of xterm.js: the rest of the piece is lost to this copy, and what comes after is not.
      this.#faults++;
      core._inputHandler._parser.reset();
    }
  }

  #setTitle(title: string): void {
    const text = visibleStart(title, MAX_SIGNAL_CHARS);
    this.#title = text;
  }

  #tell(signal: TerminalSignal): void {
    if (++this.#told <= MAX_SIGNALS_PER_WRITE) this.#options.signal(signal);
  }

  /** What is told once for a write. */
  #tellLast(titleBefore: string): void {
    this.#told = 0;
    if (this.#title !== titleBefore) this.#options.signal({ kind: "title", text: this.#title });
    if (this.#rang) this.#options.signal({ kind: "bell" });
    this.#rang = false;
  }

  resize(size: TerminalSize): void {
    const { cols, rows } = this.size;
    if (size.cols === cols && size.rows === rows) return;
    const { core } = this.#awake();
    this.#snapshot = null;
    this.#usedMs = this.#nowMs();
    unpackLines(core);
    core.resize(size.cols, size.rows);
    packLines(core);
  }

  /** What makes an empty terminal of the same size what this one is; kept until something changes. */
  snapshot(): Promise<TerminalSnapshot> {
    this.#snapshot ??= this.#takeSnapshot();
    return Promise.resolve(this.#snapshot);
  }

  #takeSnapshot(): TerminalSnapshot {
    const { core, modes } = this.#awake();
    const text = new TextEncoder().encode(writeSnapshot(core, modes, this.#title));
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
    const scrollback = options.scrollback ?? false;
    if (!scrollback && !("core" in this.#now)) return [...this.#now.rows];
    return screenText(this.#core, scrollback);
  }

  /** The same without secrets: for people and scripts that ask for it. */
  maskedText({ scrollback = false }: { readonly scrollback?: boolean } = {}): string[] {
    if (!scrollback && !("core" in this.#now)) return [...this.#now.maskedRows];
    return maskedText(this.#core, scrollback);
  }

  /** The visible screen with looks, to be printed. */
  screenAnsi(): string {
    return screenAnsi(this.#core);
  }

  /** The visible screen as data. */
  screenCells(): ScreenCells {
    return screenCells(this.#core, this.#title);
  }

  /** Everything on which what comes next may depend, as text: to compare terminals in tests. */
  fingerprint(): string[] {
    return [
      `title ${this.#title}`,
      `modes ${this.#awake().modes.describe()}`,
      `pending ${this.#pending.bytes()} ${this.#utf8.held}`,
      ...fingerprint(this.#core),
    ];
  }

  [Symbol.dispose](): void {
    if ("core" in this.#now) this.#now.core.dispose();
  }
}
