/**
 * Reads `/api/stream`: an EventSource that is opened again when the browser gives up on it, from the last event that was seen.
 *
 * A dropped connection the browser mends itself, with `Last-Event-ID`. An answer that is no stream (signed out, too many streams, km
 * restarting) it takes as final; then this waits, twice as long each time, and says so that somebody may ask why.
 * @module
 */

export type StreamState = "connecting" | "live" | "reconnecting";

/** What is used of an EventSource. */
export interface EventStream {
  readonly readyState: number;
  addEventListener(name: string, listener: (event: MessageEvent<string>) => void): void;
  close(): void;
}

export interface StreamHandlers {
  /** An event, as JSON text. */
  onEvent(json: string): void;
  /** Something was left out and must be loaded again; `missed` is null when nobody knows how much. */
  onResync(reason: string, missed: number | null): void;
  onState(state: StreamState): void;
  /** km answered, and not with a stream. */
  onRefused(): void;
}

export interface StreamDeps {
  open(url: string): EventStream;
  /** Calls back after `delayMs`; returns what prevents it. */
  after(delayMs: number, callback: () => void): () => void;
}

/** EventSource.CLOSED. */
const CLOSED = 2;
const FIRST_DELAY_MS = 1000;
const LONGEST_DELAY_MS = 30_000;

export class StreamReader {
  readonly #urlAfter: (cursor: string) => string;
  readonly #handlers: StreamHandlers;
  readonly #deps: StreamDeps;
  #cursor: string;
  #stream: EventStream | null = null;
  #cancelTimer: (() => void) | null = null;
  #delayMs = FIRST_DELAY_MS;

  /** Begins to read what came after `cursor`. */
  constructor(
    cursor: string,
    urlAfter: (cursor: string) => string,
    handlers: StreamHandlers,
    deps: StreamDeps = BROWSER,
  ) {
    this.#cursor = cursor;
    this.#urlAfter = urlAfter;
    this.#handlers = handlers;
    this.#deps = deps;
    this.#open("connecting");
  }

  /** Cursor of the last event that was handed over. */
  get cursor(): string {
    return this.#cursor;
  }

  close(): void {
    this.#cancelTimer?.();
    this.#stream?.close();
    this.#stream = null;
  }

  #open(state: StreamState): void {
    this.#handlers.onState(state);
    const stream = this.#deps.open(this.#urlAfter(this.#cursor));
    this.#stream = stream;
    // What a closed stream still had in the queue of the page must not count.
    const on = (name: string, listener: (event: MessageEvent<string>) => void) =>
      stream.addEventListener(name, (event) => {
        if (this.#stream === stream) listener(event);
      });
    on("open", () => {
      this.#delayMs = FIRST_DELAY_MS;
      this.#handlers.onState("live");
    });
    on("event", (event) => {
      if (event.lastEventId !== "") this.#cursor = event.lastEventId;
      this.#handlers.onEvent(event.data);
    });
    on("resync", (event) => this.#resync(event.data));
    on("error", () => {
      if (stream.readyState === CLOSED) this.#refused();
      else this.#handlers.onState("reconnecting");
    });
  }

  #resync(data: string): void {
    const { reason = "unknown", missed = null, cursor } = parseResync(data);
    if (cursor !== undefined) this.#cursor = cursor;
    this.#handlers.onResync(reason, missed);
  }

  #refused(): void {
    this.#stream = null;
    this.#handlers.onState("reconnecting");
    this.#cancelTimer = this.#deps.after(this.#delayMs, () => this.#open("reconnecting"));
    this.#delayMs = Math.min(LONGEST_DELAY_MS, this.#delayMs * 2);
    this.#handlers.onRefused();
  }
}

function parseResync(data: string): { reason?: string; missed?: number | null; cursor?: string } {
  try {
    return JSON.parse(data) ?? {};
  } catch {
    return {};
  }
}

const BROWSER: StreamDeps = {
  // As: listeners of an EventSource's own names get what MessageEvent has, and "open" and "error" are not looked at.
  open: (url) => new EventSource(url) as EventStream,
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};
