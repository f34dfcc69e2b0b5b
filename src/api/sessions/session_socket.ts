/**
 * One WebSocket of sessions: who it is, what it looks at, what it sends. The words of the wire are in `core/session_wire.ts`.
 *
 * Nothing is done, and nothing told, before the first message has proven who sends it.
 * @module
 */
import type { Arrival, Authenticator } from "../../auth/authenticator.ts";
import { TooManyFailures } from "../../auth/failure_limiter.ts";
import type { SessionGrant } from "../../auth/session_tokens.ts";
import { formatTimeUs, systemClock } from "../../core/clock.ts";
import { KmError } from "../../core/error.ts";
import {
  AUTH_MS,
  CLOSE,
  DEAD_MS,
  decodeFrame,
  DRAINED_BYTES,
  encodeFrame,
  FRAME,
  HEARTBEAT_MS,
  LAGGING_BYTES,
  MAX_FRAME_BYTES,
  type SessionMessage,
} from "../../core/session_wire.ts";
import type { Sessions } from "../../sessions/sessions.ts";
import type { Attachment, SessionEvent, Viewer } from "../../sessions/viewer.ts";
import { ApiError } from "../errors.ts";
import { commandBody, sessionBody, stateBody } from "./session_schemas.ts";
import { parseCommand, type SocketCommand } from "./socket_commands.ts";

/** How often it looks whether a slow viewer has read, in ms: a WebSocket does not tell. */
const LOOK_MS = 20;
/** One that reads nothing for this long no longer counts when all must lag before a program is held. */
const DISCOUNT_MS = 10_000;

export interface SessionSocketDeps {
  readonly sessions: Sessions;
  readonly authenticator: Authenticator;
  readonly arrival: Arrival;
  /** The session that this socket is bound to, by what stands in its address; null: it names one in each message. */
  readonly boundTo: string | null;
}

interface Attached extends Attachment {
  lagging: boolean;
  laggingSinceMs: number;
  /** Bytes of input that were taken, by this client. */
  inputThrough: number;
}

export class SessionSocket {
  readonly #socket: WebSocket;
  readonly #deps: SessionSocketDeps;
  #grant: SessionGrant | null = null;
  #token = "";
  #clientId = "";
  readonly #attached = new Map<number, Attached>();
  #unwatch: (() => void) | null = null;
  #authTimer: ReturnType<typeof setTimeout> | undefined;
  #heartbeat: ReturnType<typeof setInterval> | undefined;
  #lookTimer: ReturnType<typeof setTimeout> | undefined;
  #heardMs = performance.now();
  /** Messages are handled one after the other: what follows an attach may need it. */
  #queue: Promise<void> = Promise.resolve();

