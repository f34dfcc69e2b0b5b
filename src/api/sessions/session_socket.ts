/**
 * One WebSocket of sessions: who it is, what it looks at, what it sends. The words of the wire are in `core/session_wire.ts`.
 *
 * Nothing is done, and nothing told, before the first message has proven who sends it. What a peer sends is handled one after the other, and not
 * while it has more than 1 MiB to read: whoever does not read is not answered either, and costs no more memory.
 *
 * Its parts: who it is (`socket_credentials.ts`), what waits to be handled (`inbox.ts`) and what that asks for (`socket_commands.ts`), what it is
 * shown (`shown_sessions.ts`), what it is told unasked (`event_feed.ts`), what goes out (`outbox.ts`); whether the peer lives (`heartbeat.ts`) and
 * reads (`lag_watch.ts`).
 * @module
 */
import type { Arrival, Authenticator } from "../../auth/authenticator.ts";
import type { SessionGrant } from "../../auth/session_tokens.ts";
import { formatTimeUs, systemClock } from "../../core/clock.ts";
import { KmError } from "../../core/error.ts";
import {
  AUTH_MS,
  CLOSE,
  decodeFrame,
  FRAME,
  HEARTBEAT_MS,
  MAX_FRAME_BYTES,
  type SessionMessage,
} from "../../core/session_wire.ts";
import type { Sessions } from "../../sessions/sessions.ts";
import type { SessionView } from "../../sessions/viewer.ts";
import type { Tasks } from "../../sessions/tasks/tasks.ts";
import type { Timer } from "../body.ts";
import { ApiError } from "../errors.ts";
import type { AuditLog } from "./audit_log.ts";
import { type ClientMemories, ClientMemory } from "./client_memory.ts";
import { EventFeed } from "./event_feed.ts";
import { Heartbeat } from "./heartbeat.ts";
import { Inbox } from "./inbox.ts";
import { LagWatch } from "./lag_watch.ts";
import { Outbox, type SocketLike } from "./outbox.ts";
import { sessionBody } from "./session_bodies.ts";
import type { ShownSession } from "./shown_session.ts";
import { ShownSessions } from "./shown_sessions.ts";
import { parseCommand, runCommand, type SocketCommand } from "./socket_commands.ts";
import { SocketCredentials } from "./socket_credentials.ts";
import { closeReason, errorData, parseMessage } from "./wire_messages.ts";

/** A peer that does not take part in the close is cut off after this, in ms. */
const CLOSE_MS = 5_000;
/** How long the first content of an attached session is waited for before the next message is handled, in ms. */
const SHOW_MS = 1_000;
const CLIENT_ID = /^[\w-]{8,64}$/;

export interface SessionSocketDeps {
  readonly sessions: Sessions;
  readonly tasks: Tasks | null;
  readonly authenticator: Authenticator;
  readonly arrival: Arrival;
  /** The session that this socket is bound to, by what stands in its address; null: it names one in each message. */
  readonly boundTo: string | null;
  readonly timer: Timer;
  readonly memories: ClientMemories;
  readonly audit: AuditLog;
  /** False: this user has too many sockets. */
  readonly mayEnter: (user: string) => boolean;
  readonly onEnd: () => void;
}

export class SessionSocket {
  readonly #socket: SocketLike;
  readonly #deps: SessionSocketDeps;
  readonly #outbox: Outbox;
  readonly #inbox: Inbox;
  readonly #credentials: SocketCredentials;
  #memory = new ClientMemory();
  readonly #shown: ShownSessions;
  readonly #feed: EventFeed;
  readonly #heartbeat: Heartbeat;
  readonly #lag: LagWatch;
  readonly #cancelAuth: () => void;
  #cancelClose: () => void = () => {};
  #hasSentAuth = false;
  #isOver = false;

