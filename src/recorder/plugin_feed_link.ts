/** A monitor's connection with the plugin host of its home: found, or started, and asked what it wants. @module */
import { connect, type Socket } from "node:net";
import { encodeFrame, FrameReader, joinParts } from "../../proto/frame.ts";
import {
  type FeedMessage,
  type HostAddress,
  type HostMessage,
  type LeftShed,
  LINK_VERSION,
  type LinkRun,
  MAX_LINK_FRAME_BYTES,
  type Want,
} from "../core/plugin_link.ts";
import { startDetached } from "../proc/detach.ts";
import { FileLock } from "../proc/file_lock.ts";
import type { PluginPlaces } from "./plugin_feed.ts";
import type { FeedQueue } from "./plugin_feed_queue.ts";

/** How long a host may take from its start until it says what it wants. A start took 2 s on 2 busy cores. */
const START_MS = 20_000;
const LOOK_MS = 25;
/** While so much waits in the socket, the rest waits in the queue, which is bounded. */
const SOCKET_BYTES = 1024 * 1024;

export interface FeedLinkDeps {
  readonly run: LinkRun;
  readonly queue: FeedQueue;
  onWant(want: Want): void;
  onConsole(text: string): void;
  /** Called once, at the end, whatever it was. */
  onGone(end: { readonly retryAtOnce: boolean }): void;
}

export class FeedLink {
  readonly #places: PluginPlaces;
  readonly #deps: FeedLinkDeps;
  #socket: Socket | null = null;
  #want: Want | null = null;
  #isAwake = false;
  #isGone = false;
  #isEnding = false;
  #retryAtOnce = false;
  /** Written, and not yet taken by the system. */
  #unsent: LeftShed = { messages: 0, bytes: 0 };
  readonly #over = Promise.withResolvers<void>();
  readonly #wanted = Promise.withResolvers<void>();

  constructor(places: PluginPlaces, deps: FeedLinkDeps) {
    this.#places = places;
    this.#deps = deps;
    this.#open().catch(() => this.#gone());
  }

  /** Something was put into the queue. What one slice of the record brings is sent together. */
  wake(): void {
    if (this.#isAwake || this.#want === null) return;
    this.#isAwake = true;
    setTimeout(() => {
      this.#isAwake = false;
      this.#pump();
    }, 0);
  }

  /** Sends what is left and closes, within `limitMs`. */
  async end(limitMs: number): Promise<void> {
    const timer = setTimeout(() => this.#over.resolve(), limitMs);
    await Promise.race([this.#wanted.promise, this.#over.promise]);
    this.#isEnding = true;
    this.#pump();
    await this.#over.promise;
    clearTimeout(timer);
    if (this.#isGone) return;
    this.#isGone = true;
    this.#loseUnsent();
    this.#socket?.destroy();
  }

  async #open(): Promise<void> {
    if (await this.#tryHost(readAddress(this.#places.hostAddress))) return;
    using starting = tryStartLock(`${this.#places.hostAddress}.starting`);
    if (starting !== null) this.#startHost();
    const endMs = performance.now() + START_MS;
    while (!this.#isGone && !this.#isEnding && performance.now() < endMs) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      if (await this.#tryHost(readAddress(this.#places.hostAddress))) return;
    }
    this.#gone();
  }

  #startHost(): void {
    const { hostCommand, hostLog } = this.#places;
    Deno.mkdirSync(hostLog.replace(/[\\/][^\\/]*$/, ""), { recursive: true, mode: 0o700 });
    const host = startDetached(hostCommand as [string, ...string[]], hostLog);
    host.ended.catch(() => {}); // Not a program: then there is no host, and no plugin.
    host.letGo();
  }

  /** True once the host at `address` has taken the connection; what it wants comes later. */
  async #tryHost(address: HostAddress | null): Promise<boolean> {
    if (address === null) return false;
    const socket = connect(address.address);
    const connected = await new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
    });
    if (!connected || this.#isGone) {
      socket.destroy();
      return false;
    }
    this.#socket = socket;
    const reader = new FrameReader(MAX_LINK_FRAME_BYTES, (header) => this.#heard(header));
    socket.on("data", (chunk: Uint8Array) => this.#take(reader, chunk));
    socket.on("error", () => this.#gone());
    socket.on("close", () => this.#gone());
    socket.on("drain", () => this.#pump());
    const { kmVersion, watched, color } = this.#places;
    const { run } = this.#deps;
    this.#send({ type: "hello", token: address.token, link: LINK_VERSION, kmVersion, run, watched, color });
    return true;
  }

  #take(reader: FrameReader, chunk: Uint8Array): void {
    try {
      reader.push(chunk);
    } catch {
      this.#gone();
    }
  }

  #heard(header: Uint8Array): void {
    const message = JSON.parse(new TextDecoder().decode(header)) as HostMessage; // as: the host is km, and proved it by host.json
    switch (message.type) {
      case "want":
        this.#want = message.want;
        this.#deps.onWant(message.want);
        this.#wanted.resolve();
        return this.wake();
      case "console":
        return this.#deps.onConsole(message.text);
      case "bye":
        this.#retryAtOnce = message.restart;
        return this.#gone();
    }
  }

  #pump(): void {
    const socket = this.#socket;
    if (socket === null || this.#isGone || this.#want === null) return;
    while (socket.writableLength < SOCKET_BYTES) {
      const batch = this.#deps.queue.take();
      if (batch === null) break;
      const { parts, ...known } = batch;
      const bytes = known.events.reduce((sum, { sizeBytes }) => sum + sizeBytes, known.shedBytes);
      const sent = { messages: known.events.length + known.shedMessages, bytes };
      this.#count(sent, 1);
      this.#send({ type: "events", ...known }, parts, () => this.#count(sent, -1));
    }
    if (!this.#isEnding || !this.#deps.queue.isEmpty) return;
    socket.end(() => this.#over.resolve());
  }

  #send(message: FeedMessage, parts: readonly Uint8Array[] = [], onSent: () => void = () => {}): void {
    const header = encoder.encode(JSON.stringify(message));
    this.#socket?.write(joinParts(encodeFrame(header, parts, MAX_LINK_FRAME_BYTES)), (error) => {
      if (error === null || error === undefined) onSent();
    });
  }

  #count({ messages, bytes }: LeftShed, sign: 1 | -1): void {
    const { messages: before, bytes: bytesBefore } = this.#unsent;
    this.#unsent = { messages: before + sign * messages, bytes: bytesBefore + sign * bytes };
  }

  /** What still lies in the socket goes nowhere. Counted once. */
  #loseUnsent(): void {
    this.#deps.queue.lose(this.#unsent);
    this.#unsent = { messages: 0, bytes: 0 };
  }

  #gone(): void {
    this.#socket?.destroy();
    this.#over.resolve();
    if (this.#isGone) return;
    this.#isGone = true;
    this.#loseUnsent();
    this.#deps.onGone({ retryAtOnce: this.#retryAtOnce });
  }
}

const encoder = new TextEncoder();

/** Null while another monitor starts the host: one start is enough. */
function tryStartLock(path: string): FileLock | null {
  try {
    Deno.mkdirSync(path.replace(/[\\/][^\\/]*$/, ""), { recursive: true, mode: 0o700 });
    return FileLock.tryTake(path);
  } catch {
    return null;
  }
}

function readAddress(path: string): HostAddress | null {
  try {
    const value = JSON.parse(Deno.readTextFileSync(path)) as Partial<HostAddress>; // as: that is what is checked here
    const { address, token } = value;
    return typeof address === "string" && typeof token === "string" ? value as HostAddress : null;
  } catch {
    return null;
  }
}
