/** A monitor's connection with the plugin host of its home: found, or started, and asked what it wants. @module */
import { connect, type Socket } from "node:net";
import { dirname } from "node:path";
import { encodeFrame, FrameReader, joinParts } from "../../proto/frame.ts";
import { isLinkProof, linkProof } from "../core/link_proof.ts";
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
import { printableLines } from "../core/printable.ts";
import { printableColored } from "../core/printable_colored.ts";
import { startDetached } from "../proc/detach.ts";
import { FileLock } from "../proc/file_lock.ts";
import type { PluginPlaces } from "./plugin_feed.ts";
import { isOwnFolder, readHostAddress } from "./plugin_feed_address.ts";
import type { FeedQueue } from "./plugin_feed_queue.ts";

/** How long a host may take from its start until it says what it wants. A start took 2 s on 2 busy cores. */
const START_MS = 20_000;
/** Between two looks for it: at first, and at last. */
const LOOK_MS = 25;
const MAX_LOOK_MS = 250;
/** Longest that a host shows at once. */
const MAX_CONSOLE_CHARS = 64 * 1024;
/** While so much waits in the socket, the rest waits in the queue, which is bounded. */
const SOCKET_BYTES = 1024 * 1024;

export interface FeedLinkDeps {
  readonly run: LinkRun;
  readonly queue: FeedQueue;
  onWant(want: Want): void;
  onConsole(text: string): void;
  /** False: another monitor's km starts the next host; this one waits for it. */
  readonly mayStart: boolean;
  /** Called once, at the end, whatever it was. */
  onGone(end: LinkEnd): void;
}

/** How a link ended. */
export interface LinkEnd {
  /** This monitor's km is to start the next host. */
  readonly retryAtOnce: boolean;
  /** Another's is. */
  readonly waits: boolean;
}

export class FeedLink {
  readonly #places: PluginPlaces;
  readonly #deps: FeedLinkDeps;
  #socket: Socket | null = null;
  #want: Want | null = null;
  /** The host knows the token. Until then nothing that it says counts, and it is sent nothing that was recorded. */
  #isProved = false;
  #isAwake = false;
  #isGone = false;
  #isEnding = false;
  #hasSaidAll = false;
  #end: LinkEnd = { retryAtOnce: false, waits: false };
  /** Written, and not yet taken by the system. */
  readonly #unsent = new Tally();
  /** Written, and the host has not said that it is done with it. */
  readonly #undone = new Tally();
  readonly #opened: Promise<void>;
  readonly #over = Promise.withResolvers<void>();
  readonly #wanted = Promise.withResolvers<void>();

  constructor(places: PluginPlaces, deps: FeedLinkDeps) {
    this.#places = places;
    this.#deps = deps;
    this.#opened = this.#open().catch(() => this.#gone());
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
    await this.#opened;
    if (this.#isGone) return;
    this.#isGone = true;
    // The host lives: it counts what it took. What still lies in the socket goes nowhere.
    this.#deps.queue.lose(this.#unsent.take());
    this.#socket?.destroy();
  }

  async #open(): Promise<void> {
    const { hostAddress } = this.#places;
    if (await this.#tryHost(readHostAddress(hostAddress))) return;
    // What somebody else has made is no place to start anything in.
    if (!isOwnFolder(dirname(hostAddress))) return this.#gone();
    using starting = this.#deps.mayStart ? tryStartLock(`${hostAddress}.starting`) : null;
    if (starting !== null) this.#startHost();
    const endMs = performance.now() + START_MS;
    let pauseMs = LOOK_MS;
    while (!this.#isGone && !this.#isEnding && performance.now() < endMs) {
      await this.#pause(pauseMs);
      if (await this.#tryHost(readHostAddress(hostAddress))) return;
      pauseMs = Math.min(pauseMs * 1.05, MAX_LOOK_MS);
    }
    this.#gone();
  }

  async #pause(ms: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    await Promise.race([this.#over.promise, new Promise<void>((resolve) => timer = setTimeout(resolve, ms))]);
    clearTimeout(timer);
  }

  #startHost(): void {
    const { hostCommand, hostLog } = this.#places;
    Deno.mkdirSync(hostLog.replace(/[\\/][^\\/]*$/, ""), { recursive: true, mode: 0o700 });
    const host = startDetached(hostCommand as [string, ...string[]], hostLog);
    host.ended.catch(() => {}); // Not a program: then there is no host, and no plugin.
    host.letGo();
  }

