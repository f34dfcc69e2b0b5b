/** Runs that others sent: found again by what the sender calls them, with the calls that are still unanswered. @module */
import type { Direction, Run } from "../core/event.ts";
import { directionOf, formatId, OUTCOME_OPEN } from "./codes.ts";
import type { Database } from "./database.ts";
import { NO_PROCESS } from "./dictionary.ts";

/** Open calls looked through for those of one run, newest first: 20,000 take about 20 ms, and only a run that was forgotten needs it. */
const MAX_LOOKED_THROUGH = 20_000;

/** A run as it is stored, with its number. */
export interface StoredRun {
  readonly id: number;
  readonly run: Run;
}

/** A request without an answer, as it is stored. */
export interface StoredOpenCall {
  readonly id: string;
  readonly timeUs: number;
  readonly direction: Direction;
  readonly rpcId: string;
  readonly method: string;
  readonly tool: string | null;
  readonly requestBytes: number;
  readonly operationId: string | null;
}

/** The newest run of `server` that `origin` sent under this correlation id. */
export function findIngestedRun(
  db: Database,
  key: { readonly correlationId: string; readonly server: string; readonly origin: string },
): StoredRun | null {
  const row = db.get<Run & { readonly id: number }>(
    `SELECT id, correlation AS correlationId, server, command, cwd, pid, started_us AS startedUs, ended_us AS endedUs,
       exit_code AS exitCode, client, client_version AS clientVersion, server_title AS serverTitle,
       server_version AS serverVersion, protocol_version AS protocolVersion
     FROM runs WHERE correlation = ? AND server = ? AND km_pid = ? AND km_host = ? ORDER BY started_us DESC LIMIT 1`,
    key.correlationId,
    key.server,
    NO_PROCESS,
    key.origin,
  );
  if (!row) return null;
  const { id, ...run } = row;
  return { id, run };
}

/** Calls of a run that wait for their answer, oldest first. */
export function listOpenCalls(db: Database, runId: number): StoredOpenCall[] {
  const rows = db.all<OpenCallRow>(
    `SELECT e.id, e.time_us, e.size, e.rpc_id, e.operation, s.direction, s.method, s.tool
     FROM (SELECT * FROM events INDEXED BY calls_not_ok WHERE outcome = ? AND outcome <> 1
           ORDER BY seq DESC LIMIT ?) e JOIN shapes s ON s.id = e.shape
     WHERE s.run = ? AND e.rpc_id IS NOT NULL ORDER BY e.seq`,
    OUTCOME_OPEN,
    MAX_LOOKED_THROUGH,
    runId,
  );
  return rows.map((row) => ({
    id: formatId(row.id),
    timeUs: row.time_us,
    direction: directionOf(row.direction) ?? "client_to_server",
    rpcId: row.rpc_id,
    method: row.method ?? "",
    tool: row.tool,
    requestBytes: row.size,
    operationId: row.operation === null ? null : formatId(row.operation),
  }));
}

interface OpenCallRow {
  readonly id: Uint8Array;
  readonly time_us: number;
  readonly size: number;
  readonly rpc_id: string;
  readonly operation: Uint8Array | null;
  readonly direction: number | null;
  readonly method: string | null;
  readonly tool: string | null;
}
