/** The terminal that fills the page: attached to its session, in the size that is agreed on. @module */
import type { AttachedSession, WireEvent } from "../../client/session_socket.ts";
import { hasEnded, type TerminalSize } from "../../core/session.ts";
import { loadTerminal } from "./load_terminal.ts";
import type { SessionBody } from "./session_states.ts";
import { sessionsFeed } from "./sessions_feed.ts";
import type { TerminalScreen } from "./terminal/terminal_screen.ts";

const FONT_PX = 13, MIN_FONT_PX = 6;

export interface TerminalState {
  readonly phase: "loading" | "shown" | "gone";
  /** Why it is gone, or what failed. */
  readonly problem: string | null;
  /** The session has the size of this page. */
  readonly isOwner: boolean;
  readonly size: TerminalSize;
  readonly hasSelection: boolean;
  readonly found: { readonly index: number; readonly count: number };
}

export interface SessionTerminalOptions {
  readonly host: HTMLElement;
  readonly session: SessionBody;
  /** It takes the session's size when nobody has it; a phone never does without being asked. */
  readonly offersSize: boolean;
  readonly screenReader: boolean;
  onState(state: TerminalState): void;
  onPaste(text: string, isByLines: boolean): void;
  onLink(url: string): void;
  onKey(event: KeyboardEvent): boolean;
  /** May change what is typed: a held Ctrl. */
  onTyped(bytes: Uint8Array): Uint8Array;
}

export class SessionTerminal implements Disposable {
  readonly #options: SessionTerminalOptions;
  readonly #observer: ResizeObserver;
  #screen: TerminalScreen | null = null;
  #attached: AttachedSession | null = null;
  #isDisposed = false;
  #isReadOnly = false;
  #layoutFrame = 0;
  #asked: TerminalSize | null = null;
  #state: TerminalState;

