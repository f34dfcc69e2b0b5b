/** What sessions are called by what they do, and which of them comes first. @module */
import { hasEnded, isWaiting, type SessionState } from "../../core/session.ts";
import type { SessionBody } from "../../client/session_socket.ts";

export type { SessionBody };

/** How a state is shown: a word, the colour of its label, and a sign for who does not see colours. */
export interface StateLook {
  readonly label: string;
  readonly tone: "warn" | "accent" | "info" | "bad" | "plain";
  readonly sign: string;
}

const LOOKS: Readonly<Record<SessionState, StateLook>> = {
  waiting_approval: { label: "Waits for approval", tone: "warn", sign: "!" },
  waiting_input: { label: "Waits for you", tone: "warn", sign: "?" },
  auth_required: { label: "Wants a sign-in", tone: "warn", sign: "⚿" },
  running: { label: "Running", tone: "accent", sign: "▶" },
  starting: { label: "Starting", tone: "info", sign: "…" },
  idle: { label: "Idle", tone: "info", sign: "–" },
  exited: { label: "Ended", tone: "plain", sign: "■" },
  lost: { label: "Lost", tone: "bad", sign: "✕" },
};

export function lookOf(state: SessionState): StateLook {
  return LOOKS[state];
}

/** Groups of the page, in their order. */
export const GROUPS = ["waiting", "running", "idle", "ended"] as const;
export type Group = typeof GROUPS[number];

export const GROUP_TITLES: Readonly<Record<Group, string>> = {
  waiting: "Waits for you",
  running: "Running",
  idle: "Idle",
  ended: "Ended",
};

export function groupOf(state: SessionState): Group {
  if (isWaiting(state)) return "waiting";
  if (hasEnded(state)) return "ended";
  return state === "idle" ? "idle" : "running";
}

/** Who waits longest comes first; of those that ended, the last one. The others stay where they are, newest first. */
export function inOrder(sessions: Iterable<SessionBody>): Map<Group, SessionBody[]> {
  const groups = new Map<Group, SessionBody[]>(GROUPS.map((group) => [group, []]));
  for (const session of sessions) groups.get(groupOf(session.state))?.push(session);
  groups.get("waiting")?.sort((a, b) => compare(a.stateSince, b.stateSince));
  for (const group of ["running", "idle"] as const) groups.get(group)?.sort((a, b) => b.number - a.number);
  groups.get("ended")?.sort((a, b) => compare(b.endedAt ?? "", a.endedAt ?? "") || b.number - a.number);
  return groups;
}

/** How long an end nobody saw is counted. */
const COUNTED_MS = 24 * 60 * 60 * 1000;

/** Wants to be looked at: it waits, or it ended lately, and nobody has seen it. */
export function wantsAttention(session: SessionBody, nowMs: number): boolean {
  if (session.seen) return false;
  if (isWaiting(session.state)) return true;
  return hasEnded(session.state) && nowMs - Date.parse(session.endedAt ?? "") < COUNTED_MS;
}

/** Why it ended: `exit code 1`, `SIGTERM`; null while it has not, or when that is not known. */
export function outcomeOf(session: Pick<SessionBody, "state" | "exitCode" | "exitSignal">): string | null {
  if (!hasEnded(session.state)) return null;
  if (session.exitSignal !== null) return session.exitSignal;
  return session.exitCode === null ? null : `exit code ${session.exitCode}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
