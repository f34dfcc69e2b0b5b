/** Runs, shapes and series: what repeats from event to event, stored once and named by a number. @module */
import type { CallChange, EventRecord, Run } from "../core/event.ts";
import { directionCode, kindCode, outcomeCode } from "./codes.ts";
import type { Database } from "./database.ts";
import { type ProcessMark, thisProcess } from "./process_mark.ts";

/** A resource read names its URI as tool; each could be another one, and nobody wants statistics by URI. */
const UNCOUNTED_TOOLS = "resources/";
/** Names remembered per process before starting afresh: about 1 MB. */
const MAX_REMEMBERED = 10_000;

/** What a rollup counts by, in one server. */
export interface SeriesKey {
  readonly server: string;
  readonly client: string | null;
  readonly method: string;
  readonly tool: string | null;
  readonly outcome: number;
}

interface SavedRun {
  readonly id: number;
  readonly saved: Run;
  readonly origin: string | null;
}

/** Names for numbers, remembered per process. Use inside a write transaction, and `forget` when it fails. */
export class Dictionary {
  readonly #db: Database;
  readonly #shapes = new Map<string, number>();
  readonly #series = new Map<string, number>();
  readonly #runs = new Map<string, SavedRun>();
  /** The last one asked for: most batches are of one run. */
  #run: SavedRun | null = null;
  #generation = -1;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Forgets everything: after a failed transaction, ids in memory may never have been written. */
  forget(): void {
    this.#shapes.clear();
    this.#series.clear();
    this.#runs.clear();
    this.#run = null;
  }

  /** To be called first in a transaction: another process may have removed names since. */
  refresh(): void {
    const row = this.#db.get<{ value: number }>("SELECT value FROM meta WHERE key = 'dictionary'");
    const generation = Number(row?.value);
    const full = this.#shapes.size + this.#series.size + this.#runs.size > MAX_REMEMBERED;
    if (generation !== this.#generation || full) this.forget();
    this.#generation = generation;
  }

  /** Writes what is new of `run`; returns its number. `origin`: who sent it, when this process does not record it itself. */
  saveRun(run: Run, origin: string | null = null): number {
    if (this.#run !== null && this.#run.saved === run && this.#run.origin === origin) return this.#run.id;
    const key = `${text(origin)} ${run.startedUs} ${text(run.server)} ${run.correlationId}`;
    const known = this.#runs.get(key);
    if (known && sameRun(known.saved, run)) return (this.#run = known).id;
    const saved = { id: this.#writeRun(run, markOf(origin)), saved: run, origin };
    this.#runs.set(key, saved);
    return (this.#run = saved).id;
  }

  #writeRun(run: Run, { pid, start, host }: ProcessMark): number {
    const row = this.#db.get<{ id: number }>(
      SAVE_RUN,
      run.correlationId,
      run.server,
      run.command,
      run.cwd,
      run.pid,
      run.startedUs,
      run.endedUs,
      run.exitCode,
      run.client,
      run.clientVersion,
      run.serverTitle,
      run.serverVersion,
      run.protocolVersion,
      pid,
      start,
      host,
    );
    return Number(row?.id);
  }

  /** Number of what an event shares with others of its run. */
  shape(run: number, event: Pick<EventRecord, "direction" | "kind" | "method" | "tool">): number {
    const key = `${run} ${event.direction} ${event.kind} ${text(event.method)} ${text(event.tool)}`;
    let id = this.#shapes.get(key);
    if (id === undefined) {
      id = this.#findOrAddShape(
        run,
        directionCode(event.direction),
        kindCode(event.kind),
        event.method,
        event.tool,
      );
      this.#shapes.set(key, id);
    }
    return id;
  }

  /** Number of a rollup's series. */
  series(key: SeriesKey): number {
    const name = seriesName(key);
    let id = this.#series.get(name);
    if (id === undefined) {
      id = this.#findOrAddSeries(key);
      this.#series.set(name, id);
    }
    return id;
  }

  #findOrAddShape(
    run: number,
    direction: number | null,
    kind: number,
    method: string | null,
    tool: string | null,
  ): number {
    const values = [run, direction, kind, method, tool];
    const row = this.#db.get<{ id: number }>(
      "SELECT id FROM shapes WHERE run = ? AND direction IS ? AND kind = ? AND method IS ? AND tool IS ?",
      ...values,
    ) ?? this.#db.get<{ id: number }>(
      "INSERT INTO shapes (run, direction, kind, method, tool) VALUES (?, ?, ?, ?, ?) RETURNING id",
      ...values,
    );
    return Number(row?.id);
  }

  #findOrAddSeries(key: SeriesKey): number {
    const values = [key.server, key.client, key.method, key.tool, key.outcome];
    const row = this.#db.get<{ id: number }>(
      "SELECT id FROM series WHERE server = ? AND client IS ? AND method = ? AND tool IS ? AND outcome = ?",
      ...values,
    ) ?? this.#db.get<{ id: number }>(
      "INSERT INTO series (server, client, method, tool, outcome) VALUES (?, ?, ?, ?, ?) RETURNING id",
      ...values,
    );
    return Number(row?.id);
  }
}

/** Pid of runs that no process of this machine records: nobody may conclude from a process table that they have ended. */
export const NO_PROCESS = 0;

function markOf(origin: string | null): ProcessMark {
  return origin === null ? thisProcess() : { pid: NO_PROCESS, start: "", host: origin };
}

/** Later values replace earlier ones; null leaves as is. */
const SAVE_RUN = `
  INSERT INTO runs (correlation, server, command, cwd, pid, started_us, ended_us, exit_code,
                    client, client_version, server_title, server_version, protocol_version, km_pid, km_start, km_host)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (correlation, server, started_us, km_pid, km_host) DO UPDATE SET
    command = excluded.command, cwd = coalesce(excluded.cwd, cwd), pid = excluded.pid,
    ended_us = coalesce(excluded.ended_us, ended_us),
    exit_code = coalesce(excluded.exit_code, exit_code), client = coalesce(excluded.client, client),
    client_version = coalesce(excluded.client_version, client_version),
    server_title = coalesce(excluded.server_title, server_title),
    server_version = coalesce(excluded.server_version, server_version),
    protocol_version = coalesce(excluded.protocol_version, protocol_version)
  RETURNING id`;

/** The series that a call counts in. */
export function seriesOf(
  server: string,
  call: Pick<CallChange, "client" | "method" | "tool" | "outcome">,
): SeriesKey {
  const tool = call.method.startsWith(UNCOUNTED_TOOLS) ? null : call.tool;
  return { server, client: call.client, method: call.method, tool, outcome: outcomeCode(call.outcome) };
}

/** A series as a key of maps. */
export function seriesName(key: SeriesKey): string {
  return `${key.outcome} ${text(key.server)} ${text(key.client)} ${text(key.method)} ${text(key.tool)}`;
}

/** Text with its length, so that joined texts cannot be mistaken for others. */
function text(value: string | null): string {
  return value === null ? "-" : `${value.length}:${value}`;
}

function sameRun(a: Run, b: Run): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