  constructor(socket: SocketLike, deps: SessionSocketDeps) {
    const { sessions, tasks, authenticator, arrival, timer } = deps;
    const outbox = new Outbox(socket, timer);
    const grant = () => this.#credentials.grant;
    this.#socket = socket;
    this.#deps = deps;
    this.#outbox = outbox;
    this.#inbox = new Inbox({ timer, outbox, isOver: () => this.#isOver });
    this.#credentials = new SocketCredentials({
      authenticator,
      arrival,
      timer,
      onEnd: (code, reason) => this.#close(code, reason),
    });
    this.#heartbeat = new Heartbeat({
      timer,
      outbox,
      isKnown: () => this.user !== null,
      onBeat: () => void this.recheck(),
      onDead: () => this.#close(CLOSE.dead, "nothing came for 30 s"),
    });
    this.#lag = new LagWatch({
      timer,
      outbox,
      shown: () => this.#shown.all(),
      onDead: () => this.#close(CLOSE.dead, "nothing was read for 60 s"),
    });
    this.#shown = new ShownSessions({
      sessions,
      timer,
      outbox,
      grant,
      memory: () => this.#memory,
      onLag: () => this.#lag.look(),
      onChange: () => this.#feed.update(),
    });
    this.#feed = new EventFeed({ sessions, tasks, outbox, shown: this.#shown, grant });
    socket.binaryType = "arraybuffer";
    this.#cancelAuth = timer.after(
      AUTH_MS,
      () => this.#close(CLOSE.unauthenticated, "no auth message came within 5 s"),
    );
    socket.onopen = () => this.#heartbeat.begin();
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = () => this.#end();
    socket.onerror = () => this.#end();
  }

  /** Whose it is; null: not known yet. */
  get user(): string | null {
    return this.#credentials.grant?.name ?? null;
  }

  /** It is closed, or being closed. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Others came, and it has not said who it is. */
  giveWay(): void {
    this.#close(CLOSE.unauthenticated, "too many have not authenticated, and this one came first");
  }

  /** Waits for its close no longer. */
  cutOff(): void {
    this.#deps.arrival.cut?.();
    this.#end();
  }

  /** Closes it when what it was opened with is good no more. Never throws. */
  async recheck(): Promise<void> {
    if (!this.#isOver) await this.#credentials.recheck();
  }

  goAway(): void {
    this.#close(CLOSE.goingAway, "km serve is stopping");
  }

  #receive(data: unknown): void {
    if (this.#isOver) return;
    this.#heartbeat.heard();
    if (data instanceof ArrayBuffer) return this.#receiveFrame(new Uint8Array(data));
    if (typeof data !== "string") return this.#close(CLOSE.protocolError, "not a message");
    if (isTooLong(data)) return this.#close(CLOSE.tooBig, "frames of at most 1 MiB");
    const message = parseMessage(data);
    if (message === null) return this.#close(CLOSE.protocolError, "not a message");
    if (message.type === "pong") return this.#heardPong(message);
    if (!this.#mayWait(message, data.length)) return;
    this.#inbox.add(data.length, {
      run: () => this.#handle(message),
      onError: (error) => this.#fail(message, error),
    });
  }

  /** False: it was closed, for this is not what may come now. */
  #mayWait(message: SessionMessage, chars: number): boolean {
    const isKnown = this.user !== null;
    if (!isKnown && !this.#hasSentAuth && message.type !== "auth") {
      this.#close(CLOSE.unauthenticated, "the first message must be auth");
    } else if (!isKnown && this.#hasSentAuth && message.type === "auth") {
      this.#close(CLOSE.unauthenticated, "one attempt for each connection");
    } else if (!this.#inbox.hasRoom(chars, { isKnown })) {
      this.#close(CLOSE.protocolError, "too many messages wait for their answers");
    }
    this.#hasSentAuth = true;
    return !this.#isOver;
  }

  async #handle(message: SessionMessage): Promise<void> {
    switch (message.type) {
      case "ping":
        return this.#outbox.say({
          type: "pong",
          ...(message.message_id !== undefined && { message_id: message.message_id }),
          data: { ...message.data, sent: message.timestamp ?? null },
        });
      case "auth":
        return await this.#authenticate(message);
      case "command":
      case "cancel":
        return await this.#run(message, parseCommand(message));
      default:
        return this.#close(CLOSE.protocolError, `a client sends no "${message.type}"`);
    }
  }

  async #authenticate(message: SessionMessage): Promise<void> {
    const { token, client_id: clientId } = message.data ?? {};
    const { arrival, audit, boundTo } = this.#deps;
    const grant = await this.#credentials.identify(token);
    if (this.#isOver) return;
    if (typeof grant === "string") {
      audit.refused(arrival.address, "a WebSocket of sessions sent a token that is not, or no more, good");
      return this.#close(CLOSE.unauthenticated, grant);
    }
    if (this.user === null && !this.#enter(grant, clientId)) return;
    if (this.user !== null && this.user !== grant.name) {
      return this.#close(CLOSE.protocolError, "a token of somebody else");
    }
    this.#credentials.take(String(token), grant);
    this.#shown.hideForbidden();
    if (boundTo !== null && await this.#find(boundTo) === null) return;
    this.#acknowledge(message, "authenticated", {
      user: grant.name,
      access: grant.access,
      heartbeat_ms: HEARTBEAT_MS,
      expires_at: formatTimeUs(grant.expiresAtUs),
      expires_in_s: Math.max(0, Math.round((grant.expiresAtUs - systemClock.nowUs()) / 1e6)),
    });
  }

  /** Known for the first time. */
  #enter(grant: SessionGrant, clientId: unknown): boolean {
    if (!this.#deps.mayEnter(grant.name)) {
      this.#close(CLOSE.busy, `"${grant.name}" has too many connections`);
      return false;
    }
    this.#cancelAuth();
    const isId = typeof clientId === "string" && CLIENT_ID.test(clientId);
    this.#memory = this.#deps.memories.of(grant.name, isId ? clientId : null);
    return true;
  }

  async #run(message: SessionMessage, command: SocketCommand): Promise<void> {
    if (command.action === "watch") return this.#watch(message);
    const ref = this.#deps.boundTo ?? message.session_id;
    if (ref === undefined) {
      throw new ApiError(400, "invalid", 'This needs a "session_id"', { field: "session_id" });
    }
    const session = await this.#find(ref);
    if (session === null) return;
    const { id, number } = session;
    switch (command.action) {
      case "attach":
        return await this.#attach(message, session, command);
      case "detach": {
        const shown = this.#shown.get(number);
        if (shown) this.#shown.hide(shown);
        return this.#acknowledge(message, "detached", {}, id);
      }
      case "resize": {
        const shown = this.#credentials.grant?.access === "write" ? this.#shown.get(number) : undefined;
        const isOwner = shown?.resize(command.size, { takes: command.takes }) ?? false;
        return this.#acknowledge(message, "resized", { owner: isOwner }, id);
      }
      default: {
        this.#mustWrite();
        const caller = { name: this.user ?? "", via: "jwt" };
        const { event, ...data } = await runCommand(command, {
          sessions: this.#deps.sessions,
          memory: this.#memory,
          caller,
          sessionId: id,
          messageId: message.message_id,
        });
        return this.#acknowledge(message, String(event), data, id);
      }
    }
  }

  async #attach(
    message: SessionMessage,
    session: SessionView,
    command: Extract<SocketCommand, { action: "attach" }>,
  ): Promise<void> {
    const shown = this.#shown.open(session, command);
    const now = sessionBody(await this.#deps.sessions.get(session.id));
    const { number, mayWrite: write, inputThrough: input } = shown;
    this.#acknowledge(message, "attached", { number, session: now, write, input }, session.id);
    if (await this.#shown.begin(shown, command)) await this.#within(shown.shown, SHOW_MS);
  }

  #receiveFrame(data: Uint8Array<ArrayBuffer>): void {
    if (!this.#hasSentAuth) return this.#close(CLOSE.unauthenticated, "the first message must be auth");
    if (data.length > MAX_FRAME_BYTES) return this.#close(CLOSE.tooBig, "frames of at most 1 MiB");
    const frame = decodeFrame(data);
    if (frame === null) return this.#close(CLOSE.protocolError, "not a frame");
    if (frame.type !== FRAME.input) return this.#close(CLOSE.protocolError, "a client sends input alone");
    const shown = this.#shown.get(frame.session);
    if (shown && this.#inbox.isEmpty) return this.#type(shown, frame.seq, frame.bytes);
    // The attach that it needs may be waiting.
    if (!this.#mayWait({ type: "command" }, data.length)) return;
    this.#inbox.add(data.length, {
      // What it types may be what ends that it has much to read.
      isUrgent: true,
      run: () => {
        const shown = this.#shown.get(frame.session);
        if (shown) this.#type(shown, frame.seq, frame.bytes);
        else if (!this.#shown.wasShown(frame.session)) {
          this.#close(CLOSE.protocolError, "input for what is not attached");
        }
      },
      onError: (error) => this.#fail({ type: "command" }, error),
    });
  }

  #type(shown: ShownSession, seq: number, bytes: Uint8Array): void {
    try {
      this.#mustWrite();
      shown.input(seq, bytes);
    } catch (error) {
      if (!this.#outbox.isFull) this.#fail({ type: "command", session_id: shown.id }, error);
    }
  }

  #watch(message: SessionMessage): void {
    this.#feed.watch();
    const sessions = this.#deps.sessions.live.filter(({ id }) => this.#shown.maySee(id)).map(sessionBody);
    this.#acknowledge(message, "watching", { sessions });
  }

  /**
   * The session, when there is one that this client may know of. A socket that is bound to one that is not there is closed, and null comes
   * back; one for all sessions goes on for the others. @throws {KmError} not_found, ambiguous
   */
  async #find(ref: string): Promise<SessionView | null> {
    try {
      return await this.#shown.find(ref);
    } catch (error) {
      if (this.#deps.boundTo === null || !(error instanceof KmError) || error.code !== "not_found") {
        throw error;
      }
      this.#close(CLOSE.unknownSession, "no such session");
      return null;
    }
  }

  #mustWrite(): void {
    if (this.#credentials.grant?.access !== "write") throw mayOnlyRead();
  }

  #acknowledge(
    message: SessionMessage,
    event: string,
    data: Readonly<Record<string, unknown>>,
    id?: string,
  ): void {
    this.#outbox.say({
      type: "status",
      ...(id !== undefined && { session_id: id }),
      data: { event, ack: message.message_id ?? null, ...data },
    });
  }

  /** Never throws: a socket that cannot even say this is closed. */
  #fail(message: SessionMessage, error: unknown): void {
    try {
      this.#outbox.say({
        type: "error",
        ...(message.session_id !== undefined && { session_id: message.session_id }),
        data: { ack: message.message_id ?? null, ...errorData(error) },
      });
    } catch {
      this.#close(CLOSE.goingAway, "nothing can be sent to it");
    }
  }

  #heardPong(message: SessionMessage): void {
    if (!this.#hasSentAuth) return this.#close(CLOSE.unauthenticated, "the first message must be auth");
    this.#heartbeat.heardPong(message);
  }

  async #within(work: Promise<void>, ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#deps.timer.after(ms, resolve);
    await Promise.race([work, promise]);
    cancel();
  }

  #close(code: number, reason: string): void {
    if (this.#isOver) return;
    this.#stop();
    if (this.#socket.readyState === WebSocket.CLOSED) return this.#end();
    const { cut } = this.#deps.arrival;
    this.#cancelClose = this.#deps.timer.after(CLOSE_MS, () => {
      cut?.();
      this.#end();
    });
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.close(code, closeReason(reason));
    else this.#socket.onopen = () => this.#socket.close(code, closeReason(reason));
  }

  /** Nothing is handled, sent or shown any more. */
  #stop(): void {
    this.#isOver = true;
    this.#cancelAuth();
    this.#credentials.end();
    this.#heartbeat.end();
    this.#lag.end();
    this.#shown.end();
    this.#outbox.end();
    this.#feed.end();
  }

  #end(): void {
    if (!this.#isOver) this.#stop();
    this.#cancelClose();
    this.#deps.onEnd();
  }
}

/** By bytes of UTF-8; most texts need not be encoded to know. */
function isTooLong(text: string): boolean {
  if (text.length * 3 <= MAX_FRAME_BYTES) return false;
  return text.length > MAX_FRAME_BYTES || new TextEncoder().encode(text).length > MAX_FRAME_BYTES;
}

function mayOnlyRead(): KmError {
  return new KmError("not_granted", "Cannot type: this token may only read sessions", {
    hint: 'ask "POST /api/sessions/tokens" for one with "access": "write"',
  });
}
