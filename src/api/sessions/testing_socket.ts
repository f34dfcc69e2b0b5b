/** What the tests of WebSockets of sessions share: a socket without a network, a clock that stands still, sessions that say what they are told. Not part of the program. @module */
import { Authenticator } from "../../auth/authenticator.ts";
import type { SessionGrant } from "../../auth/session_tokens.ts";
import type { Identity } from "../../auth/identity.ts";
import type { Clock } from "../../core/clock.ts";
import type { SessionMessage } from "../../core/session_wire.ts";
import { KmError } from "../../core/error.ts";
import type { Sessions } from "../../sessions/sessions.ts";
import type { SessionListener, SessionView, Viewer } from "../../sessions/viewer.ts";
import type { Timer } from "../body.ts";
import type { SocketLike } from "./outbox.ts";
import { SessionSockets } from "./session_sockets.ts";

/** Time that goes on when told. */
export class FakeTimer implements Timer, Clock {
  #nowMs = 0;
  readonly #startUs = Date.UTC(2026, 10, 22) * 1000;
  readonly #waiting: { readonly atMs: number; readonly run: () => void }[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  nowUs(): number {
    return this.#startUs + this.#nowMs * 1000;
  }

  after(delayMs: number, run: () => void): () => void {
    const entry = { atMs: this.#nowMs + delayMs, run };
    this.#waiting.push(entry);
    return () => {
      const at = this.#waiting.indexOf(entry);
      if (at >= 0) this.#waiting.splice(at, 1);
    };
  }

  /** Lets `ms` pass; what was promised meanwhile settles. */
  async pass(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    for (;;) {
      for (let turn = 0; turn < 10; turn++) await Promise.resolve();
      const next = this.#waiting.toSorted((one, other) => one.atMs - other.atMs)[0];
      if (!next || next.atMs > endMs) break;
      this.#waiting.splice(this.#waiting.indexOf(next), 1);
      this.#nowMs = next.atMs;
      next.run();
    }
    this.#nowMs = endMs;
    await settle();
  }
}

/** Tokens that are being verified: by a thread of the runtime, in its own time. */
const verifying = new Set<Promise<unknown>>();

/** Lets everything that can settle do so. */
export async function settle(): Promise<void> {
  do {
    await Promise.allSettled(verifying);
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
  } while (verifying.size > 0);
}

/** A socket whose peer reads when told. */
export class FakeSocket implements SocketLike {
  readyState: SocketLike["readyState"] = WebSocket.OPEN;
  bufferedAmount = 0;
  binaryType: BinaryType = "blob";
  /** False: the peer reads nothing. */
  reads = true;
  /** Nothing can be sent any more, and nobody has told so. */
  isBroken = false;
  readonly messages: SessionMessage[] = [];
  readonly frames: Uint8Array[] = [];
  closed: { readonly code: number; readonly reason: string } | null = null;
  // deno-lint-ignore no-explicit-any -- the types of a WebSocket's handlers name the socket itself
  onopen: any = null;
  // deno-lint-ignore no-explicit-any -- see above
  onmessage: any = null;
  // deno-lint-ignore no-explicit-any -- see above
  onclose: any = null;
  // deno-lint-ignore no-explicit-any -- see above
  onerror: any = null;

  send(data: string | ArrayBufferLike | Blob | ArrayBufferView): void {
    if (this.isBroken) throw new TypeError("the socket is broken");
    const size = typeof data === "string" ? data.length : (data as Uint8Array).byteLength; // as: km sends these alone
    if (!this.reads) this.bufferedAmount += size;
    if (typeof data === "string") this.messages.push(JSON.parse(data));
    else this.frames.push(data as Uint8Array); // as: see above
  }

  close(code = 1000, reason = ""): void {
    this.readyState = WebSocket.CLOSING;
    this.closed = { code, reason };
  }

  /** What it was closed with; null: it is open. */
  get code(): number | null {
    return this.closed?.code ?? null;
  }

  /** The peer sends this. */
  receive(message: object | string | Uint8Array<ArrayBuffer>): void {
    const data = message instanceof Uint8Array
      ? message.buffer
      : typeof message === "string"
      ? message
      : JSON.stringify(message);
    this.onmessage({ data });
  }

  /** The close is through. */
  end(): void {
    this.readyState = WebSocket.CLOSED;
    this.onclose?.();
  }

