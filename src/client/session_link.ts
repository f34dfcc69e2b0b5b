/** The connection behind `connectSessions`: authenticated, kept alive, made again when it breaks. @module */
import { CLOSE, DEAD_MS, decodeFrame, HEARTBEAT_MS, type SessionMessage } from "../core/session_wire.ts";
import { AttachedView } from "./attached_view.ts";
import {
  type AttachedSession,
  type ConnectOptions,
  type LinkStatus,
  type SessionBody,
  type SessionLink,
  SessionLinkError,
  type SessionView,
  type WireEvent,
} from "./session_socket.ts";

type Data = Readonly<Record<string, unknown>>;

/** A message that waits for its answer; sent again after a reconnect, since the server runs each id once. */
interface Pending extends PromiseWithResolvers<Data> {
  readonly message: SessionMessage;
}

/** Waits between attempts, in ms: the first comes at once for a connection that broke, and half of each is by chance. */
const FIRST_WAIT_MS = 100, MAX_WAIT_MS = 10_000;
/** Closed so, another attempt would end the same way. */
const FINAL: ReadonlySet<number> = new Set([
  CLOSE.foreignOrigin,
  CLOSE.protocolError,
  CLOSE.unknownSession,
  CLOSE.tooBig,
]);
/** A fresh token that is refused this often in a row will not become better. */
const MAX_REFUSALS = 3;

