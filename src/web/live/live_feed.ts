/**
 * What Live shows, kept up to date: begins with the newest page of `/api/activity`, goes on with the stream from that page's cursor, so that
 * nothing is lost or doubled between them, and pages older rows in on request.
 *
 * Events are gathered and handed to the table once for each frame that is drawn. When paused they wait, as many as the table could hold.
 * @module
 */
import type { ActivityPage } from "./activity_page.ts";
import { apiQuery, type LiveFilters } from "./live_filters.ts";
import { RateMeter } from "./rate_meter.ts";
import { readRow, type Row } from "../message/row.ts";
import { MAX_ROWS, RowBuffer } from "./row_buffer.ts";
import type { StreamHandlers, StreamState } from "./stream_reader.ts";

/** Rows asked for at first: what is soon there. */
const PAGE_ROWS = 200;
/** Rows asked for when somebody scrolls up: what is not soon used up. */
const OLDER_ROWS = 500;
/** When rows are chosen here and not by the API, pages are larger and several are looked through. */
const SIEVED_PAGE_ROWS = 1000;
const MAX_SIEVED_PAGES = 5;
/** A tab in the background draws no frames; then this many events are taken in without one. */
const MAX_WAITING = 2000;

export type FeedState = StreamState | "loading" | "failed";

export interface FeedDeps {
  fetchPage(query: string, signal: AbortSignal): Promise<ActivityPage>;
  openStream(cursor: string, urlAfter: (cursor: string) => string, handlers: StreamHandlers): {
    close(): void;
  };
  /** Calls back before the next frame is drawn; returns what prevents it. */
  onFrame(callback: () => void): () => void;
  nowMs(): number;
}

export class LiveFeed {
  readonly rows: RowBuffer<Row>;
  readonly #filters: LiveFilters;
  readonly #onChange: () => void;
  readonly #deps: FeedDeps;
  readonly #meter = new RateMeter();
  #state: FeedState = "loading";
  #error: unknown = null;
  #paused = false;
  #waiting: Row[] = [];
  #olderCursor: string | null = null;
  #loadingOlder = false;
  #resyncs = 0;
  #stream: { close(): void } | null = null;
  #aborter = new AbortController();
  #cancelFrame: (() => void) | null = null;

  /** Begins to load. `onChange` is called when there is something else to draw, at most once for each frame. */
  constructor(
    filters: LiveFilters,
    onChange: () => void,
    options: { readonly capacity?: number; readonly deps: FeedDeps },
  ) {
    this.rows = new RowBuffer(options.capacity ?? MAX_ROWS);
    this.#filters = filters;
    this.#onChange = onChange;
    this.#deps = options.deps;
    void this.load();
  }

  get state(): FeedState {
    return this.#state;
  }

  /** Why loading failed; null when it did not. */
  get error(): unknown {
    return this.#error;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** Events that came since it was paused. */
  get waiting(): number {
    return this.#waiting.length;
  }

  get loadingOlder(): boolean {
    return this.#loadingOlder;
  }

  /** True while the store has older rows and there is room for them. */
  get hasOlder(): boolean {
    return this.#olderCursor !== null && this.rows.length < this.rows.capacity;
  }

  /** How often everything had to be loaded again. */
  get resyncs(): number {
    return this.#resyncs;
  }

  perSecond(): number {
    return this.#meter.perSecond(this.#deps.nowMs());
  }

  /** Loads the newest rows and streams from there; what was shown is forgotten once they are here. */
  async load(): Promise<void> {
    this.#stop();
    const { signal } = this.#aborter = new AbortController();
    this.#setState("loading");
    try {
      const page = await this.#fetch(null, signal);
      if (signal.aborted) return;
      this.rows.clear();
      this.#waiting = [];
      this.rows.append(page.rows.toReversed());
      this.#olderCursor = page.nextCursor;
      this.#error = null;
      this.#stream = this.#deps.openStream(
        page.streamCursor,
        (cursor) => this.#streamUrl(cursor),
        this.#handlers(),
      );
    } catch (cause) {
      if (signal.aborted) return;
      this.#error = cause;
      this.#setState("failed");
    }
    this.#changed();
  }

