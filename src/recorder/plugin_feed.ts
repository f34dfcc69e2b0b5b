/**
 * The copy of what is recorded that goes to plugins, through the plugin host of the home. Costs nothing while no plugin is installed: one look at a
 * file now and then, and only when there is something to tell. Never waits: what finds no room is shed and counted, and whatever goes wrong
 * with the host stays here.
 * @module
 */
import type { EventRecord, Run } from "../core/event.ts";
import { MAX_LINK_PAYLOAD_BYTES, mayHaveEnabledPlugin, type Want } from "../core/plugin_link.ts";
import type { Redactor } from "../core/redact.ts";
import { readOwnFile } from "../proc/private_file.ts";
import { FeedQueue } from "./plugin_feed_queue.ts";
import type { FeedLink, LinkEnd } from "./plugin_feed_link.ts";
import { HIDDEN_KEY_LINE, KeyBlock } from "./key_block.ts";
import { NameCleaner } from "./name_cleaner.ts";

/** Where plugins are, and how their host is started. Sent to the recorder's thread. */
export interface PluginPlaces {
  /** `plugins.lock`: tells whether there is a plugin at all. */
  readonly lockFile: string;
  /** `host.json`. */
  readonly hostAddress: string;
  readonly hostLog: string;
  /** Where it is left what no host could be given. */
  readonly shedFolder: string;
  /** `km plugins host`. */
  readonly hostCommand: readonly [string, ...string[]];
  readonly kmVersion: string;
  /** True when a person watches stderr. */
  readonly watched: boolean;
  readonly color: boolean;
}

export interface PluginFeedOptions {
  readonly places: PluginPlaces;
  /** False: the user turned plugins off. Asked only when one is installed. */
  readonly isAllowed: () => boolean;
  /** Asked once there is a plugin. Null: what is recorded is redacted already. Else what takes secrets out for plugins: that the user stores them is no consent to give them away. */
  readonly redactor: () => Redactor | null;
  /** Shows a line of a plugin's on the terminal. */
  readonly print: (line: Uint8Array) => void;
}

/** So late is it noticed that a plugin was installed, enabled or removed. */
const LOOK_EVERY_US = 2_000_000;
/** After a failure of the host; the last one again and again. */
const RETRY_US = [1_000_000, 5_000_000, 15_000_000, 60_000_000, 300_000_000] as const;
/** Room for a thousand plugins. */
const MAX_LOCK_BYTES = 8 * 1024 * 1024;
/** A host that was there for so long has worked. */
const WORKED_MS = 10_000;

export class PluginFeed {
  readonly #options: PluginFeedOptions;
  readonly #queue = new FeedQueue();
  #redactor: Redactor | null = null;
  #names = new NameCleaner(null);
  readonly #logKeys = new KeyBlock();
  #lookedUs = -Infinity;
  /** Tells one state of the lock file from another. */
  #lockMark: string | null = null;
  #hasPlugins = false;
  /** Whether plugins run is to be asked anew, though the file is as it was. */
  #isStale = false;
  #retryAtUs = -Infinity;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #link: FeedLink | null = null;
  /** Another monitor's km starts the next host. */
  #waits = false;
  /** Null: not known yet. */
  #want: Want | null = null;
  #loading: Promise<void> | null = null;
  #ended = false;

  constructor(options: PluginFeedOptions) {
    this.#options = options;
  }