  /** What was said with this word as its event. */
  said(event: string): readonly (SessionMessage["data"])[] {
    return this.messages.filter(({ data }) => data?.["event"] === event).map(({ data }) => data);
  }
}

const OWNER: Identity = { name: "token", via: "token", scopes: ["admin"] };

/** One session, number 1, that is shown by whoever the test plays. */
export class SocketTest {
  readonly timer = new FakeTimer();
  readonly authenticator = new TestAuthenticator(this.timer);
  readonly viewers: Viewer[] = [];
  readonly typed: string[] = [];
  readonly listeners = new Set<SessionListener>();
  readonly audited: string[] = [];
  readonly calls: string[] = [];
  cuts = 0;
  /** The program reads nothing. */
  isFull = false;
  onTyped: () => void = () => {};
  readonly sockets: SessionSockets;
  readonly session = {
    id: "s-1",
    number: 1,
    name: "one",
    command: [],
    size: { cols: 80, rows: 24 },
    stateSinceUs: 0,
    createdUs: 0,
    endedUs: null,
  } as unknown as SessionView; // as: what these tests look at

  constructor() {
    this.sockets = new SessionSockets({
      sessions: this.#sessions(),
      authenticator: this.authenticator,
      timer: this.timer,
    });
  }

  open(boundTo: string | null = null): FakeSocket {
    const socket = new FakeSocket();
    this.sockets.admit();
    const arrival = { address: "10.0.0.1", port: 0, secure: false, cut: () => void this.cuts++ };
    this.sockets.serve(socket, arrival, boundTo);
    socket.onopen();
    return socket;
  }

  /** One that has authenticated. */
  async openAs(access: "read" | "write" = "write", clientId = "client-1"): Promise<FakeSocket> {
    const socket = this.open();
    const { token } = await this.authenticator.issueSessionToken(OWNER, { access, sessions: null });
    socket.receive({ type: "auth", message_id: "auth", data: { token, client_id: clientId } });
    await settle();
    return socket;
  }

  async attach(socket: FakeSocket): Promise<void> {
    socket.receive({
      type: "command",
      message_id: "attach",
      session_id: "1",
      data: { action: "attach", write: true },
    });
    await settle();
  }

  #sessions(): Sessions {
    const sessions = {
      live: [this.session],
      record: {
        record: (_name: string, entry: { action: string }) =>
          Promise.resolve(this.audited.push(entry.action)),
      },
      get: (ref: string) =>
        ref === "1" || ref === "s-1"
          ? Promise.resolve(this.session)
          : Promise.reject(new KmError("not_found", "there is none")),
      onEvent: (listener: SessionListener) => {
        this.listeners.add(listener);
        return () => this.listeners.delete(listener);
      },
      attach: (_id: string, viewer: Viewer) => {
        this.viewers.push(viewer);
        viewer.snapshot({ seq: 0, size: { cols: 80, rows: 24 }, bytes: new Uint8Array(3), title: "" });
        const call = (name: string) => () => void this.calls.push(name);
        const attachment = {
          sessionId: "s-1",
          number: 1,
          drained: call("drained"),
          discount: call("discount"),
          detach: call("detach"),
          resize: () => true,
          input: (bytes: Uint8Array) => {
            if (this.isFull) throw new KmError("busy", "Cannot type: its program does not read");
            this.typed.push(new TextDecoder().decode(bytes));
            this.onTyped();
          },
        };
        return Promise.resolve({ session: this.session, attachment });
      },
      signal: (_id: string, signal: string) => Promise.resolve(this.calls.push(signal)),
    };
    return sessions as unknown as Sessions; // as: what a socket asks of them
  }
}

/** Knows one caller, until told otherwise. */
class TestAuthenticator extends Authenticator {
  isRevoked = false;
  /** Nothing can be looked up. */
  isBroken = false;

  constructor(clock: Clock) {
    super({ token: () => null, clock });
  }

  override async sessionGrant(token: string): Promise<SessionGrant | null> {
    const grant = super.sessionGrant(token);
    verifying.add(grant);
    try {
      return await grant;
    } finally {
      verifying.delete(grant);
    }
  }

  override stillMay(): Promise<boolean> {
    if (this.isBroken) return Promise.reject(new Error("too many open files"));
    return Promise.resolve(!this.isRevoked);
  }
}
