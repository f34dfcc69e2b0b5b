/**
 * Follows the store while somebody listens: looks every 50 ms whether another connection has written (10 µs), reads what is new once, and
 * posts it for all groups. Whatever is too much is skipped and told, so that neither memory nor delay grows with what comes in.
 * @module
 */
import type { Resync } from "../api/stream/frames.ts";
import { eventFrame } from "../api/stream/frames.ts";
import { collectPage } from "../api/stream/page.ts";
import { type Database, openDatabase } from "../store/database.ts";
import { eventMatcher, firstSeq, readTail, type TailEvent } from "../store/event_tail.ts";
import { dataVersion, lastSeq } from "../store/events.ts";
import { PageBuilder, type PageGroup } from "./tail_page.ts";
import type { FromTail, JoinState, TailGroup, ToTail } from "./tail_messages.ts";

export interface TailOptions {
  readonly path: string;
  post(message: FromTail, transfer: ArrayBuffer[]): void;
  /** How often it looks, in ms. */
  readonly pollMs?: number;
  /** How many events may wait to be read before they are skipped. */
  readonly maxBehind?: number;
}

const POLL_MS = 50;
/** At 60,000 events/s this is a third of a second; what is further behind is no longer live. */
const MAX_BEHIND = 20_000;
/** Pages that may be on their way to the hub: one that it passes on, one that waits. */
const MAX_PAGES_UNDER_WAY = 2;
/** Events that a joining stream gets from here; what is further back is found by the indexes, in another thread. */
const NEAR_EVENTS = 2000;
/** How often it looks whether the file is still the same, in polls. */
const POLLS_PER_FILE_CHECK = 10;
/** Bytes of a large event that are sent at once. */
const SLICE_BYTES = 64 * 1024;
const CACHE_KIB = 4 * 1024;

export class TailReader implements Disposable {
  readonly #options: TailOptions;
  readonly #groups = new Map<number, PageGroup>();
  #db: Database | null = null;
  #file = "";
  /** The groups have everything up to here. */
  #head = 0;
  /** The oldest event that was kept when it last looked. */
  #first = 0;
  #version = -1;
  #hasMore = false;
  #pagesUnderWay = 0;
  readonly #pollMs: number;
  #polls = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The large event that was last asked for. */
  #large: { readonly seq: number; readonly bytes: Uint8Array<ArrayBuffer> } | null = null;

  constructor(options: TailOptions) {
    this.#options = options;
    this.#pollMs = options.pollMs ?? POLL_MS;
  }

  handle(message: Exclude<ToTail, { kind: "open" }>): void {
    switch (message.kind) {
      case "join":
        return this.#answer(message.id, () => this.#join(message.id, message.group, message.after));
      case "slice":
        return this.#answer(message.id, () => this.#slice(message.id, message.seq, message.offset));
      case "leave":
        this.#groups.delete(message.group);
        if (this.#groups.size === 0) this.#rest();
        return;
      case "taken":
        this.#pagesUnderWay--;
        if (this.#hasMore) this.#schedule(0);
    }
  }

  [Symbol.dispose](): void {
    this.#groups.clear();
    this.#rest();
    this.#close();
  }

  #answer(id: number, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#close();
      this.#options.post({ kind: "failed", id, message: String(error) }, []);
    }
  }