  constructor(options: SessionTerminalOptions) {
    this.#options = options;
    this.#state = {
      phase: "loading",
      problem: null,
      isOwner: false,
      size: options.session.size,
      hasSelection: false,
      found: { index: -1, count: 0 },
    };
    this.#observer = new ResizeObserver(() => this.#layoutSoon());
    this.#open().catch((error) => this.#tell({ phase: "gone", problem: messageOf(error) }));
  }

  async #open(): Promise<void> {
    const { host, session, onPaste, onLink, onKey, onTyped, screenReader } = this.#options;
    const { TerminalScreen } = await loadTerminal();
    if (this.#isDisposed) return;
    const screen = new TerminalScreen({
      host,
      size: session.size,
      fontSizePx: FONT_PX,
      isPreview: false,
      screenReader,
      onInput: (bytes) => this.type(onTyped(bytes)),
      onPaste: (text) => {
        if (!this.#isReadOnly) onPaste(text, screen.takesPasteByLines);
      },
      onLink,
      onKey,
      onSelection: (hasSelection) => this.#tell({ hasSelection }),
      onFound: (found) => this.#tell({ found }),
      onBehind: () => void this.#attachAgain(),
    });
    this.#screen = screen;
    screen.isReadOnly = this.#isReadOnly;
    this.#observer.observe(host.parentElement ?? host);
    await this.#attach();
    if (!this.#isDisposed) screen.focus();
  }

  async #attach(): Promise<void> {
    const { session, offersSize } = this.#options;
    const screen = this.#screen;
    if (!screen) return;
    const size = offersSize && !hasEnded(session.state) ? screen.fittingSize() : null;
    this.#asked = size;
    const attached = await sessionsFeed.attach(session.id, {
      write: true,
      ...(size && { size }),
      onSnapshot: (bytes, size) => {
        screen.snapshot(bytes, size);
        this.#sized(size);
        this.#tell({ phase: "shown", problem: null });
      },
      onOutput: (bytes) => screen.output(bytes),
      onEvent: (event) => this.#take(event),
      onGone: (problem) => this.#tell({ phase: "gone", problem }),
    });
    if (this.#isDisposed) return attached.detach();
    this.#attached = attached;
    if (size) await this.#offer(size);
  }

  async #attachAgain(): Promise<void> {
    this.#attached?.detach();
    this.#attached = null;
    await this.#attach().catch((error) => this.#tell({ phase: "gone", problem: messageOf(error) }));
  }

  #take(event: WireEvent): void {
    if (event.event !== "size") return;
    this.#screen?.setSize(event.size);
    this.#sized(event.size);
    // Another one took it, or left it to this page: only asking tells.
    if (this.#asked && !isSame(event.size, this.#asked)) this.#tell({ isOwner: false });
    this.#layoutSoon();
  }

  #sized(size: TerminalSize): void {
    if (!isSame(size, this.#state.size)) this.#tell({ size });
    this.#layoutSoon();
  }

  #layoutSoon(): void {
    if (this.#layoutFrame !== 0) return;
    this.#layoutFrame = requestAnimationFrame(() => {
      this.#layoutFrame = 0;
      if (!this.#isDisposed) this.#layout();
    });
  }

  /** The owner's terminal fills its place; everybody else's is as large as fits. */
  #layout(): void {
    const screen = this.#screen;
    if (!screen) return;
    const { host } = this.#options;
    host.classList.toggle("is-scaled", !this.#state.isOwner);
    if (this.#state.isOwner) {
      screen.fontSizePx = FONT_PX;
      const size = screen.fittingSize();
      if (size && !(this.#asked && isSame(size, this.#asked))) void this.#offer(size);
      return;
    }
    const place = host.parentElement ?? host;
    const { width, height } = screen.drawnSize;
    if (width === 0 || height === 0) return;
    const scale = Math.min((place.clientWidth - 20) / width, Math.max((place.clientHeight - 12) / height, 0));
    const fontPx = Math.floor(screen.fontSizePx * scale * 2) / 2;
    screen.fontSizePx = Math.min(FONT_PX, Math.max(MIN_FONT_PX, fontPx));
  }

  async #offer(size: TerminalSize, take = false): Promise<void> {
    this.#asked = size;
    try {
      const isOwner = await this.#attached?.resize(size, take) ?? false;
      this.#tell({ isOwner });
      this.#layoutSoon();
    } catch {
      this.#tell({ isOwner: false }); // Who only reads has no say in it.
    }
  }

  /** Makes the session as large as this page. */
  async takeSize(): Promise<void> {
    const screen = this.#screen;
    if (!screen) return;
    // Measured as the owner's terminal is drawn.
    this.#options.host.classList.remove("is-scaled");
    screen.fontSizePx = FONT_PX;
    const size = screen.fittingSize();
    if (size) await this.#offer(size, true);
  }

  /** Types bytes as they are. */
  type(bytes: Uint8Array): void {
    if (this.#isReadOnly || !sessionsFeed.mayWrite) return;
    try {
      this.#attached?.input(bytes);
    } catch (error) {
      this.#tell({ problem: messageOf(error) });
    }
  }

  paste(text: string): void {
    this.#screen?.paste(text);
    this.#screen?.focus();
  }

  set isReadOnly(value: boolean) {
    this.#isReadOnly = value;
    if (this.#screen) this.#screen.isReadOnly = value;
  }

  set screenReader(value: boolean) {
    if (this.#screen) this.#screen.screenReader = value;
  }

  get hasApplicationCursor(): boolean {
    return this.#screen?.hasApplicationCursor ?? false;
  }

  get selection(): string {
    return this.#screen?.selection ?? "";
  }

  find(text: string, direction: "next" | "previous", isIncremental = false): void {
    this.#screen?.find(text, direction, isIncremental);
  }

  focus(): void {
    this.#screen?.focus();
  }

  #tell(change: Partial<TerminalState>): void {
    if (this.#isDisposed) return;
    this.#state = { ...this.#state, ...change };
    this.#options.onState(this.#state);
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    cancelAnimationFrame(this.#layoutFrame);
    this.#observer.disconnect();
    this.#attached?.detach();
    this.#screen?.[Symbol.dispose]();
  }
}

function isSame(a: TerminalSize, b: TerminalSize): boolean {
  return a.cols === b.cols && a.rows === b.rows;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
