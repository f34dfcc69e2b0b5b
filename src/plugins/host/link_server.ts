/** Where monitors connect: a socket that only this user can reach, and behind it one link for each monitor. @module */
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { encodeFrame, FrameReader, joinParts } from "../../../proto/frame.ts";
import { isLinkProof, linkProof } from "../../core/link_proof.ts";
import {
  type FeedMessage,
  type HostAddress,
  type HostMessage,
  type LeftShed,
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
  /** A monitor said hello. */
  onOpen(link: Link, hello: Extract<FeedMessage, { type: "hello" }>): void;
  onMessage(link: Link, message: OfferedMessage): void;
  onShed(link: Link, messages: number, bytes: number): void;
  onClose(link: Link): void;
}

/** One monitor. */
export interface Link {
  readonly run: LinkRun;
  readonly watched: boolean;
  readonly color: boolean;
  want(want: Want): void;
  show(text: string): void;
  /** So much more is done with. */
  done(what: LeftShed): void;
  bye(reason: string, options: { readonly restart: boolean; readonly wait: boolean }): void;
}

export class LinkServer {
  readonly #options: LinkServerOptions;
  #server: Server;
  readonly #token: string;
  readonly #connections = new Set<Connection>();
  #address = "";
  #ownFolder: string | null = null;
  #addressText = "";
  #isHidden = false;
  #mending: Promise<void> | null = null;
  /** Settle when the last connections are gone of servers whose socket was deleted. */
  readonly #former: Promise<void>[] = [];

  private constructor(options: LinkServerOptions) {
    this.#options = options;
    this.#token = crypto.getRandomValues(new Uint8Array(32)).toHex();
    this.#server = this.#create();
  }

  /** Listens, and says where in `addressFile`. @throws what the system says */
  static async open(options: LinkServerOptions): Promise<LinkServer> {
    const server = new LinkServer(options);
    await server.#listen();
    return server;
  }

  /** Puts back what somebody deleted of the address and the socket: without them no later monitor would find this host, nor could another start. */
  async mend(): Promise<void> {
    if (this.#isHidden || this.#mending !== null) return;
    this.#mending = this.#mend().catch(() => {}); // A disk that is full, a folder that cannot be made: at the next look.
    await this.#mending;
    this.#mending = null;
  }

  /** Takes the address away: monitors that come now look for the next host. */
  hide(): void {
    this.#isHidden = true;
    removeIfThere(this.#options.addressFile);
  }

  /** Tells every monitor, closes everything, and takes the address away. `successor`: whose km starts the next host; null: anyone's. */
  async close(reason: string, successor: Link | null): Promise<void> {
    this.hide();
    await this.#mending;
    this.#former.push(closed(this.#server));
    const connections = [...this.#connections];
    for (const connection of connections) {
      const restart = connection === successor;
      connection.bye(reason, { restart, wait: successor !== null && !restart });
    }
    const timer = setTimeout(() => connections.forEach((connection) => connection.cut()), BYE_MS);
    await Promise.all(this.#former);
    clearTimeout(timer);
    if (this.#ownFolder !== null) Deno.removeSync(this.#ownFolder, { recursive: true });
  }

  #create(): Server {
    return createServer((socket) => this.#accept(socket));
  }

  async #mend(): Promise<void> {
    const { folder, addressFile } = this.#options;
    if (!WINDOWS && !isThere(this.#address)) {
      Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
      this.#former.push(closed(this.#server)); // Its connections go on.
      this.#server = this.#create();
      await this.#listen();
    } else if (textOf(addressFile) !== this.#addressText) this.#sayWhere();
  }

  async #listen(): Promise<void> {
    this.#address = this.#chooseAddress();
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(this.#address, resolve);
    });
    if (!WINDOWS) Deno.chmodSync(this.#address, 0o600);
    this.#sayWhere();
  }

  #sayWhere(): void {
    if (this.#isHidden) return;
    const address: HostAddress = {
      address: this.#address,
      token: this.#token,
      pid: Deno.pid,
      kmVersion: this.#options.kmVersion,
      link: LINK_VERSION,
    };
    this.#addressText = `${JSON.stringify(address)}\n`;
    replaceFile(this.#options.addressFile, this.#addressText);
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
      token: this.#token,
      on: this.#options.on,
      onClose: () => this.#connections.delete(connection),
    });
    this.#connections.add(connection);
  }
}

interface ConnectionDeps {
  readonly token: string;
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

  done({ messages, bytes }: LeftShed): void {
    this.#send({ type: "done", messages, bytes });
  }

  bye(reason: string, { restart, wait }: { readonly restart: boolean; readonly wait: boolean }): void {
    this.#send({ type: "bye", restart, wait, reason });
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
    if (message.shedMessages > 0) on.onShed(this, message.shedMessages, message.shedBytes);
    let at = 0;
    const take = (length: number) => length < 0 ? null : payload.subarray(at, at += length);
    for (const { redactedBytes, rawBytes, ...event } of message.events) {
      const [redacted, raw] = [take(redactedBytes), take(rawBytes)];
      on.onMessage(this, { event, ...this.run, client: message.client, redacted, raw });
    }
  }

  #open(hello: Extract<FeedMessage, { type: "hello" }>): void {
    const { nonce, proof } = hello;
    const isMonitor = typeof nonce === "string" && isLinkProof(proof, this.#deps.token, "monitor", nonce);
    if (this.#hello !== null || !isMonitor) return this.cut();
    clearTimeout(this.#helloTimer);
    this.#send({ type: "welcome", proof: linkProof(this.#deps.token, "host", nonce) });
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

/** Stops listening. Settles when its last connection is gone. */
function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

function textOf(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}
