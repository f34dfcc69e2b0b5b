/**
 * One WebSocket of sessions: who it is, what it looks at, what it sends. The words of the wire are in `core/session_wire.ts`.
 *
 * Nothing is done, and nothing told, before the first message has proven who sends it. What a peer sends is handled one after the other, and not
 * while it has more than 1 MiB to read: whoever does not read is not answered either, and costs no more memory.
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
import { Heartbeat } from "./heartbeat.ts";
import { LagWatch } from "./lag_watch.ts";
import { NamedTimers } from "./named_timers.ts";
import { LOOK_MS, Outbox, type SocketLike } from "./outbox.ts";
import { sessionBody } from "./session_bodies.ts";
import type { ShownSession } from "./shown_session.ts";
import { ShownSessions } from "./shown_sessions.ts";
import { parseCommand, runCommand, type SocketCommand } from "./socket_commands.ts";
import { closeReason, errorData, parseMessage } from "./wire_messages.ts";

/** Messages that wait to be handled, and their characters; before authentication far fewer. */
const MAX_WAITING = 1000, MAX_WAITING_CHARS = 4 * MAX_FRAME_BYTES;
const MAX_WAITING_BEFORE_AUTH = 16, MAX_CHARS_BEFORE_AUTH = 128 * 1024;
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
  #grant: SessionGrant | null = null;
  #token = "";
  #memory = new ClientMemory();
  readonly #shown: ShownSessions;
  #isWatching = false;
  #unlisten: (() => void) | null = null;
  /** What is to be called off at the end, by what it is for. */
  readonly #timers: NamedTimers<"auth" | "expiry" | "close">;
  readonly #heartbeat: Heartbeat;
  readonly #lag: LagWatch;
  #queue: Promise<void> = Promise.resolve();
  #waiting = 0;
  #waitingChars = 0;
  #hasSentAuth = false;
  #isOver = false;

  constructor(socket: SocketLike, deps: SessionSocketDeps) {
    this.#socket = socket;
    this.#deps = deps;
    this.#outbox = new Outbox(socket, deps.timer);
    this.#timers = new NamedTimers(deps.timer);
    const { timer } = deps;
    this.#heartbeat = new Heartbeat({
      timer,
      outbox: this.#outbox,
      isKnown: () => this.#grant !== null,
      onBeat: () => void this.recheck(),
      onDead: () => this.#close(CLOSE.dead, "nothing came for 30 s"),
    });
    this.#lag = new LagWatch({
      timer,
      outbox: this.#outbox,
      shown: () => this.#shown.all(),
      onDead: () => this.#close(CLOSE.dead, "nothing was read for 60 s"),
    });
    this.#shown = new ShownSessions({
      sessions: deps.sessions,
      timer,
      outbox: this.#outbox,
      grant: () => this.#grant,
      memory: () => this.#memory,
      onLag: () => this.#lag.look(),
      onChange: () => this.#listen(),
    });
    socket.binaryType = "arraybuffer";
    this.#timers.after(
      "auth",
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
    return this.#grant?.name ?? null;
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
    if (this.#grant === null || this.#isOver) return;
    const token = this.#token;
    try {
      const grant = await this.#deps.authenticator.sessionGrant(token);
      if (grant !== null || token !== this.#token) return;
      this.#close(CLOSE.unauthenticated, "these credentials have ended");
    } catch {
      // Who may be let in no more must not stay because that cannot be read; who may comes back.
      this.#close(CLOSE.busy, "these credentials cannot be checked at the moment");
    }
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
    this.#enqueue(message, data.length, () => this.#whileFull(), () => this.#handle(message));
  }

  /** Does `work`, which `message` asks for in so many characters, after all that came before and once `isReady`. */
  #enqueue(
    message: SessionMessage,
    chars: number,
    isReady: () => Promise<void> | void,
    work: () => Promise<void> | void,
  ): void {
    this.#waiting++;
    this.#waitingChars += chars;
    this.#queue = this.#queue.then(isReady).then(() => {
      this.#waiting--;
      this.#waitingChars -= chars;
      return this.#isOver ? undefined : work();
    }).catch((error) => this.#fail(message, error));
  }

  /** False: it was closed, for this is not what may come now. */
  #mayWait(message: SessionMessage, chars: number): boolean {
    const isKnown = this.#grant !== null;
    if (!isKnown && !this.#hasSentAuth && message.type !== "auth") {
      this.#close(CLOSE.unauthenticated, "the first message must be auth");
    } else if (!isKnown && this.#hasSentAuth && message.type === "auth") {
      this.#close(CLOSE.unauthenticated, "one attempt for each connection");
    } else if (
      this.#waiting >= (isKnown ? MAX_WAITING : MAX_WAITING_BEFORE_AUTH) ||
      this.#waitingChars + chars > (isKnown ? MAX_WAITING_CHARS : MAX_CHARS_BEFORE_AUTH)
    ) {
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
    const { authenticator, arrival, audit } = this.#deps;
    let grant: SessionGrant | null = null;
    let reason = "wrong credentials";
    try {
      grant = await authenticator.identifySession(typeof token === "string" ? token : "", arrival);
    } catch (error) {
      if (!(error instanceof TooManyFailures)) throw error;
      reason = `wrong credentials, too often: wait ${error.retryAfterS} s`;
    }
    if (this.#isOver) return;
    if (grant === null) {
      audit.refused(arrival.address, "a WebSocket of sessions sent a token that is not, or no more, good");
      return this.#close(CLOSE.unauthenticated, reason);
    }
    if (this.#grant === null && !this.#enter(grant, clientId)) return;
    if (grant.name !== this.#grant?.name) return this.#close(CLOSE.protocolError, "a token of somebody else");
    this.#grant = grant;
    this.#token = String(token);
    this.#expireAt(grant.expiresAtUs);
    this.#shown.hideForbidden();
    if (this.#deps.boundTo !== null && await this.#find(this.#deps.boundTo) === null) return;
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
    this.#timers.cancel("auth");
    this.#grant = grant;
    const isId = typeof clientId === "string" && CLIENT_ID.test(clientId);
    this.#memory = this.#deps.memories.of(grant.name, isId ? clientId : null);
    return true;
  }

  #expireAt(timeUs: number): void {
    // A second later: then it has ended by every clock here.
    const inMs = (timeUs - systemClock.nowUs()) / 1000 + 1000;
    this.#timers.after("expiry", Math.max(0, inMs), () => void this.recheck());
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
        const shown = this.#grant?.access === "write" ? this.#shown.get(number) : undefined;
        const isOwner = shown?.resize(command.size, { takes: command.takes }) ?? false;
        return this.#acknowledge(message, "resized", { owner: isOwner }, id);
      }
      default: {
        this.#mustWrite();
        const caller = { name: this.#grant?.name ?? "", via: "jwt" };
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
    if (shown && this.#waiting === 0) return this.#type(shown, frame.seq, frame.bytes);
    // The attach that it needs may be waiting.
    if (!this.#mayWait({ type: "command" }, data.length)) return;
    // Also while the peer has much to read: what it types may be what ends that.
    this.#enqueue({ type: "command" }, data.length, () => {}, () => {
      const shown = this.#shown.get(frame.session);
      if (shown) this.#type(shown, frame.seq, frame.bytes);
      else if (!this.#shown.wasShown(frame.session)) {
        this.#close(CLOSE.protocolError, "input for what is not attached");
      }
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
    this.#isWatching = true;
    this.#listen();
    const sessions = this.#deps.sessions.live.filter(({ id }) => this.#shown.maySee(id)).map(sessionBody);
    this.#acknowledge(message, "watching", { sessions });
  }

  /** Hears of events while there is somebody to tell. */
  #listen(): void {
    const wants = !this.#isOver && (this.#isWatching || this.#shown.size > 0);
    if (!wants) {
      this.#unlisten?.();
      this.#unlisten = null;
    }
    this.#unlisten ??= !wants ? null : this.#hear();
  }

  /** Returns what ends it. */
  #hear(): () => void {
    const { sessions, tasks } = this.#deps;
    const offSessions = sessions.onEvent((id, event) => {
      const isShown = this.#shown.all().some((shown) => shown.id === id);
      if ((isShown || this.#isWatching) && this.#shown.maySee(id)) this.#outbox.tell(id, event);
    });
    // Tasks are seen by who may see everything.
    const offTasks = tasks?.onChange((task) => {
      if (this.#isWatching && this.#grant?.sessions === null) {
        this.#outbox.tell(task.id, { event: "task", task });
      }
    });
    return () => {
      offSessions();
      offTasks?.();
    };
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
    if (this.#grant?.access !== "write") throw mayOnlyRead();
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

  /** Settles when the peer has read enough to be answered. */
  async #whileFull(): Promise<void> {
    while (this.#outbox.isFull && !this.#isOver) await this.#within(new Promise(() => {}), LOOK_MS);
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
    this.#timers.after("close", CLOSE_MS, () => {
      cut?.();
      this.#end();
    });
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.close(code, closeReason(reason));
    else this.#socket.onopen = () => this.#socket.close(code, closeReason(reason));
  }

  /** Nothing is handled, sent or shown any more. */
  #stop(): void {
    this.#isOver = true;
    this.#timers.cancelAll();
    this.#heartbeat.end();
    this.#lag.end();
    this.#shown.end();
    this.#outbox.end();
    this.#listen();
  }

  #end(): void {
    if (!this.#isOver) this.#stop();
    this.#timers.cancel("close");
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