  constructor(socket: WebSocket, deps: SessionSocketDeps) {
    this.#socket = socket;
    this.#deps = deps;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.#authTimer = setTimeout(() => this.#close(CLOSE.unauthenticated, "no auth message came"), AUTH_MS);
      this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT_MS);
    };
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = () => this.#end();
    socket.onerror = () => this.#end();
  }

  #receive(data: unknown): void {
    this.#heardMs = performance.now();
    if (data instanceof ArrayBuffer) return this.#receiveFrame(new Uint8Array(data));
    if (typeof data !== "string") return;
    if (data.length > MAX_FRAME_BYTES) return this.#close(CLOSE.tooBig, "frames of at most 1 MiB");
    const message = parseMessage(data);
    if (message === null) return this.#close(CLOSE.protocolError, "not a message");
    this.#queue = this.#queue.then(() => this.#handle(message)).catch((error) => this.#fail(message, error));
  }

  async #handle(message: SessionMessage): Promise<void> {
    if (message.type === "ping") {
      return this.#send({ type: "pong", data: { ...message.data, sent: message.timestamp ?? null } });
    }
    if (message.type === "pong") return;
    if (message.type === "auth") return await this.#authenticate(message);
    if (this.#grant === null) return this.#close(CLOSE.unauthenticated, "the first message must be auth");
    if (message.type !== "command" && message.type !== "cancel") {
      return this.#close(CLOSE.protocolError, `a client sends no "${message.type}"`);
    }
    await this.#run(message, parseCommand(message));
  }

  async #authenticate(message: SessionMessage): Promise<void> {
    const { token, client_id: clientId } = message.data ?? {};
    const grant = typeof token === "string"
      ? await this.#deps.authenticator.identifySession(token, this.#deps.arrival).catch((error) => {
        if (error instanceof TooManyFailures) return null;
        throw error;
      })
      : null;
    if (grant === null) return this.#close(CLOSE.unauthenticated, "wrong credentials");
    if (this.#grant !== null && grant.name !== this.#grant.name) {
      return this.#close(CLOSE.protocolError, "somebody else's token");
    }
    this.#grant = grant;
    this.#token = String(token);
    if (typeof clientId === "string" && /^[\w-]{8,64}$/.test(clientId)) this.#clientId = clientId;
    clearTimeout(this.#authTimer);
    this.#ack(message, "authenticated", {
      user: grant.name,
      access: grant.access,
      heartbeat_ms: HEARTBEAT_MS,
      expires_at: formatTimeUs(grant.expiresAtUs),
    });
    if (this.#deps.boundTo !== null && this.#attached.size === 0) {
      await this.#known(this.#deps.boundTo);
    }
  }

  async #run(message: SessionMessage, command: SocketCommand): Promise<void> {
    if (command.action === "watch") return this.#watch(message);
    const ref = this.#deps.boundTo ?? message.session_id;
    if (ref === undefined) throw new ApiError(400, "invalid", 'This needs a "session_id"');
    const view = await this.#known(ref);
    if (view === null) return;
    const { sessions } = this.#deps;
    const caller = { name: this.#grant?.name ?? "", via: "jwt" };
    switch (command.action) {
      case "attach":
        return await this.#attach(message, view.id, command);
      case "detach":
        this.#attached.get(view.number)?.detach();
        this.#attached.delete(view.number);
        return this.#ack(message, "detached", {}, view.id);
      case "send": {
        this.#mustWrite();
        const id = command.id ?? message.message_id ?? "";
        const sent = await sessions.send(view.id, { id, text: command.text }, caller);
        return this.#ack(message, "command", { command: commandBody(sent) }, view.id);
      }
      case "cancel": {
        this.#mustWrite();
        const isCancelled = await sessions.cancelCommand(view.id, command.id, caller);
        return this.#ack(message, "cancelled", { id: command.id, cancelled: isCancelled }, view.id);
      }
      case "resize": {
        const attached = this.#attached.get(view.number);
        const isOwner = attached?.resize(command.size, { takes: command.takes }) ?? false;
        return this.#ack(message, "resized", { owner: isOwner }, view.id);
      }
      case "signal":
        this.#mustWrite();
        await sessions.signal(view.id, command.signal, caller);
        return this.#ack(message, "signalled", {}, view.id);
    }
  }

  async #attach(
    message: SessionMessage,
    id: string,
    command: Extract<SocketCommand, { action: "attach" }>,
  ): Promise<void> {
    const isWriter = this.#grant?.access === "write" && command.write;
    let number = 0;
    const viewer: Viewer = {
      name: this.#grant?.name ?? "",
      mayWrite: isWriter,
      output: (frame) => this.#output(number, frame),
      snapshot: ({ seq, size, bytes, title }) => {
        this.#send({ type: "status", session_id: id, data: { event: "snapshot", seq, size, title } });
        this.#socket.send(encodeFrame({ type: FRAME.snapshot, session: number, seq, bytes }));
      },
      event: (event) => this.#tell(id, event),
    };
    const view = await this.#deps.sessions.get(id);
    number = view.number;
    this.#attached.get(number)?.detach();
    this.#ack(message, "attached", { number, session: sessionBody(view), write: isWriter, input: 0 }, id);
    const { attachment } = await this.#deps.sessions.attach(id, viewer, {
      since: command.since,
      size: command.size,
    });
    this.#attached.set(number, { ...attachment, lagging: false, laggingSinceMs: 0, inputThrough: 0 });
  }

  #receiveFrame(data: Uint8Array<ArrayBuffer>): void {
    if (data.length > MAX_FRAME_BYTES) return this.#close(CLOSE.tooBig, "frames of at most 1 MiB");
    const frame = decodeFrame(data);
    if (frame === null || frame.type !== FRAME.input) return this.#close(CLOSE.protocolError, "not a frame");
    const attached = this.#attached.get(frame.session);
    if (!attached) {
      // It may be on its way: messages wait for one another, frames for messages.
      this.#queue = this.#queue.then(() => {
        if (this.#attached.has(frame.session)) this.#receiveFrame(data);
        else {this.#fail(
            { type: "command" },
            new ApiError(404, "not_attached", "Attach to this session first"),
          );}
      });
      return;
    }
    try {
      attached.input(frame.bytes);
    } catch (error) {
      this.#fail({ type: "command", session_id: attached.sessionId }, error);
    }
  }

  /** False: this viewer lags. */
  #output(number: number, frame: Uint8Array<ArrayBuffer>): boolean {
    if (this.#socket.readyState !== WebSocket.OPEN) return true;
    this.#socket.send(frame);
    if (this.#socket.bufferedAmount < LAGGING_BYTES) return true;
    const attached = this.#attached.get(number);
    if (attached) {
      attached.lagging = true;
      attached.laggingSinceMs = performance.now();
    }
    this.#lookTimer ??= setTimeout(() => this.#look(), LOOK_MS);
    return false;
  }

  /** Whoever lagged goes on as soon as what was sent is read. */
  #look(): void {
    this.#lookTimer = undefined;
    const isDrained = this.#socket.bufferedAmount < DRAINED_BYTES;
    let waits = false;
    for (const attached of this.#attached.values()) {
      if (!attached.lagging) continue;
      if (isDrained) {
        attached.lagging = false;
        attached.drained();
        continue;
      }
      waits = true;
      if (performance.now() - attached.laggingSinceMs > DISCOUNT_MS) attached.discount();
    }
    if (waits) this.#lookTimer = setTimeout(() => this.#look(), LOOK_MS);
  }

  #watch(message: SessionMessage): void {
    this.#unwatch ??= this.#deps.sessions.onEvent((id, event) => {
      if (this.#maySee(id)) this.#tell(id, event);
    });
    const list = this.#deps.sessions.live.filter(({ id }) => this.#maySee(id)).map(sessionBody);
    this.#ack(message, "watching", { sessions: list });
  }

  #tell(id: string, event: SessionEvent): void {
    this.#send({ type: "status", session_id: id, data: eventData(event) });
  }

  /** The session, or null: closed, for there is none that this one may know of. */
  async #known(ref: string): Promise<{ readonly id: string; readonly number: number } | null> {
    try {
      const view = await this.#deps.sessions.get(ref);
      if (this.#maySee(view.id)) return view;
    } catch (error) {
      if (!(error instanceof KmError) || error.code !== "not_found") throw error;
    }
    this.#close(CLOSE.unknownSession, "no such session");
    return null;
  }

  #maySee(id: string): boolean {
    return this.#grant !== null && (this.#grant.sessions === null || this.#grant.sessions.includes(id));
  }

  #mustWrite(): void {
    if (this.#grant?.access === "write") return;
    throw new KmError("not_granted", "This token may only read sessions", {
      hint: 'ask "POST /api/sessions/tokens" for one with "access": "write"',
    });
  }

  #ack(message: SessionMessage, event: string, data: Readonly<Record<string, unknown>>, id?: string): void {
    this.#send({
      type: "status",
      ...(id !== undefined && { session_id: id }),
      data: { event, ack: message.message_id ?? null, ...data },
    });
  }

  #fail(message: SessionMessage, error: unknown): void {
    const known = error instanceof KmError || error instanceof ApiError;
    this.#send({
      type: "error",
      ...(message.session_id !== undefined && { session_id: message.session_id }),
      data: {
        ack: message.message_id ?? null,
        code: known ? error.code : "internal",
        message: known ? error.message : "km failed at this",
        hint: known ? error.hint ?? null : null,
      },
    });
  }

  #send(message: SessionMessage): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#socket.send(JSON.stringify({ ...message, timestamp: formatTimeUs(systemClock.nowUs()) }));
  }

  #beat(): void {
    if (performance.now() - this.#heardMs > DEAD_MS) return this.#close(CLOSE.dead, "nothing came for 30 s");
    this.#send({ type: "ping" });
    void this.#recheck();
  }

  /** What it was opened with may be good no more. */
  async #recheck(): Promise<void> {
    if (this.#grant === null || await this.#deps.authenticator.sessionGrant(this.#token) !== null) return;
    this.#close(CLOSE.unauthenticated, "these credentials have ended");
  }

  #close(code: number, reason: string): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.close(code, reason);
    this.#end();
  }

  #end(): void {
    clearTimeout(this.#authTimer);
    clearInterval(this.#heartbeat);
    clearTimeout(this.#lookTimer);
    this.#unwatch?.();
    for (const attached of this.#attached.values()) attached.detach();
    this.#attached.clear();
  }
}

function parseMessage(text: string): SessionMessage | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || !("type" in value)) return null;
    return value as SessionMessage; // as: what each type needs is checked where it is handled
  } catch {
    return null;
  }
}

function eventData(event: SessionEvent): Readonly<Record<string, unknown>> {
  switch (event.event) {
    case "session":
      return { event: "session", session: sessionBody(event.session) };
    case "state":
      return { event: "state", change: stateBody(event.change), session: sessionBody(event.session) };
    case "command":
      return { event: "command", command: commandBody(event.command) };
    default:
      return { ...event };
  }
}