  /** Puts older rows before those that are held. */
  async loadOlder(): Promise<void> {
    if (this.#loadingOlder || !this.hasOlder) return;
    const { signal } = this.#aborter;
    this.#loadingOlder = true;
    this.#changed();
    try {
      const page = await this.#fetch(this.#olderCursor, signal);
      if (signal.aborted) return;
      this.rows.prepend(page.rows);
      this.#olderCursor = page.nextCursor;
    } catch {
      // Scrolling there again asks again; the stream tells whether km can be reached.
    } finally {
      this.#loadingOlder = false;
      this.#changed();
    }
  }

  setPaused(paused: boolean): void {
    this.#paused = paused;
    if (!paused) this.#takeIn();
    this.#changed();
  }

  /** Forgets the rows; what comes from now on is shown. */
  clear(): void {
    this.rows.clear();
    this.#waiting = [];
    this.#olderCursor = null;
    this.#changed();
  }

  close(): void {
    this.#stop();
    this.#cancelFrame?.();
    this.#cancelFrame = null;
  }

  #stop(): void {
    this.#aborter.abort();
    this.#stream?.close();
    this.#stream = null;
  }

  /** The newest page, or the one at `cursor`; where rows are chosen here, several pages as one. */
  async #fetch(cursor: string | null, signal: AbortSignal): Promise<ActivityPage> {
    const sieved = this.#filters.outcome !== "";
    const limit = String(sieved ? SIEVED_PAGE_ROWS : cursor === null ? PAGE_ROWS : OLDER_ROWS);
    const rows: Row[] = [];
    let streamCursor: string | null = null;
    let next = cursor;
    for (let pages = 0; pages < (sieved ? MAX_SIEVED_PAGES : 1); pages++) {
      const query = apiQuery(this.#filters, { limit, ...(next !== null && { cursor: next }) });
      const page = await this.#deps.fetchPage(query, signal);
      // The first page knows where the stream goes on; later ones are older.
      streamCursor ??= page.streamCursor;
      rows.push(...page.rows.filter((row) => this.#isWanted(row)));
      next = page.nextCursor;
      if (next === null || rows.length >= PAGE_ROWS) break;
    }
    return { rows, nextCursor: next, streamCursor: streamCursor ?? "" };
  }

  #isWanted(row: Row): boolean {
    return this.#filters.outcome === "" || row.failed;
  }

  #streamUrl(cursor: string): string {
    return `/api/stream${apiQuery(this.#filters, { after: cursor })}`;
  }

  #handlers(): StreamHandlers {
    return {
      onEvent: (json) => this.#receive(json),
      onResync: () => {
        this.#resyncs++;
        void this.load();
      },
      onState: (state) => this.#setState(state),
      onRefused: () => {
        // Somebody who is signed out learns it here; other reasons pass.
        void this.#deps.fetchPage("?limit=1", this.#aborter.signal).catch(() => {});
      },
    };
  }

  #receive(json: string): void {
    const row = readRow(json);
    this.#meter.add(1, this.#deps.nowMs());
    if (!this.#isWanted(row)) return;
    this.#waiting.push(row);
    // What waits longer than the table could show is let go, half of it at once so that it costs little.
    if (this.#waiting.length >= 2 * this.rows.capacity) {
      this.#waiting = this.#waiting.slice(-this.rows.capacity);
    }
    if (!this.#paused && this.#waiting.length >= MAX_WAITING) this.#takeIn();
    this.#changed();
  }

  #takeIn(): void {
    if (this.#waiting.length === 0) return;
    this.rows.append(this.#waiting);
    this.#waiting = [];
  }

  #setState(state: FeedState): void {
    this.#state = state;
    this.#changed();
  }

  #changed(): void {
    this.#cancelFrame ??= this.#deps.onFrame(() => {
      this.#cancelFrame = null;
      if (!this.#paused) this.#takeIn();
      this.#onChange();
    });
  }
}