  /** True once the host at `address` has taken the connection; what it wants comes later. */
  async #tryHost(host: Pick<HostAddress, "address" | "token"> | null): Promise<boolean> {
    if (host === null) return false;
    const socket = connect(host.address);
    const connected = await new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
    });
    if (!connected || this.#isGone) {
      socket.destroy();
      return false;
    }
    this.#socket = socket;
    const nonce = crypto.randomUUID();
    const isHost = (proof: unknown) => isLinkProof(proof, host.token, "host", nonce);
    const reader = new FrameReader(MAX_LINK_FRAME_BYTES, (header) => this.#heard(header, isHost));
    socket.on("data", (chunk: Uint8Array) => this.#take(reader, chunk));
    socket.on("error", () => this.#gone());
    socket.on("close", () => this.#gone());
    socket.on("drain", () => this.#pump());
    const { kmVersion, watched, color } = this.#places;
    const { run } = this.#deps;
    const proof = linkProof(host.token, "monitor", nonce);
    this.#send({ type: "hello", nonce, proof, link: LINK_VERSION, kmVersion, run, watched, color });
    return true;
  }

  #take(reader: FrameReader, chunk: Uint8Array): void {
    try {
      reader.push(chunk);
    } catch {
      this.#gone();
    }
  }

  #heard(header: Uint8Array, isHost: (proof: unknown) => boolean): void {
    const message = JSON.parse(new TextDecoder().decode(header)) as HostMessage; // as: nothing of it counts before it has proved to be km
    if (!this.#isProved) {
      this.#isProved = message.type === "welcome" && isHost(message.proof);
      if (!this.#isProved) this.#gone();
      return;
    }
    switch (message.type) {
      case "want":
        this.#want = message.want;
        this.#deps.onWant(message.want);
        this.#wanted.resolve();
        return this.wake();
      case "console":
        return this.#deps.onConsole(shownText(message.text, this.#places.color));
      case "done":
        return this.#undone.add(message, -1);
      case "bye":
        this.#end = { retryAtOnce: message.restart, waits: message.wait === true };
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
      this.#unsent.add(sent, 1);
      this.#undone.add(sent, 1);
      this.#send({ type: "events", ...known }, parts, () => this.#unsent.add(sent, -1));
    }
    if (!this.#isEnding || !this.#deps.queue.isEmpty) return;
    // Over when the host has closed its end, too: a socket that is left with something unread (`done`) takes what lies in it along.
    this.#hasSaidAll = true;
    socket.end();
  }

  #send(message: FeedMessage, parts: readonly Uint8Array[] = [], onSent: () => void = () => {}): void {
    const header = encoder.encode(JSON.stringify(message));
    this.#socket?.write(joinParts(encodeFrame(header, parts, MAX_LINK_FRAME_BYTES)), (error) => {
      if (error === null || error === undefined) onSent();
    });
  }

  #gone(): void {
    this.#socket?.destroy();
    this.#over.resolve();
    if (this.#isGone) return;
    this.#isGone = true;
    // Whatever a host had that went away, in the socket or in its plugins' queues, went with it.
    this.#deps.queue.lose((this.#hasSaidAll ? this.#unsent : this.#undone).take());
    this.#deps.onGone(this.#end);
  }
}

/** A count that goes up and down. */
class Tally {
  #messages = 0;
  #bytes = 0;

  add({ messages, bytes }: LeftShed, sign: 1 | -1): void {
    this.#messages += sign * messages;
    this.#bytes += sign * bytes;
  }

  /** All of it, once. */
  take(): LeftShed {
    const all = { messages: Math.max(0, this.#messages), bytes: Math.max(0, this.#bytes) };
    this.#messages = this.#bytes = 0;
    return all;
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

/** The host has made it safe; the terminal is this process's to guard all the same. */
function shownText(text: string, color: boolean): string {
  const start = String(text).slice(0, MAX_CONSOLE_CHARS);
  return color ? start.split("\n").map(printableColored).join("\n") : printableLines(start);
}
