/** Sessions for commands that read: of the daemon when one runs, else of the database, where nothing that has not ended can live. @module */
import type { SessionBody } from "../../client/session_socket.ts";
import { kmPaths } from "../../config/paths.ts";
import { formatTimeUs } from "../../core/clock.ts";
import { hasEnded, type Session } from "../../core/session.ts";
import { findDaemon } from "../../daemon/daemon_file.ts";
import { listSessions } from "../../store/session_reader.ts";
import { withStore } from "../read_store.ts";
import { answerOf } from "./api_answer.ts";
import { connectSessions } from "./daemon_client.ts";

export interface ReadOptions {
  /** Those that have ended, too. */
  readonly all: boolean;
  readonly limit: number;
}

/** Most that the API gives at once. */
const MAX_PAGE = 1000;

/** Newest first. @throws {KmError} */
export async function readSessions({ all, limit }: ReadOptions): Promise<SessionBody[]> {
  if (limit === 0) return [];
  if (findDaemon(kmPaths().daemon) !== null) {
    const { client } = await connectSessions();
    const query = { limit: String(Math.min(limit, MAX_PAGE)), ...(!all && { state: "live" as const }) };
    return (await answerOf<{ sessions: SessionBody[] }>(client.api.sessions.$get({ query }))).sessions;
  }
  if (!all) return [];
  const sessions: SessionBody[] = [];
  await withStore((db) => {
    sessions.push(...listSessions(db, { limit }).map(bodyOf));
    return 0;
  }, () => 0);
  return sessions;
}

/** As the API tells it, of one that nobody runs. */
function bodyOf(session: Session): SessionBody {
  const { stateSinceUs, createdUs, endedUs, command, size, ...rest } = session;
  return {
    ...rest,
    ...(!hasEnded(session.state) && { state: "lost" as const, stateReason: "km serve ended before it did" }),
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
