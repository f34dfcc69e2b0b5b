/** Sessions for commands that read: of the daemon when one runs, else of the database, where nothing that has not ended can live. @module */
import type { SessionBody } from "../../client/session_socket.ts";
import { kmPaths } from "../../config/paths.ts";
import { formatTimeUs } from "../../core/clock.ts";
import { hasEnded, type Session } from "../../core/session.ts";
import { findDaemon } from "../../daemon/daemon_file.ts";
import { LOST_REASON } from "../../store/session_recovery.ts";
import { listSessions } from "../../store/session_reader.ts";
import { withStore } from "../read_store.ts";
import { answerOf } from "./api_answer.ts";
import { connectSessions } from "./daemon_client.ts";

export interface ReadOptions {
  /** Those that have ended, too; else of these only lost ones that nobody has seen: they are what one looks for after a crash. */
  readonly all: boolean;
  readonly limit: number;
}

/** Most that the API gives at once. */
const MAX_PAGE = 1000;

/** Newest first. @throws {KmError} */
export async function readSessions({ all, limit }: ReadOptions): Promise<SessionBody[]> {
  if (limit === 0) return [];
  const choices: readonly Choice[] = all ? [{}] : [{ state: "live" }, { state: "lost", seen: false }];
  const parts = findDaemon(kmPaths().daemon) === null
    ? await readStored(choices, limit)
    : await askDaemon(choices, limit);
  return parts.flat().toSorted((a, b) => b.number - a.number).slice(0, limit);
}

/** What is chosen, in words that the API and the store share. */
interface Choice {
  readonly state?: "live" | "lost";
  readonly seen?: false;
}

async function askDaemon(choices: readonly Choice[], limit: number): Promise<SessionBody[][]> {
  const { client } = await connectSessions();
  return await Promise.all(choices.map(async ({ state, seen }) => {
    const query = {
      limit: String(Math.min(limit, MAX_PAGE)),
      ...(state !== undefined && { state }),
      ...(seen !== undefined && { seen: "false" as const }),
    };
    return (await answerOf<{ sessions: SessionBody[] }>(client.api.sessions.$get({ query }))).sessions;
  }));
}

async function readStored(choices: readonly Choice[], limit: number): Promise<SessionBody[][]> {
  const parts: SessionBody[][] = [];
  await withStore((db) => {
    parts.push(...choices.map((choice) => listSessions(db, { ...choice, limit }).map(bodyOf)));
    return 0;
  }, () => 0);
  return parts;
}

/** As the API tells it, of one that nobody runs. */
function bodyOf(session: Session): SessionBody {
  const { stateSinceUs, createdUs, endedUs, command, size, ...rest } = session;
  return {
    ...rest,
    ...(!hasEnded(session.state) && { state: "lost" as const, stateReason: LOST_REASON, seen: false }),
    pid: null,
    command: [...command],
    size: { ...size },
    stateSince: formatTimeUs(stateSinceUs),
    createdAt: formatTimeUs(createdUs),
    endedAt: endedUs === null ? null : formatTimeUs(endedUs),
    isResumable: session.resumeId !== null,
    viewers: 0,
    sizeOwner: null,
    queuedCommands: 0,
  };
}
