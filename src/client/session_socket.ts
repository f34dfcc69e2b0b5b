/**
 * Sessions over one WebSocket (`/api/ws`), for the command line and the dashboard: it authenticates, connects again by itself, and goes on where
 * it was. Output comes exactly once and in order; what was typed arrives exactly once, however often the connection breaks.
 *
 * Runs in a browser and in Deno; the words of the wire are in `core/session_wire.ts`.
 * @module
 */
import type { TerminalSize } from "../core/session.ts";
import type { CommandBody, SessionBody, StateBody } from "../api/sessions/session_schemas.ts";
import { Link } from "./session_link.ts";

export type { CommandBody, SessionBody, StateBody };

/** What happens to a session, as it is told over the socket. */
export type WireEvent =
  | { readonly event: "session"; readonly session: SessionBody }
  | { readonly event: "state"; readonly change: StateBody; readonly session: SessionBody }
  | { readonly event: "command"; readonly command: CommandBody }
  | { readonly event: "notification"; readonly text: string }
  | { readonly event: "size"; readonly size: TerminalSize }
  /** Terminals of their own are asked to show it no more. */
  | { readonly event: "leave"; readonly by: string }
  | { readonly event: "removed" };

export type LinkStatus = "connecting" | "open" | "closed";

/** Where a terminal is shown. */
export interface SessionView {
  /** It types into the session; refused where the token only reads. */
  readonly write: boolean;
  /** Size of what it is shown in; the first who tells one owns the session's size. */
  readonly size?: TerminalSize;
  /** What replaces all that is shown: reset the terminal, make it `size`, then write `bytes`. */
  onSnapshot(bytes: Uint8Array, size: TerminalSize): void;
  onOutput(bytes: Uint8Array): void;
  onEvent(event: WireEvent): void;
  /** The session is not there any more, or may not be seen; nothing else comes. */
  onGone(reason: string): void;
}

/** A session that is looked at. */
export interface AttachedSession {
  readonly id: string;
  readonly number: number;
  /** As it was when it was attached to. */
  readonly session: SessionBody;
  /** Types bytes as they are. @throws {KmError} busy when more than 8 MiB wait to be taken */
  input(bytes: Uint8Array): void;
  /** Tells the size of what it is shown in; `take` makes it the session's. True: it is the session's now. */
  resize(size: TerminalSize, take?: boolean): Promise<boolean>;
  /** Sends a command, typed in when the session is idle; the same `id` again is the same command. */
  send(text: string, id?: string): Promise<CommandBody>;
  /** Takes a command back that still waits. False: it does not. */
  cancel(commandId: string): Promise<boolean>;
  signal(name: string): Promise<void>;
  /** Asks for everything anew at the next connection: what is shown was drawn over while there was none. */
  redraw(): void;
  detach(): void;
}

/** One connection, many sessions. */
export interface SessionLink extends Disposable {
  readonly status: LinkStatus;
  /** Of the last ping; null: not known yet. */
  readonly latencyMs: number | null;
  /** Tells of all sessions; settles with those that there are. Events after each reconnect begin with a `session` event of each. */
  watch(onEvent: (sessionId: string, event: WireEvent) => void): Promise<SessionBody[]>;
  /** Shows a session, by id, number, name or the beginning of an id. @throws {SessionLinkError} */
  attach(sessionRef: string, view: SessionView): Promise<AttachedSession>;
}

export interface ConnectOptions {
  /** `ws://127.0.0.1:4242/api/ws`. */
  readonly url: string;
  /** A fresh JWT of `POST /api/sessions/tokens`; asked for at each connection, and again before the last one ends. */
  getToken(): Promise<string>;
  /** Opens the socket; by default the global WebSocket does. */
  open?(url: string): WebSocket;
  /** `reason`: why it is not open. */
  onStatus?(status: LinkStatus, reason: string | null): void;
}

/** What the server refused, or why there is no connection any more. */
export class SessionLinkError extends Error {
  override readonly name = "SessionLinkError";
  /** Of KmError, or `closed`. */
  readonly code: string;
  readonly hint: string | null;

  constructor(code: string, message: string, hint: string | null = null) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}

/** Connects, and stays connected until it is disposed of. Nothing is thrown here: `onStatus` tells. */
export function connectSessions(options: ConnectOptions): SessionLink {
  return new Link(options);
}
