/** A terminal of the page: shows what the daemon sends of a session, and hands over what is typed. @module */
import { FitAddon } from "@xterm/addon-fit";
import { SearchAddon } from "@xterm/addon-search";
import { Unicode11Addon } from "@xterm/addon-unicode11";
import { Terminal } from "@xterm/xterm";
import { SCROLLBACK_LINES, type TerminalSize } from "../../../core/session.ts";
import { type BoundedCore, boundTerminal } from "../../../core/terminal_limits.ts";
import { openWithinPolicy } from "./inline_styles.ts";
import { silenceQueries } from "./silent_queries.ts";
import { FONT, FOUND, THEME } from "./terminal_theme.ts";

/** More than this, received and not drawn, is given up for a fresh snapshot: nobody reads it, and xterm.js fails at 50 MB. */
const MAX_BEHIND_BYTES = 4 * 1024 * 1024;

/** What a program told to report the focus gets. */
const FOCUS_IN = "\x1b[I", FOCUS_OUT = "\x1b[O";

export interface ScreenOptions {
  /** What it is drawn into. */
  readonly host: HTMLElement;
  readonly size: TerminalSize;
  readonly fontSizePx: number;
  /** Only looked at: nothing is typed, found or selected, nothing blinks. */
  readonly isPreview: boolean;
  readonly screenReader?: boolean;
  /** Bytes for the program. */
  onInput?(bytes: Uint8Array): void;
  /** The user pastes; `paste()` goes on with it. */
  onPaste?(text: string): void;
  /** The user wants to follow a link of the program's. */
  onLink?(url: string): void;
  /** Keys that are the page's and not the program's; true: done. */
  onKey?(event: KeyboardEvent): boolean;
  onSelection?(hasSelection: boolean): void;
  /** `index` counts from 0; -1: none is the current one. */
  onFound?(found: { readonly index: number; readonly count: number }): void;
  /** It fell behind, is empty-handed again and needs a fresh snapshot. */
  onBehind?(): void;
  /** Something was drawn, or its size changed. */
  onDrawn?(): void;
}

export class TerminalScreen implements Disposable {
  readonly #options: ScreenOptions;
  readonly #terminal: Terminal;
  readonly #fit = new FitAddon();
  readonly #search = new SearchAddon({ highlightLimit: 1000 });
  readonly #abort = new AbortController();
  /** What waits for a change between two writes; null: nothing does. */
  #held: (() => void)[] | null = null;
  #behindBytes = 0;
  #skips = false;

