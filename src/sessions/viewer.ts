/** Who looks at a session, and what they are told. @module */
import type { Session, SessionCommand, StateChange, TerminalSize } from "../core/session.ts";
import type { TerminalSnapshot } from "./terminal/terminal_state.ts";

/** A session and what only the daemon knows of it while it lives. */
export interface SessionView extends Session {
  readonly viewers: number;
  /** Commands that wait until it is idle. */
  readonly queuedCommands: number;
  /** Who decides on its size; null: nobody looks. */
  readonly sizeOwner: string | null;
  /** It can be gone on with after its end. */
  readonly isResumable: boolean;
}

/** What happens to sessions, for whoever wants to know. */
export type SessionEvent =
  | { readonly event: "session"; readonly session: SessionView }
  | { readonly event: "state"; readonly change: StateChange; readonly session: SessionView }
  | { readonly event: "command"; readonly command: SessionCommand }
  | { readonly event: "notification"; readonly text: string }
  | { readonly event: "size"; readonly size: TerminalSize }
  /** Who looks is asked to look no more: `by` wants the session for themselves. */
  | { readonly event: "leave"; readonly by: string }
  | { readonly event: "removed" };

export type SessionListener = (id: string, event: SessionEvent) => void;

/** One who looks at the terminal of a session. Its methods must not wait. */
export interface Viewer {
  /** Who they are, for others to see: name of the caller, or of the client. */
  readonly name: string;
  readonly mayWrite: boolean;
  /** Takes a frame of output. False: it has too much unsent, and gets no more before `Attachment.drained()`. */
  output(frame: Uint8Array<ArrayBuffer>): boolean;
  /** Takes what replaces all it has; output goes on behind `snapshot.seq`. */
  snapshot(snapshot: TerminalSnapshot): void;
  event(event: SessionEvent): void;
}

/** What a viewer is shown. */
export interface AttachOptions {
  /** The sequence number behind what it has; null: it has nothing. */
  readonly since: number | null;
  /** Of its own terminal; null: it takes any. */
  readonly size: TerminalSize | null;
}

/** What a viewer can do with the session it looks at. */
export interface Attachment {
  readonly sessionId: string;
  readonly number: number;
  /** It has sent what it had: it gets a snapshot, then output again. */
  drained(): void;
  /** It reads nothing at all: it no longer counts when all must lag before the program is held. */
  discount(): void;
  /** @throws {KmError} not_granted for who only reads; session_ended; busy when it takes no more for now */
  input(bytes: Uint8Array): void;
  /** True: the size is theirs and was taken. False: somebody else owns it. */
  resize(size: TerminalSize, options?: { readonly takes?: boolean }): boolean;
  detach(): void;
}
