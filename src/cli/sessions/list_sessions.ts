/** What `km sessions` and `km sessions list` print. @module */
import type { SessionBody } from "../../client/session_socket.ts";
import { hasEnded, isWaiting, type SessionState } from "../../core/session.ts";
import type { Style } from "../../core/paint.ts";
import { jsonText } from "../json_text.ts";
import { type Column, table } from "../table.ts";
import { stdoutTerminal, writeError, writeLines } from "../terminal.ts";
import { readSessions } from "./read_sessions.ts";

export interface ListFlags {
  readonly all: boolean;
  readonly limit: number;
  readonly json: boolean;
}

/** Prints the table; returns the exit code. @throws {KmError} */
export async function listSessions({ all, limit, json }: ListFlags): Promise<number> {
  const sessions = inOrder(await readSessions({ all, limit }));
  if (json) {
    writeLines(sessions.map((session) => jsonText(session)));
    return 0;
  }
  if (sessions.length === 0) {
    const more = all ? "" : '; "km sessions list --all" shows those that ended';
    writeError(`no sessions run; "km run claude" starts one${more}\n`);
    return 0;
  }
  writeLines(table(sessions, columns(), stdoutTerminal()));
  if (!all && sessions.some(({ state }) => state === "lost")) {
    writeError(
      'lost sessions are listed until they are resumed or looked at ("km sessions logs"), and then with --all\n',
    );
  }
  return 0;
}

/** First those that wait for somebody, the longest first; then those that live, then the others, the newest first. */
function inOrder(sessions: readonly SessionBody[]): SessionBody[] {
  const rank = ({ state }: SessionBody): number => isWaiting(state) ? 0 : hasEnded(state) ? 2 : 1;
  return sessions.toSorted((a, b) => {
    if (rank(a) !== rank(b)) return rank(a) - rank(b);
    return rank(a) === 0 ? a.stateSince.localeCompare(b.stateSince) : b.number - a.number;
  });
}

function columns(): Column<SessionBody>[] {
  const nowMs = Date.now();
  return [
    { title: "#", cell: ({ number }) => String(number), align: "right" },
    { title: "NAME", cell: ({ name }) => name, least: 10 },
    {
      title: "STATE",
      cell: ({ state }) => STATES[state][0],
      style: ({ state }) => STATES[state][1],
    },
    {
      title: "FOR",
      cell: ({ stateSince }) => age(nowMs - Date.parse(stateSince)),
      align: "right",
      style: () => "dim",
      rank: 3,
    },
    {
      title: "ACCESS",
      cell: ({ fullAccess }) => fullAccess ? "full" : "",
      style: () => "red",
      optional: true,
    },
    {
      title: "QUEUED",
      cell: ({ queuedCommands }) => queuedCommands === 0 ? "" : String(queuedCommands),
      align: "right",
      optional: true,
      rank: 4,
    },
    { title: "WHY", cell: ({ stateReason }) => stateReason, least: 12, rank: 1 },
    { title: "FOLDER", cell: ({ cwd }) => cwd, least: 12, style: () => "dim", rank: 2 },
  ];
}

const STATES: Readonly<Record<SessionState, readonly [text: string, style: Style]>> = {
  starting: ["starting", "dim"],
  running: ["running", "blue"],
  idle: ["idle", "green"],
  waiting_input: ["waits for you", "yellow"],
  waiting_approval: ["asks for approval", "yellow"],
  auth_required: ["wants sign-in", "magenta"],
  exited: ["exited", "dim"],
  lost: ["lost", "red"],
};

const MINUTE_MS = 60_000, HOUR_MS = 60 * MINUTE_MS, DAY_MS = 24 * HOUR_MS;

/** `12 s`, `5 min`, `3 h`, `2 d`. */
function age(ms: number): string {
  if (ms < MINUTE_MS) return `${Math.max(0, Math.floor(ms / 1000))} s`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min`;
  return ms < DAY_MS ? `${Math.floor(ms / HOUR_MS)} h` : `${Math.floor(ms / DAY_MS)} d`;
}
