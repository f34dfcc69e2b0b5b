/** Words about sessions: programs in real terminals that outlive the window they were started from. @module */

/**
 * What a session is doing, a closed set. `starting`: nothing is known yet. `running`: it works. `idle`: it would take a prompt.
 * `waiting_input`: it asks something that only a person answers (a trust dialog, a question). `waiting_approval`: it asks whether it may do
 * something. `auth_required`: it wants to be signed in. `exited`: its program ended. `lost`: km ended before the program did.
 */
export const SESSION_STATES = [
  "starting",
  "running",
  "idle",
  "waiting_input",
  "waiting_approval",
  "auth_required",
  "exited",
  "lost",
] as const;
export type SessionState = typeof SESSION_STATES[number];

/** States in which a person is waited for. */
export const WAITING_STATES: readonly SessionState[] = ["waiting_approval", "waiting_input", "auth_required"];
/** States in which there is no program any more. */
export const ENDED_STATES: readonly SessionState[] = ["exited", "lost"];

/** What a command may be called by who sends it: 1 to 64 printable ASCII characters without blanks. */
export const COMMAND_ID: RegExp = /^[\x21-\x7e]{1,64}$/;

export function isWaiting(state: SessionState): boolean {
  return WAITING_STATES.includes(state);
}

export function hasEnded(state: SessionState): boolean {
  return ENDED_STATES.includes(state);
}

/**
 * Who says what a session is doing, strongest first. `spawn`, `exit`, `restart`: km itself, which knows. `hook`: the agent, by a hook of its
 * own. `osc`: the agent, by an escape sequence (title, progress, OSC 7501). `screen`: a pattern on the rendered screen. `input`: somebody
 * typed. `quiet`: nothing was drawn for a while.
 */
export const STATE_SOURCES = ["spawn", "exit", "restart", "hook", "osc", "screen", "input", "quiet"] as const;
export type StateSource = typeof STATE_SOURCES[number];

/** A change of state: an event of its session. */
export interface StateChange {
  readonly state: SessionState;
  /** One printable line for people: `asks for approval: "Do you want to proceed?"`. */
  readonly reason: string;
  readonly source: StateSource;
  /** µs since the Unix epoch. */
  readonly timeUs: number;
}

/** Size of a terminal in cells. */
export interface TerminalSize {
  readonly cols: number;
  readonly rows: number;
}

export const DEFAULT_SIZE: TerminalSize = { cols: 120, rows: 40 };
/** Sizes beyond these are refused: memory of a terminal grows with both. */
export const MAX_COLS = 500, MAX_ROWS = 200;
/** Lines above the screen that a terminal remembers. */
export const SCROLLBACK_LINES = 1000;

/** What is known about a session; as the API tells it, times as µs there become ISO 8601. */
export interface Session {
  /** UUIDv7. */
  readonly id: string;
  /** Counts up from 1 in each home, fits 32 bits: the short name for people, and in binary frames. */
  readonly number: number;
  /** Chosen by the user, else made from the provider: `claude-3`. Unique among the sessions that run. */
  readonly name: string;
  readonly provider: string;
  /** What was run, program first, without secrets. */
  readonly command: readonly string[];
  readonly cwd: string;
  /** The provider's own safeguards were switched off for this session. */
  readonly fullAccess: boolean;
  readonly state: SessionState;
  readonly stateReason: string;
  readonly stateSource: StateSource;
  /** µs since the Unix epoch, as are all below that end in Us. */
  readonly stateSinceUs: number;
  readonly createdUs: number;
  readonly endedUs: number | null;
  readonly exitCode: number | null;
  readonly exitSignal: string | null;
  readonly size: TerminalSize;
  /** As the program set it, printable, at most 200 characters; empty: none. */
  readonly title: string;
  readonly pid: number | null;
  /** The id by which the provider itself can go on with this conversation; null: it cannot, or it is not known. */
  readonly resumeId: string | null;
  /** The session that this one goes on with, by id. */
  readonly resumedFrom: string | null;
  /** Name of the caller who started it. */
  readonly createdBy: string;
  /** Bytes that the program has written so far: the sequence number behind the last one. */
  readonly seq: number;
  /** A person has looked at it since it began to wait, or since it ended. */
  readonly seen: boolean;
}

/** Fate of a command that was sent to a session. `delivered`: typed in; `done`: the session was idle, or ended, after it. */
export const COMMAND_STATES = ["queued", "delivered", "done", "failed", "cancelled"] as const;
export type SessionCommandState = typeof COMMAND_STATES[number];

/** A command (a prompt, a line) for the program in a session; waits until that is idle. */
export interface SessionCommand {
  /** Chosen by the sender, at most 64 printable ASCII characters, unique in its session: sent again, it is still one command. */
  readonly id: string;
  readonly text: string;
  readonly state: SessionCommandState;
  readonly by: string;
  readonly queuedUs: number;
  readonly deliveredUs: number | null;
  readonly endedUs: number | null;
  /** Why it failed or was cancelled, or the state in which the session was when it was done; one printable line. */
  readonly outcome: string | null;
}

/** What somebody did to sessions; kept longer than the sessions' output. */
export interface AuditEntry {
  readonly timeUs: number;
  /** Name of the caller. */
  readonly who: string;
  /** How the caller was known: `token`, `key`, `cookie`, `jwt`, `km` (the daemon itself). */
  readonly via: string;
  /** `session.start`, `session.start.full_access`, `session.input`, `session.signal`, `session.delete`, `task.submit`, `auth.refused` … */
  readonly action: string;
  /** Session or task that it is about, by id. */
  readonly subject: string | null;
  /** One printable line without secrets. */
  readonly detail: string;
}
