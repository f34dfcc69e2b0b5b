/** Runs whose km was killed, crashed or lost its power: nobody else would ever say that they have ended. @module */
import type { Outcome } from "../core/event.ts";
import { OUTCOME_OPEN, outcomeCode } from "./codes.ts";
import type { Database } from "./database.ts";
import { Dictionary, seriesOf } from "./dictionary.ts";
import { isGone } from "./process_mark.ts";
import { RollupWriter } from "./rollup_writer.ts";

interface UnendedRun {
  readonly id: number;
  readonly server: string;
  readonly client: string | null;
  readonly pid: number;
  readonly start: string;
  readonly host: string;
}

interface OpenCallRow {
  readonly seq: number;
  readonly time_us: number;
  readonly size: number;
  readonly method: string;
  readonly tool: string | null;
}

/**
 * Ends the runs whose km is gone, at the time of their last event, and their open calls as `outcomeAtEnd` says for the method. Their exit
 * code stays unknown. Runs that came over the API have no process here: they are not even looked at. Returns how many there were.
 */
export function endLostRuns(db: Database, outcomeAtEnd: (method: string) => Outcome): number {
  const lost = db.all<UnendedRun>(
    "SELECT id, server, client, km_pid AS pid, km_start AS start, km_host AS host FROM runs WHERE ended_us IS NULL AND km_pid <> 0",
  ).filter(isGone);
  for (const run of lost) db.transaction(() => endRun(db, run, outcomeAtEnd));
  return lost.length;
}

function endRun(db: Database, run: UnendedRun, outcomeAtEnd: (method: string) => Outcome): void {
  // Another km may have been faster.
  if (db.run(END_RUN, run.id) === 0) return;
  const rollups = new RollupWriter();
  for (const call of db.all<OpenCallRow>(OPEN_CALLS, OUTCOME_OPEN, run.id)) {
    const outcome = outcomeAtEnd(call.method);
    db.run("UPDATE events SET outcome = ? WHERE seq = ?", outcomeCode(outcome), call.seq);
    rollups.addCall({
      series: seriesOf(run.server, { client: run.client, method: call.method, tool: call.tool, outcome }),
      timeUs: call.time_us,
      count: 1,
      durationUs: null,
      requestBytes: call.size,
      responseBytes: 0,
      tokens: 0,
    });
  }
  rollups.flush(db, new Dictionary(db), run.server);
}

/** The time of its last event: in the last block that has one of its shapes, or among those not yet indexed. */
const END_RUN = `
  UPDATE runs SET ended_us = coalesce(
    (SELECT max(time_us) FROM events WHERE seq > (SELECT value FROM meta WHERE key = 'indexed_seq')
       AND shape IN (SELECT id FROM shapes WHERE run = runs.id)),
    (SELECT max(time_us) FROM blocks b JOIN events ON seq BETWEEN b.first_seq AND b.last_seq
       WHERE b.first_seq = (SELECT max(block) FROM shapes s JOIN shape_blocks ON shape = s.id WHERE s.run = runs.id)
         AND shape IN (SELECT id FROM shapes WHERE run = runs.id)),
    started_us) WHERE id = ? AND ended_us IS NULL`;

const OPEN_CALLS = `
  SELECT e.seq, e.time_us, e.size, s.method, s.tool
  FROM events e INDEXED BY calls_not_ok JOIN shapes s ON s.id = e.shape
  WHERE e.outcome = ? AND e.outcome <> 1 AND s.run = ?`;