  constructor(options: ScreenOptions) {
    this.#options = options;
    const terminal = new Terminal({
      ...options.size,
      allowProposedApi: true,
      scrollback: SCROLLBACK_LINES,
      fontFamily: FONT,
      fontSize: options.fontSizePx,
      theme: THEME,
      minimumContrastRatio: options.isPreview ? 1 : 4.5,
      cursorInactiveStyle: options.isPreview ? "none" : "outline",
      disableStdin: options.isPreview,
      screenReaderMode: options.screenReader ?? false,
      macOptionIsMeta: true,
      // Only what a person confirmed is followed.
      linkHandler: { activate: (_event, url) => options.onLink?.(url), allowNonHttpProtocols: false },
    });
    this.#terminal = terminal;
    terminal.loadAddon(new Unicode11Addon());
    terminal.unicode.activeVersion = "11";
    // As: xterm.js has no other way to what it does not bound; BoundedCore says which parts of 6.0.0 are meant.
    boundTerminal((terminal as unknown as { readonly _core: BoundedCore })._core);
    silenceQueries(terminal.parser);
    terminal.loadAddon(this.#fit);
    terminal.loadAddon(this.#search);
    openWithinPolicy(terminal, options.host);
    if (!options.isPreview) this.#listen();
    if (options.onDrawn) terminal.onRender(options.onDrawn);
  }

  #listen(): void {
    const { host, onInput, onPaste, onKey, onSelection, onFound } = this.#options;
    const { signal } = this.#abort;
    const encoder = new TextEncoder();
    this.#terminal.onData((data) => {
      // Also sent because a program asked for them: that is a reply. Those of a person are below.
      if (data !== FOCUS_IN && data !== FOCUS_OUT) onInput?.(encoder.encode(data));
    });
    this.#terminal.onBinary((data) => onInput?.(Uint8Array.from(data, (char) => char.charCodeAt(0))));
    for (const [event, report] of [["focus", FOCUS_IN], ["blur", FOCUS_OUT]] as const) {
      this.#terminal.textarea?.addEventListener(event, () => {
        if (this.#terminal.modes.sendFocusMode) onInput?.(encoder.encode(report));
      }, { signal });
    }
    host.addEventListener("paste", (event) => {
      event.preventDefault();
      event.stopPropagation();
      onPaste?.(event.clipboardData?.getData("text/plain") ?? "");
    }, { capture: true, signal });
    this.#terminal.attachCustomKeyEventHandler((event) => !(onKey?.(event) ?? false));
    this.#terminal.onSelectionChange(() => onSelection?.(this.#terminal.hasSelection()));
    this.#search.onDidChangeResults(({ resultIndex, resultCount }) =>
      onFound?.({ index: resultIndex, count: resultCount })
    );
  }

  /** Becomes what `bytes` make of an empty terminal. */
  snapshot(bytes: Uint8Array, size: TerminalSize): void {
    this.#skips = false;
    this.#between(() => {
      this.#terminal.reset();
      this.#resize(size);
      this.#terminal.write(bytes);
    });
  }

  output(bytes: Uint8Array): void {
    if (this.#skips) return;
    if (this.#behindBytes > MAX_BEHIND_BYTES) {
      this.#skips = true;
      this.#terminal.write("", () => this.#options.onBehind?.());
      return;
    }
    this.#behindBytes += bytes.length;
    const write = () => this.#terminal.write(bytes, () => this.#behindBytes -= bytes.length);
    if (this.#held) this.#held.push(write);
    else write();
  }

  /** The program's terminal has another size from here on. */
  setSize(size: TerminalSize): void {
    this.#between(() => this.#resize(size));
  }

  /** Runs `change` after all that was written before, and before all that is written after. */
  #between(change: () => void): void {
    if (this.#held) return void this.#held.push(change);
    this.#held = [];
    this.#terminal.write("", () => {
      const held = this.#held ?? [];
      this.#held = null;
      if (this.#abort.signal.aborted) return;
      change();
      for (const next of held) next();
    });
  }

  #resize({ cols, rows }: TerminalSize): void {
    if (cols !== this.#terminal.cols || rows !== this.#terminal.rows) this.#terminal.resize(cols, rows);
    this.#options.onDrawn?.();
  }

  get size(): TerminalSize {
    return { cols: this.#terminal.cols, rows: this.#terminal.rows };
  }

  /** The size that would fill the place it is drawn in; null: that is not shown. */
  fittingSize(): TerminalSize | null {
    const size = this.#fit.proposeDimensions();
    if (size === undefined || !(size.cols > 1) || !(size.rows > 0)) return null;
    return size;
  }

  /** What it is drawn with takes this much room, in CSS pixels. */
  get drawnSize(): { readonly width: number; readonly height: number } {
    const screen = this.#options.host.querySelector<HTMLElement>(".xterm-screen");
    return { width: screen?.offsetWidth ?? 0, height: screen?.offsetHeight ?? 0 };
  }

  /** Rows from the top of the screen to the last one that shows something. */
  get filledRows(): number {
    const { active } = this.#terminal.buffer;
    let row = this.#terminal.rows - 1;
    while (row > active.cursorY && active.getLine(active.baseY + row)?.translateToString(true) === "") row--;
    return row + 1;
  }

  get fontSizePx(): number {
    return this.#terminal.options.fontSize ?? this.#options.fontSizePx;
  }

  set fontSizePx(value: number) {
    if (value !== this.fontSizePx) this.#terminal.options.fontSize = value;
  }

  set screenReader(value: boolean) {
    this.#terminal.options.screenReaderMode = value;
  }

  set isReadOnly(value: boolean) {
    this.#terminal.options.disableStdin = value;
  }

  /** Several lines would run as they come: the program does not take a paste as one. */
  get takesPasteByLines(): boolean {
    return !this.#terminal.modes.bracketedPasteMode;
  }

  /** Cursor keys are sent as `ESC O A`. */
  get hasApplicationCursor(): boolean {
    return this.#terminal.modes.applicationCursorKeysMode;
  }

  /** Pastes; without escapes, which could end the bracket around it. */
  paste(text: string): void {
    // deno-lint-ignore no-control-regex -- that is what is looked for
    this.#terminal.paste(text.replace(/[\x1b\x9b]/g, ""));
  }

  focus(): void {
    this.#terminal.focus();
  }

  get selection(): string {
    return this.#terminal.getSelection();
  }

  /** Marks what matches, and goes to the next or previous one. An empty text ends it. */
  find(text: string, direction: "next" | "previous", isIncremental = false): void {
    if (text === "") {
      this.#search.clearDecorations();
      this.#terminal.clearSelection();
      return;
    }
    const options = { decorations: FOUND, incremental: isIncremental };
    if (direction === "next") this.#search.findNext(text, options);
    else this.#search.findPrevious(text, options);
  }

  [Symbol.dispose](): void {
    this.#abort.abort();
    this.#terminal.dispose();
  }
}