export class Link implements SessionLink {
  readonly #options: ConnectOptions;
  /** Under which the server remembers what it has of this link's input and commands. */
  readonly #clientId = crypto.randomUUID();
  readonly #pending = new Map<string, Pending>();
  readonly #views = new Map<number, AttachedView>();
  /** What the answer to a first attach is for, and those of the views that are attached again after a reconnect; by message. */
  readonly #attaching = new Map<string, (answer: Data) => void>();
  readonly #reattaching = new Map<string, AttachedView>();
  readonly #watchers = new Set<(sessionId: string, event: WireEvent) => void>();
  #socket: WebSocket | null = null;
  #status: LinkStatus = "connecting";
  #latencyMs: number | null = null;
  #attempts = 0;
  #refusals = 0;
  #heardMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #heartbeat: ReturnType<typeof setInterval> | undefined;
  #renewal: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ConnectOptions) {
    this.#options = options;
    void this.#connect();
  }

  get status(): LinkStatus {
    return this.#status;
  }

  get latencyMs(): number | null {
    return this.#latencyMs;
  }

  async watch(onEvent: (sessionId: string, event: WireEvent) => void): Promise<SessionBody[]> {
    this.#watchers.add(onEvent);
    const { sessions } = await this.#ask({ action: "watch" });
    return sessions as SessionBody[]; // as: what the server answers to `watch`
  }

  async attach(sessionRef: string, view: SessionView): Promise<AttachedSession> {
    const attached: { view: AttachedView | null } = { view: null };
    const data = { action: "attach", since: null, write: view.write, ...view.size };
    await this.#ask(data, sessionRef, (answer) => {
      const { session, input } = answer as { session: SessionBody; input: number }; // as: what the server answers to `attach`
      const made = attached.view ?? new AttachedView(session, view, {
        request: (data, id) => this.#ask(data, id),
        sendBytes: (bytes) => this.#socket?.send(bytes),
        detach: (view) => this.#detach(view),
        reattach: (view) => this.#reattach(view),
      });
      this.#views.get(session.number)?.view.onGone("attached to it again");
      this.#views.set(session.number, attached.view = made);
      made.online(session, input);
    });
    if (attached.view === null) throw closed("the server did not attach");
    return attached.view;
  }

  [Symbol.dispose](): void {
    this.#end("disposed of", CLOSE.goingAway);
  }

  async #connect(): Promise<void> {
    try {
      const token = await this.#options.getToken();
      if (this.#status === "closed") return;
      const { url } = this.#options;
      const socket = this.#options.open?.(url) ?? new WebSocket(url);
      this.#socket = socket;
      socket.binaryType = "arraybuffer";
      socket.onopen = () => this.#send(authMessage(token, this.#clientId));
      socket.onmessage = ({ data }) => this.#receive(data);
      socket.onclose = ({ code, reason }) => this.#broken(socket, code, reason);
      this.#heardMs = performance.now();
      this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT_MS);
    } catch (error) {
      this.#again(error instanceof Error ? error.message : String(error));
    }
  }

  #receive(data: unknown): void {
    this.#heardMs = performance.now();
    if (data instanceof ArrayBuffer) {
      const frame = decodeFrame(new Uint8Array(data));
      return frame ? this.#views.get(frame.session)?.frame(frame) : undefined;
    }
    const message = JSON.parse(String(data)) as SessionMessage; // as: km wrote it
    const body = message.data ?? {};
    switch (message.type) {
      case "ping":
        return this.#send({
          type: "pong",
          data: { sent: message.timestamp ?? null },
          ...(message.message_id !== undefined && { message_id: message.message_id }),
        });
      case "pong":
        this.#latencyMs = Math.max(0, performance.now() - Number(body["echo"]));
        return;
      case "error":
        return this.#refused(message, body);
      case "status":
        return this.#told(message, body);
    }
  }

  #told({ session_id: id }: SessionMessage, data: Data): void {
    if (data["event"] === "authenticated") return this.#opened(data);
    const ack = data["ack"];
    if (typeof ack === "string") {
      this.#pending.get(ack)?.resolve(data);
      this.#pending.delete(ack);
    }
    if (data["event"] === "attached" && id !== undefined) return this.#reattached(data);
    if (id === undefined || ack !== undefined) return;
    const view = this.#viewOf(id);
    view?.status(data);
    if (isEvent(data)) { for (const onEvent of this.#watchers) onEvent(id, data); }
    if (data["event"] === "removed" && view) this.#gone(view, "the session was removed");
  }

  /** The attached session's frames follow its answer at once. */
  #reattached(data: Data): void {
    const { ack, session, input } = data as { ack: string; session: SessionBody; input: number }; // as: see `attach`
    const attaching = this.#attaching.get(ack);
    this.#attaching.delete(ack);
    if (attaching) attaching(data);
    else this.#views.get(session.number)?.online(session, input);
  }

  #refused({ session_id: id }: SessionMessage, data: Data): void {
    const { ack, code = "internal", message = "refused", hint = null, through } = data as {
      ack?: string | null;
      code?: string;
      message?: string;
      hint?: string | null;
      through?: number;
    }; // as: what the server sends as an error
    if (typeof through === "number" && id !== undefined) return this.#viewOf(id)?.refused(through);
    if (typeof ack !== "string") return;
    const pending = this.#pending.get(ack);
    this.#pending.delete(ack);
    this.#attaching.delete(ack);
    if (pending) return pending.reject(new SessionLinkError(code, message, hint));
    // A session that was attached to before the connection broke.
    const view = this.#reattaching.get(ack);
    this.#reattaching.delete(ack);
    if (view) this.#gone(view, message);
  }

  /** Authenticated, for the first time or again. */
  #opened(data: Data): void {
    clearTimeout(this.#renewal);
    const lifeMs = Number(data["expires_in_s"]) * 1000;
    this.#renewal = setTimeout(() => void this.#renew(), Math.max(1000, lifeMs * 0.8));
    this.#refusals = 0;
    this.#attempts = 0;
    if (this.#status === "open") return;
    this.#tell("open", null);
    this.#reattaching.clear();
    const pending = [...this.#pending.values()];
    for (const view of this.#views.values()) this.#reattach(view);
    const isWatching = pending.some(({ message }) => message.data?.["action"] === "watch");
    if (this.#watchers.size > 0 && !isWatching) void this.#rewatch();
    for (const { message } of pending) this.#send(message);
    this.#beat();
  }

  #reattach(view: AttachedView): void {
    const message = command(view.attachData, view.id);
    this.#reattaching.set(message.message_id ?? "", view);
    this.#send(message);
  }

  async #rewatch(): Promise<void> {
    const answer = await this.#ask({ action: "watch" }).catch(() => null);
    for (const session of (answer?.["sessions"] ?? []) as SessionBody[]) { // as: see `watch`
      for (const onEvent of this.#watchers) onEvent(session.id, { event: "session", session });
    }
  }

  async #renew(): Promise<void> {
    const token = await this.#options.getToken().catch(() => null);
    if (token !== null && this.#status === "open") this.#send(authMessage(token, this.#clientId));
    // Without one the server closes, and the next connection asks again.
  }

  #broken(socket: WebSocket, code: number, reason: string): void {
    if (socket !== this.#socket) return;
    this.#socket = null;
    clearInterval(this.#heartbeat);
    clearTimeout(this.#renewal);
    for (const view of this.#views.values()) view.offline();
    if (this.#status === "closed") return;
    if (code === CLOSE.unauthenticated && this.#status !== "open") this.#refusals++;
    if (FINAL.has(code) || this.#refusals >= MAX_REFUSALS) return this.#end(reason || `closed with ${code}`);
    this.#again(reason || `the connection broke (${code})`);
  }

  #again(reason: string): void {
    if (this.#status === "closed") return;
    this.#tell("connecting", reason);
    const waitMs = this.#attempts === 0
      ? 0
      : Math.min(FIRST_WAIT_MS * 2 ** (this.#attempts - 1), MAX_WAIT_MS);
    this.#attempts++;
    this.#timer = setTimeout(() => void this.#connect(), waitMs * (0.5 + Math.random() / 2));
  }

  #beat(): void {
    if (performance.now() - this.#heardMs > DEAD_MS) {
      const socket = this.#socket;
      socket?.close();
      // A dead peer does not answer a close either.
      if (socket) this.#broken(socket, CLOSE.dead, "nothing came for 30 s");
      return;
    }
    if (this.#status === "open") this.#send({ type: "ping", data: { echo: performance.now() } });
  }

  async #ask(data: Data, sessionId?: string, onAttached?: (answer: Data) => void): Promise<Data> {
    if (this.#status === "closed") throw closed("the connection was closed");
    const message = command(data, sessionId);
    const id = message.message_id ?? "";
    const pending: Pending = { ...Promise.withResolvers<Data>(), message };
    this.#pending.set(id, pending);
    if (onAttached) this.#attaching.set(id, onAttached);
    if (this.#status === "open") this.#send(message);
    return await pending.promise;
  }

  #send(message: SessionMessage): void {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    this.#socket.send(JSON.stringify({ ...message, timestamp: new Date().toISOString() }));
  }

  #viewOf(id: string): AttachedView | undefined {
    return this.#views.values().find((view) => view.id === id);
  }

  #detach(view: AttachedView): void {
    if (this.#views.get(view.number) !== view) return;
    this.#views.delete(view.number);
    this.#ask({ action: "detach" }, view.id).catch(() => {}); // It is not shown any more in any case.
  }

  #gone(view: AttachedView, reason: string): void {
    view.offline();
    this.#views.delete(view.number);
    view.view.onGone(reason);
  }

  #end(reason: string, code?: number): void {
    if (this.#status === "closed") return;
    this.#tell("closed", reason);
    clearTimeout(this.#timer);
    clearInterval(this.#heartbeat);
    clearTimeout(this.#renewal);
    const socket = this.#socket;
    this.#socket = null;
    if (code !== undefined) socket?.close(1000);
    for (const { reject } of this.#pending.values()) reject(closed(reason));
    this.#pending.clear();
    for (const view of [...this.#views.values()]) this.#gone(view, reason);
  }

  #tell(status: LinkStatus, reason: string | null): void {
    if (this.#status === status && reason === null) return;
    this.#status = status;
    this.#options.onStatus?.(status, reason);
  }
}

function authMessage(token: string, clientId: string): SessionMessage {
  return { type: "auth", message_id: crypto.randomUUID(), data: { token, client_id: clientId } };
}

function command(data: Data, sessionId?: string): SessionMessage {
  return {
    type: "command",
    message_id: crypto.randomUUID(),
    ...(sessionId !== undefined && { session_id: sessionId }),
    data,
  };
}

const EVENTS: ReadonlySet<unknown> = new Set([
  "session",
  "state",
  "command",
  "notification",
  "size",
  "leave",
  "removed",
]);

function isEvent(data: Data): data is Data & WireEvent {
  return EVENTS.has(data["event"]);
}

function closed(reason: string): SessionLinkError {
  return new SessionLinkError("closed", `There is no connection: ${reason}`);
}
