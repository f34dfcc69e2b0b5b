/** A small terminal of the grid: what a session shows, for looking only. @module */
import type { AttachedSession } from "../../client/session_socket.ts";
import { loadTerminal } from "./load_terminal.ts";
import type { SessionBody } from "./session_states.ts";
import { sessionsFeed } from "./sessions_feed.ts";
import type { TerminalScreen } from "./terminal/terminal_screen.ts";

const FONT_PX = 12;

export class PreviewTerminal implements Disposable {
  readonly #host: HTMLElement;
  readonly #session: SessionBody;
  readonly #observer: ResizeObserver;
  #screen: TerminalScreen | null = null;
  #attached: AttachedSession | null = null;
  #isDisposed = false;
  #frame = 0;

  constructor(host: HTMLElement, session: SessionBody) {
    this.#host = host;
    this.#session = session;
    this.#observer = new ResizeObserver(() => this.#scaleSoon());
    this.#open().catch(() => {}); // The tile says what the session does also without its screen.
  }

  async #open(): Promise<void> {
    const { TerminalScreen } = await loadTerminal();
    if (this.#isDisposed) return;
    const screen = new TerminalScreen({
      host: this.#host,
      size: this.#session.size,
      fontSizePx: FONT_PX,
      isPreview: true,
      onBehind: () => void this.#attachAgain(screen),
      onDrawn: () => this.#scaleSoon(),
    });
    this.#screen = screen;
    this.#observer.observe(this.#host.parentElement ?? this.#host);
    await this.#attach(screen);
  }

  async #attach(screen: TerminalScreen): Promise<void> {
    const attached = await sessionsFeed.attach(this.#session.id, {
      write: false,
      onSnapshot: (bytes, size) => {
        screen.snapshot(bytes, size);
      },
      onOutput: (bytes) => screen.output(bytes),
      onEvent: (event) => {
        if (event.event === "size") screen.setSize(event.size);
      },
      onGone: () => {},
    });
    if (this.#isDisposed) attached.detach();
    else this.#attached = attached;
  }

  async #attachAgain(screen: TerminalScreen): Promise<void> {
    this.#attached?.detach();
    this.#attached = null;
    if (!this.#isDisposed) await this.#attach(screen).catch(() => {});
  }

  #scaleSoon(): void {
    if (this.#frame !== 0 || this.#isDisposed) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#scale();
    });
  }

  /** As wide as the tile; when the last line that shows something would be below it, what is above is cut off. */
  #scale(): void {
    const place = this.#host.parentElement;
    const screen = this.#screen;
    if (!place || !screen) return;
    const { width, height } = screen.drawnSize;
    if (width === 0 || height === 0) return;
    const scale = Math.min(1, place.clientWidth / width);
    const filledPx = height * scale * screen.filledRows / screen.size.rows;
    const transform = `translateY(${
      Math.min(0, Math.floor(place.clientHeight - filledPx))
    }px) scale(${scale})`;
    if (this.#host.style.transform !== transform) this.#host.style.transform = transform;
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    cancelAnimationFrame(this.#frame);
    this.#observer.disconnect();
    this.#attached?.detach();
    this.#screen?.[Symbol.dispose]();
    this.#host.style.transform = "";
  }
}