  #join(id: number, group: TailGroup, after: number | null): void {
    const db = this.#open();
    if (this.#groups.size === 0) this.#begin(db);
    const joined = (state: JoinState, frames: readonly string[], cursor: number) => {
      if (state.state === "live" || state.state === "lost") this.#listen(group);
      this.#options.post({ kind: "joined", id, ...state, frames, cursor, head: this.#head }, []);
    };
    if (after === null) return joined({ state: "live" }, [], this.#head);
    // The client knows more than the groups: its cursor comes from a list that was read a moment ago.
    while (after > this.#head && lastSeq(db) > this.#head) this.#advance(db);
    const resync = this.#resyncOf(db, after, group);
    if (resync) return joined({ state: "lost", resync }, [], this.#head);
    if (this.#head - after > NEAR_EVENTS) return joined({ state: "far" }, [], after);
    const page = db.snapshot(() => {
      const range = { after, until: this.#head };
      return collectPage(matching(db, group, range), group.format, range);
    });
    const { large, complete } = page;
    joined(
      large !== null ? { state: "large", seq: large } : { state: complete ? "live" : "near" },
      page.frames,
      page.cursor,
    );
  }

  /** What is to be told to a client whose cursor leads nowhere. */
  #resyncOf(db: Database, after: number, group: TailGroup): Resync | null {
    if (after > this.#head) return { reason: "unknown_cursor", missed: null };
    const removed = firstSeq(db) - 1 - after;
    if (removed <= 0) return null;
    const isUnfiltered = Object.values(group.filter).every((value) => value === undefined);
    return { reason: "expired", missed: isUnfiltered ? removed : null };
  }

  #listen({ id, format, filter }: TailGroup): void {
    if (!this.#groups.has(id)) this.#groups.set(id, { id, format, matches: eventMatcher(filter) });
    this.#schedule(this.#pollMs);
  }

  #slice(id: number, seq: number, offset: number): void {
    const db = this.#open();
    if (this.#large?.seq !== seq) {
      this.#large = null;
      for (const event of readTail(db, { first: seq, last: seq })) {
        this.#large = { seq, bytes: new TextEncoder().encode(eventFrame("sse", event)) };
      }
    }
    const bytes = this.#large?.bytes;
    const data = bytes?.slice(offset, offset + SLICE_BYTES) ?? null;
    const last = bytes === undefined || offset + SLICE_BYTES >= bytes.length;
    this.#options.post({ kind: "slice", id, data, last }, data ? [data.buffer] : []);
  }

  #schedule(delayMs: number): void {
    if (this.#timer !== undefined) {
      if (delayMs > 0) return;
      clearTimeout(this.#timer);
    }
    this.#timer = setTimeout(() => this.#poll(), delayMs);
  }

  /** Nobody listens. */
  #rest(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#large = null;
  }

  #poll(): void {
    this.#timer = undefined;
    if (this.#groups.size === 0) return;
    const started = performance.now();
    try {
      this.#look();
    } catch {
      // Locked, or being replaced: what could not be read now is read at the next look.
      this.#close();
    }
    const again = this.#hasMore && this.#pagesUnderWay < MAX_PAGES_UNDER_WAY;
    this.#schedule(again ? 0 : Math.max(1, this.#pollMs - (performance.now() - started)));
  }

  #look(): void {
    const isFileDue = ++this.#polls % POLLS_PER_FILE_CHECK === 0;
    const db = this.#db === null || isFileDue ? this.#open() : this.#db;
    if (this.#pagesUnderWay >= MAX_PAGES_UNDER_WAY) return;
    const version = dataVersion(db);
    if (version === this.#version && !this.#hasMore) return;
    this.#version = version;
    this.#advance(db);
  }

  /** Posts what comes after the head: a page of it, or that it is skipped. */
  #advance(db: Database): void {
    const end = lastSeq(db);
    const first = firstSeq(db);
    const isEmptied = end < this.#head || (this.#first <= this.#head && first > this.#head);
    this.#first = first;
    if (isEmptied) return this.#skip(db, { reason: "replaced", missed: null });
    if (end === this.#head) {
      this.#hasMore = false;
      return;
    }
    if (end - this.#head > (this.#options.maxBehind ?? MAX_BEHIND)) {
      return this.#skip(db, { reason: "behind", missed: end - this.#head });
    }
    this.#readPage(db, end);
  }

  #readPage(db: Database, end: number): void {
    const builder = new PageBuilder(this.#groups.values());
    let head = end;
    db.snapshot(() => {
      for (const event of readTail(db, { first: this.#head + 1, last: end })) {
        builder.add(event);
        if (!builder.isFull) continue;
        head = event.seq;
        break;
      }
    });
    this.#head = head;
    this.#hasMore = head < end;
    this.#pagesUnderWay++;
    const page = builder.finish();
    const transfer = page.pieces.flatMap(({ data }) => data instanceof Uint8Array ? [data.buffer] : []);
    this.#options.post({ kind: "page", ...page, head }, transfer);
  }

  #skip(db: Database, resync: Resync): void {
    this.#head = lastSeq(db);
    this.#first = firstSeq(db);
    this.#hasMore = false;
    this.#pagesUnderWay++;
    this.#options.post({ kind: "skip", ...resync, head: this.#head }, []);
  }

  /** Starts from the end of the store: nobody waits for what is before it. */
  #begin(db: Database): void {
    this.#version = dataVersion(db);
    this.#head = lastSeq(db);
    this.#first = firstSeq(db);
    this.#hasMore = false;
  }

  /** The database that is at the path now. */
  #open(): Database {
    const file = identify(this.#options.path);
    if (this.#db && file === this.#file) return this.#db;
    this.#close();
    const db = this.#db = openDatabase(this.#options.path, { mode: "read", cacheKib: CACHE_KIB });
    const isAnother = this.#file !== "" && this.#file !== file;
    this.#file = file;
    if (isAnother && this.#groups.size > 0) this.#skip(db, { reason: "replaced", missed: null });
    return db;
  }

  #close(): void {
    this.#db?.[Symbol.dispose]();
    this.#db = null;
    this.#version = -1;
  }
}

function* matching(
  db: Database,
  { filter }: TailGroup,
  { after, until }: { readonly after: number; readonly until: number },
): Generator<TailEvent> {
  const matches = eventMatcher(filter);
  for (const event of readTail(db, { first: after + 1, last: until })) {
    if (matches(event)) yield event;
  }
}

/** Device and number of the file; what has no such numbers is told apart by when it was made. */
function identify(path: string): string {
  const { dev, ino, birthtime } = Deno.statSync(path);
  return `${dev}:${ino ?? birthtime?.getTime()}`;
}
