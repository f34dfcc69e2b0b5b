/** Where monitors connect: a socket that only this user can reach, and behind it one link for each monitor. @module */
import { timingSafeEqual } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { encodeFrame, FrameReader, joinParts } from "../../../proto/frame.ts";
import {
  type FeedMessage,
  type HostAddress,
  type HostMessage,
  LINK_VERSION,
  type LinkRun,
  MAX_LINK_FRAME_BYTES,
  type Want,
} from "../../core/plugin_link.ts";
import { removeIfThere, replaceFile } from "./replace_file.ts";
import type { OfferedMessage } from "./scope.ts";

/** sun_path has 104 bytes on macOS, 108 on Linux. */
const MAX_SOCKET_PATH_BYTES = 100;
const WINDOWS = Deno.build.os === "windows";
/** A monitor that does not read gets no more console lines. */
const MAX_UNREAD_BYTES = 256 * 1024;
/** Who has not said hello by then is no monitor. */
const HELLO_MS = 5_000;
/** So long a monitor may take to read that the host ends. */
const BYE_MS = 500;

export interface LinkServerOptions {
  readonly folder: string;
  readonly addressFile: string;
  readonly kmVersion: string;
  readonly on: LinkEvents;
}

export interface LinkEvents {
  /** A monitor said hello; what it is to send. `null`: it is of another time, and the host has to end for it. */
  onOpen(link: Link, hello: Extract<FeedMessage, { type: "hello" }>): void;
  onMessage(link: Link, message: OfferedMessage): void;
  onShed(messages: number, bytes: number): void;
  onClose(link: Link): void;
}

/** One monitor. */
export interface Link {
  readonly run: LinkRun;
  readonly watched: boolean;
  readonly color: boolean;
  want(want: Want): void;
  show(text: string): void;
  bye(reason: string, options: { readonly restart: boolean }): void;
}

export class LinkServer {
  readonly #options: LinkServerOptions;
  readonly #server: Server;
  readonly #token: string;
  readonly #connections = new Set<Connection>();
  #address = "";
  #ownFolder: string | null = null;

  private constructor(options: LinkServerOptions) {
    this.#options = options;
    this.#token = crypto.getRandomValues(new Uint8Array(32)).toHex();
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** Listens, and says where in `addressFile`. @throws what the system says */
  static async open(options: LinkServerOptions): Promise<LinkServer> {
    const server = new LinkServer(options);
    await server.#listen();
    return server;
  }

  /** Tells every monitor, closes everything, and takes the address away. */
  async close(reason: string, { restart }: { readonly restart: boolean }): Promise<void> {
    removeIfThere(this.#options.addressFile);
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    const connections = [...this.#connections];
    for (const connection of connections) connection.bye(reason, { restart });
    const timer = setTimeout(() => connections.forEach((connection) => connection.cut()), BYE_MS);
    await closed;
    clearTimeout(timer);
    if (this.#ownFolder !== null) Deno.removeSync(this.#ownFolder, { recursive: true });
  }

  async #listen(): Promise<void> {
    this.#address = this.#chooseAddress();
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(this.#address, resolve);
    });
    if (!WINDOWS) Deno.chmodSync(this.#address, 0o600);
    const address: HostAddress = {
      address: this.#address,
      token: this.#token,
      pid: Deno.pid,
      kmVersion: this.#options.kmVersion,
      link: LINK_VERSION,
    };
    replaceFile(this.#options.addressFile, `${JSON.stringify(address)}\n`);
  }

  #chooseAddress(): string {
    if (WINDOWS) return `\\\\.\\pipe\\km-plugins-${crypto.randomUUID()}`;
    const path = join(this.#options.folder, "host.sock");
    removeIfThere(path); // Of one that was killed: the lock says that there is no other.
    if (new TextEncoder().encode(path).length <= MAX_SOCKET_PATH_BYTES) return path;
    this.#ownFolder = Deno.makeTempDirSync({ prefix: "km-" }); // 0700.
    return join(this.#ownFolder, "host.sock");
  }

  #accept(socket: Socket): void {
    const connection = new Connection(socket, {
      isToken: (token) => isSame(token, this.#token),
      on: this.#options.on,
      onClose: () => this.#connections.delete(connection),
    });
    this.#connections.add(connection);
  }
}

interface ConnectionDeps {
  readonly isToken: (token: string) => boolean;
  readonly on: LinkEvents;
  onClose(): void;
}

class Connection implements Link {
  readonly #socket: Socket;
  readonly #deps: ConnectionDeps;
  readonly #helloTimer: ReturnType<typeof setTimeout>;
  #hello: Extract<FeedMessage, { type: "hello" }> | null = null;

  constructor(socket: Socket, deps: ConnectionDeps) {
    this.#socket = socket;
    this.#deps = deps;
    this.#helloTimer = setTimeout(() => this.cut(), HELLO_MS);
    const reader = new FrameReader(MAX_LINK_FRAME_BYTES, (header, payload) => this.#take(header, payload));
    socket.on("data", (chunk: Uint8Array) => {
      try {
        reader.push(chunk);
      } catch {
        this.cut(); // No monitor of ours sends that.
      }
    });
    socket.on("error", () => this.cut());
    socket.on("end", () => socket.end());
    socket.on("close", () => this.#closed());
  }

  get run(): LinkRun {
    return this.#hello?.run ?? { correlationId: "", server: "" };
  }

  get watched(): boolean {
    return this.#hello?.watched === true;
  }

  get color(): boolean {
    return this.#hello?.color === true;
  }

  want(want: Want): void {
    this.#send({ type: "want", want });
  }

  show(text: string): void {
    if (this.#socket.writableLength < MAX_UNREAD_BYTES) this.#send({ type: "console", text });
  }

  bye(reason: string, { restart }: { readonly restart: boolean }): void {
    this.#send({ type: "bye", restart, reason });
    this.#socket.end();
  }

  cut(): void {
    this.#socket.destroy();
  }

  #take(header: Uint8Array, payload: Uint8Array): void {
    const message = JSON.parse(new TextDecoder().decode(header)) as FeedMessage; // as: who knows the token is km
    if (message.type === "hello") return this.#open(message);
    if (message.type !== "events" || this.#hello === null) return this.cut();
    const { on } = this.#deps;
    if (message.shedMessages > 0) on.onShed(message.shedMessages, message.shedBytes);
    let at = 0;
    const take = (length: number) => length < 0 ? null : payload.subarray(at, at += length);
    for (const { redactedBytes, rawBytes, ...event } of message.events) {
      const [redacted, raw] = [take(redactedBytes), take(rawBytes)];
      on.onMessage(this, { event, ...this.run, client: message.client, redacted, raw });
    }
  }

  #open(hello: Extract<FeedMessage, { type: "hello" }>): void {
    if (this.#hello !== null || typeof hello.token !== "string" || !this.#deps.isToken(hello.token)) {
      return this.cut();
    }
    clearTimeout(this.#helloTimer);
    this.#hello = hello;
    this.#deps.on.onOpen(this, hello);
  }

  #send(message: HostMessage): void {
    if (this.#socket.destroyed || this.#socket.writableEnded) return;
    this.#socket.write(joinParts(encodeFrame(encoder.encode(JSON.stringify(message)))));
  }

  #closed(): void {
    clearTimeout(this.#helloTimer);
    if (this.#hello !== null) this.#deps.on.onClose(this);
    this.#deps.onClose();
  }
}

const encoder = new TextEncoder();

function isSame(a: string, b: string): boolean {
  const [left, right] = [encoder.encode(a), encoder.encode(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