  /** Takes an event and the bytes it was made of (null: km said it itself). Copies what is needed of them. */
  add(event: EventRecord, raw: Uint8Array | null, run: Run): void {
    const sinceUs = event.timeUs - this.#lookedUs;
    // A clock that was set back counts as time that passed.
    if (sinceUs >= LOOK_EVERY_US || sinceUs < 0) this.#look(event.timeUs);
    if (!this.#hasPlugins || this.#want?.events === false) return;
    this.#enqueue(event, raw, run);
    if (this.#link !== null) this.#link.wake();
    else if (event.timeUs >= this.#retryAtUs) this.#connect(run);
  }

  /** Hands over what is left, for at most `limitMs`. */
  async end(limitMs: number): Promise<void> {
    this.#ended = true;
    clearTimeout(this.#retryTimer);
    if (!this.#hasPlugins) return;
    const endMs = performance.now() + limitMs;
    await this.#loading;
    await this.#link?.end(Math.max(0, endMs - performance.now()));
    const left = this.#queue.left;
    if (left.messages === 0) return;
    const { leaveShed } = await import("./plugin_feed_left.ts");
    leaveShed(this.#options.places.shedFolder, left);
  }

  #look(nowUs: number): void {
    this.#lookedUs = nowUs;
    const { lockFile } = this.#options.places;
    const mark = markOf(lockFile);
    const isChanged = mark !== this.#lockMark;
    if (!isChanged && !this.#isStale) return;
    this.#lockMark = mark;
    this.#isStale = false;
    this.#hasPlugins = mark !== null && mayHaveEnabledPlugin(textOf(lockFile)) && this.#options.isAllowed();
    if (this.#hasPlugins && this.#redactor === null) {
      this.#redactor = this.#options.redactor();
      this.#names = new NameCleaner(this.#redactor);
    }
    // What changed may be what the host failed on.
    if (isChanged) [this.#retryAtUs, this.#failures] = [-Infinity, 0];
    if (!this.#hasPlugins && this.#link === null) this.#queue.clear();
  }

  #enqueue(event: EventRecord, raw: Uint8Array | null, run: Run): void {
    const want = this.#want;
    const limit = Math.min(want?.payloadBytes ?? MAX_LINK_PAYLOAD_BYTES, MAX_LINK_PAYLOAD_BYTES);
    const bytes = Math.min(event.payload?.length ?? 0, limit);
    // While the host starts, the newest are kept: it would else begin with what is long over. Later what comes is shed, before it costs a copy.
    if (want === null) this.#queue.makeRoom(bytes);
    else if (!this.#queue.hasRoom(bytes)) return this.#queue.shed(event.sizeBytes);
    this.#queue.add({
      event: this.#redactor === null ? event : {
        ...event,
        method: this.#names.clean(event.method),
        tool: this.#names.clean(event.tool),
        rpcId: event.rpcId === null ? null : this.#names.cleanId(event.rpcId),
      },
      client: this.#names.clean(run.client),
      // While nobody has said what is wanted, both are kept; nothing leaves this process before that.
      redacted: want?.redacted === false ? null : copyOf(this.#redacted(event, raw), limit),
      raw: want?.raw === false ? null : copyOf(raw, limit),
    });
  }

  #redacted(event: EventRecord, raw: Uint8Array | null): Uint8Array | null {
    if (this.#redactor === null || event.payload === null) return event.payload;
    const bytes = raw ?? event.payload;
    if (event.kind === "log" && this.#logKeys.covers(decoder.decode(bytes))) return HIDDEN_KEY_LINE;
    return this.#redactor.bytes(bytes, event.truncated);
  }

  #connect(run: Run): void {
    if (this.#loading !== null || this.#ended) return;
    clearTimeout(this.#retryTimer);
    const { places, print } = this.#options;
    // Not a static import: sockets and child processes are loaded where there is a plugin.
    this.#loading = import("./plugin_feed_link.ts").then(({ FeedLink }) => {
      const startedMs = performance.now();
      this.#link = new FeedLink(places, {
        run: { correlationId: run.correlationId, server: run.server },
        queue: this.#queue,
        onWant: (want) => this.#wanted(want),
        onConsole: (text) => print(encoder.encode(text)),
        mayStart: !this.#waits,
        onGone: (end) => this.#gone(run, { ...end, lastedMs: performance.now() - startedMs }),
      });
      this.#waits = false;
    }).catch(() => this.#gone(run, { retryAtOnce: false, waits: false, lastedMs: 0 })).finally(() =>
      this.#loading = null
    );
  }

  #wanted(want: Want): void {
    this.#want = want;
    this.#queue.restrict(want);
  }

  #gone(run: Run, { retryAtOnce, waits, lastedMs }: LinkEnd & { readonly lastedMs: number }): void {
    this.#link = null;
    this.#want = null;
    this.#isStale = true; // The host may have ended because plugins were turned off.
    this.#lookedUs = -Infinity;
    if (lastedMs >= WORKED_MS) this.#failures = 0;
    const delayUs = retryAtOnce ? 0 : RETRY_US[Math.min(this.#failures, RETRY_US.length - 1)] ?? 0;
    this.#failures++;
    this.#retryAtUs = Date.now() * 1000 + delayUs;
    this.#waits = waits;
    if (!retryAtOnce) this.#retryLater(run, delayUs / 1000);
    // Others wait for the host that this one's km starts: it is not left to the next message.
    if (retryAtOnce) this.#connect(run);
  }

  /** What waits does not wait for the next message, too: a server may be quiet for hours. Where nothing waits, no timer does. */
  #retryLater(run: Run, delayMs: number): void {
    clearTimeout(this.#retryTimer);
    if (this.#ended || this.#queue.isEmpty) return;
    this.#retryTimer = setTimeout(() => {
      this.#look(Date.now() * 1000);
      if (this.#hasPlugins && this.#link === null) this.#connect(run);
    }, delayMs);
    Deno.unrefTimer(this.#retryTimer);
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function copyOf(bytes: Uint8Array | null, limit: number): Uint8Array | null {
  return bytes === null ? null : bytes.slice(0, limit);
}

function markOf(path: string): string | null {
  try {
    const { ino, size, mtime, ctime } = Deno.lstatSync(path);
    return `${ino} ${size} ${mtime?.getTime()} ${ctime?.getTime()}`;
  } catch {
    return null;
  }
}

/** Nothing where somebody else may have written it: then nobody has granted anything. */
function textOf(path: string): string {
  try {
    return decoder.decode(readOwnFile(path, MAX_LOCK_BYTES) ?? new Uint8Array());
  } catch {
    return "";
  }
}
