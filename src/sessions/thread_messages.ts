/** What the daemon's main thread and the sessions thread say to each other. @module */
import type { ErrorCode } from "../core/error.ts";
import type { Session, StateChange, TerminalSize } from "../core/session.ts";
import type { PtyExit } from "../proc/pty.ts";
import type { TypedMore } from "./detect/state_tracker.ts";
import type { Provider } from "./providers/provider.ts";
import type { RecordArgs, RecordName } from "./record.ts";

/** What the thread works with. */
export interface ThreadSettings {
  readonly database: string;
  /** Nothing drawn for this long speaks for idle, in ms. */
  readonly quietMs: number;
  /** Of one session's output, in bytes; older output goes. */
  readonly maxOutputBytes: number;
  readonly keepDays: number;
  /** Of all sessions' output, in bytes. */
  readonly maxTotalBytes: number;
}

/** A session that starts. */
export interface Opening {
  readonly session: Session;
  readonly provider: Provider;
  /** File to which the agent's hooks append; null: it has none. */
  readonly hooksFile: string | null;
  /** Bytes that its program wrote before: this thread is not the first that watches it. */
  readonly fromSeq: number;
}

export type ScreenFormat = "text" | "ansi" | "cells";

/** A session, whether it lives or not. */
export interface SessionRef {
  readonly number: number;
  readonly id: string;
}

export type Question =
  /** May a prompt be typed in, with all that was drawn so far? */
  | { readonly kind: "mayType"; readonly session: SessionRef }
  | { readonly kind: "snapshot"; readonly session: SessionRef }
  | {
    readonly kind: "screen";
    readonly session: SessionRef;
    readonly format: ScreenFormat;
    readonly scrollback: boolean;
  }
  | { readonly kind: "record"; readonly name: RecordName; readonly args: RecordArgs<RecordName> };

export type ToThread =
  | { readonly kind: "open"; readonly settings: ThreadSettings }
  | { readonly kind: "settings"; readonly settings: ThreadSettings }
  | { readonly kind: "start"; readonly opening: Opening }
  /** In the order in which it happened. */
  | { readonly kind: "gathered"; readonly messages: readonly GatheredMessage[] }
  /** Who reads the terminal, and how: the session's own program as it does at its prompt, or another one, or for something else. */
  | { readonly kind: "foreground"; readonly number: number; readonly isAtPrompt: boolean }
  | { readonly kind: "resize"; readonly number: number; readonly size: TerminalSize }
  | { readonly kind: "exit"; readonly number: number; readonly exit: PtyExit }
  /** Nobody needs its terminal any more. */
  | { readonly kind: "forget"; readonly number: number }
  | { readonly kind: "ask"; readonly id: number; readonly question: Question }
  /** Writes what waits, then says `stopped`. */
  | { readonly kind: "stop" };

export type GatheredMessage =
  | { readonly kind: "output" } & OutputCopy
  /** Somebody typed; `submits`: a whole line or prompt, so that the program works from now on; `clears`: what was typed is given up. */
  | {
    readonly kind: "typed";
    readonly number: number;
    readonly submits: boolean;
    readonly clears: boolean;
  } & TypedMore;

/** Output of one session, in order; `timeUs`: of its first byte. */
export interface OutputCopy {
  readonly number: number;
  readonly seq: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly timeUs: number;
}

export interface ThreadError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
}

export type FromThread =
  /** The terminal's answer to a query of the program. */
  | { readonly kind: "reply"; readonly number: number; readonly bytes: Uint8Array<ArrayBuffer> }
  /** Terminals have parsed everything before these sequence numbers. */
  | { readonly kind: "parsed"; readonly positions: readonly (readonly [number: number, seq: number])[] }
  | { readonly kind: "state"; readonly number: number; readonly change: StateChange }
  | { readonly kind: "title"; readonly number: number; readonly title: string }
  | { readonly kind: "paste"; readonly number: number; readonly isBracketed: boolean }
  /** Who reads the terminal, and how? */
  | { readonly kind: "foreground"; readonly number: number }
  /** The provider's own id of the conversation became known. */
  | { readonly kind: "conversation"; readonly number: number; readonly resumeId: string }
  /** The agent wants attention: one printable line. */
  | { readonly kind: "notification"; readonly number: number; readonly text: string }
  /** Something that a person who looks after the daemon should know. */
  | { readonly kind: "log"; readonly line: string }
  | { readonly kind: "answered"; readonly id: number; readonly value: unknown }
  | { readonly kind: "failed"; readonly id: number; readonly error: ThreadError }
  | { readonly kind: "stopped" };
