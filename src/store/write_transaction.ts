/** One transaction of the writer: what it holds in memory while it turns batches into rows. @module */
import type { Batch, CallChange, EventRecord, ToolListing } from "../core/event.ts";
import type { BlockBuilder } from "./block.ts";
import { BlockFiller } from "./block_filler.ts";
import { flagsCode, hexToBytes, OUTCOME_OPEN, outcomeCode, outcomeOf, readHex } from "./codes.ts";
import type { Database } from "./database.ts";
import { type Dictionary, seriesOf } from "./dictionary.ts";
import { lastSeq } from "./last_seq.ts";
import { RollupWriter } from "./rollup_writer.ts";

const EVENT_COLUMNS =
  "seq, id, time_us, shape, flags, size, rpc_id, counterpart, duration_us, outcome, response_bytes, tokens, payload, id_at, operation, sha256";
const COLUMNS = 16;
/** Rows inserted by one statement: half the time of one by one; more gain nothing (2026-11-21). */
const ROWS_AT_ONCE = 16;
const INSERT_EVENT = insertOf(1);
const INSERT_EVENTS = insertOf(ROWS_AT_ONCE);
export const ID_BYTES = 16;

/** A batch and where it comes from: null from this process, else a name for others that send (`api:<key>`). */
export interface OriginBatch extends Batch {
  readonly origin: string | null;
}

/** What one transaction holds in memory. */
export class WriteTransaction {
  readonly #db: Database;
  readonly #dictionary: Dictionary;
  readonly #blocks: BlockFiller;
  /** By server. */
  readonly #rollups = new Map<string, RollupWriter>();
  /** Values of rows that are not inserted yet, one row after another. */
  readonly #rows: (string | number | Uint8Array | null)[] = [];
  /** Seqs of the events of these batches, and of those looked up, by id. */
  readonly #seqs = new Map<string, number | null>();
  /** The last change of each call of these batches, by the request's id. */
  readonly #changes = new Map<string, ServerChange>();
  /** Ids of those rows, used again and again: SQLite copies what it is given. */
  readonly #ids = Array.from({ length: ROWS_AT_ONCE }, () => new Uint8Array(ID_BYTES));
  /** Answers that were stored before what they answer. */
  readonly #earlyAnswers: EarlyAnswer[] = [];

  constructor(db: Database, dictionary: Dictionary, block: BlockBuilder) {
    this.#db = db;
    this.#dictionary = dictionary;
    this.#blocks = new BlockFiller(db, block);
  }

  write(batches: readonly OriginBatch[]): void {
    let seq = lastSeq(this.#db);
    for (const { run, events, calls } of batches) {
      for (const event of events) this.#seqs.set(event.id, ++seq);
      for (const change of calls) this.#changes.set(change.id, { change, server: run.server });
    }
    for (const batch of batches) this.#writeEvents(batch);
    this.#insertRest();
    this.#blocks.close();
    for (const answer of this.#earlyAnswers) this.#pairEarly(answer);
    for (const change of this.#changes.values()) this.#updateCall(change);
    for (const { run, tools } of batches) {
      for (const tool of tools) writeTool(this.#db, run.server, tool);
    }
    for (const [server, rollups] of this.#rollups) rollups.flush(this.#db, this.#dictionary, server);
  }

  #writeEvents({ run, origin, events }: OriginBatch): void {
    const number = this.#dictionary.saveRun(run, origin);
    const rollups = this.#rollupsOf(run.server);
    for (const event of events) this.#writeEvent(number, event, rollups);
  }

  #rollupsOf(server: string): RollupWriter {
    let rollups = this.#rollups.get(server);
    if (rollups === undefined) this.#rollups.set(server, rollups = new RollupWriter());
    return rollups;
  }

  #writeEvent(run: number, event: EventRecord, rollups: RollupWriter): void {
    const seq = this.#seqs.get(event.id) as number;
    const changed = event.kind === "request" ? this.#takeChange(event.id) : undefined;
    const call = changed?.change;
    const place = this.#blocks.place(seq, event);
    const counterpart = this.#seqOf(call ? call.responseId : event.answersId);
    if (call && counterpart !== null && counterpart < seq) {
      this.#earlyAnswers.push({ seq: counterpart, requestSeq: seq, durationUs: call.durationUs });
    }
    const id = this.#ids[this.#rows.length / COLUMNS] as Uint8Array; // as: there are as many as rows at once
    this.#rows.push(
      seq,
      readHex(event.id, id),
      event.timeUs,
      this.#dictionary.shape(run, event),
      flagsCode(event.format, event.truncated),
      event.sizeBytes,
      event.rpcId,
      counterpart,
      call ? call.durationUs : event.durationUs,
      call ? outcomeCode(call.outcome) : null,
      call ? call.responseBytes : null,
      call ? call.tokens : null,
      place.payload,
      place.idAt,
      call?.operationId ? hexToBytes(call.operationId, ID_BYTES) : null,
      event.sha256 === null ? null : hexToBytes(event.sha256, 32),
    );
    if (this.#rows.length === ROWS_AT_ONCE * COLUMNS) {
      this.#db.statement(INSERT_EVENTS).run(...this.#rows);
      this.#rows.length = 0;
    }
    rollups.addEvent(seq, event.timeUs, event.sizeBytes);
    if (changed) this.#count(changed, event.timeUs);
  }

  #insertRest(): void {
    const insert = this.#db.statement(INSERT_EVENT);
    for (let at = 0; at < this.#rows.length; at += COLUMNS) insert.run(...this.#rows.slice(at, at + COLUMNS));
    this.#rows.length = 0;
  }

  /** Tells an answer what it answers, as it would know had it come after that. */
  #pairEarly({ seq, requestSeq, durationUs }: EarlyAnswer): void {
    this.#db.run(
      "UPDATE events SET counterpart = ?, duration_us = coalesce(duration_us, ?) WHERE seq = ? AND counterpart IS NULL",
      requestSeq,
      durationUs,
      seq,
    );
  }

  #takeChange(id: string): ServerChange | undefined {
    const change = this.#changes.get(id);
    if (change) this.#changes.delete(id);
    return change;
  }

  /** Changes a call whose request was written before. */
  #updateCall({ change, server }: ServerChange): void {
    const seq = this.#seqOf(change.id);
    const stored = seq === null ? undefined : this.#db.get<StoredCall>(
      "SELECT time_us, outcome, duration_us, response_bytes, tokens FROM events WHERE seq = ?",
      seq,
    );
    // Gone by retention, already changed by an earlier append of this batch, or overtaken.
    if (!stored || !isNext(stored.outcome, change)) return;
    this.#db.run(
      `UPDATE events SET outcome = ?, duration_us = ?, response_bytes = ?, tokens = ?,
         counterpart = coalesce(?, counterpart) WHERE seq = ?`,
      outcomeCode(change.outcome),
      change.durationUs,
      change.responseBytes,
      change.tokens,
      this.#seqOf(change.responseId),
      seq,
    );
    if (stored.outcome !== null && stored.outcome !== OUTCOME_OPEN) {
      const outcome = outcomeOf(stored.outcome);
      this.#rollupsOf(server).addCall({
        series: seriesOf(server, { ...change, outcome }),
        timeUs: stored.time_us,
        count: -1,
        durationUs: stored.duration_us,
        requestBytes: change.requestBytes,
        responseBytes: stored.response_bytes ?? 0,
        tokens: stored.tokens ?? 0,
      });
    }
    this.#count({ change, server }, stored.time_us);
  }

  /** A call counts in the minute of its request, from when its outcome is final. */
  #count({ change, server }: ServerChange, timeUs: number): void {
    if (change.outcome === "open") return;
    this.#rollupsOf(server).addCall({
      series: seriesOf(server, change),
      timeUs,
      count: 1,
      durationUs: change.durationUs,
      requestBytes: change.requestBytes,
      responseBytes: change.responseBytes,
      tokens: change.tokens,
    });
  }

  #seqOf(id: string | null): number | null {
    if (id === null) return null;
    let seq = this.#seqs.get(id);
    if (seq === undefined) {
      seq = findSeq(this.#db, id);
      this.#seqs.set(id, seq);
    }
    return seq;
  }
}

/** A change, and the server whose statistics it counts in. */
interface ServerChange {
  readonly change: CallChange;
  readonly server: string;
}

/** An answer that is stored, and the question that came after it. */
interface EarlyAnswer {
  readonly seq: number;
  readonly requestSeq: number;
  readonly durationUs: number | null;
}

interface StoredCall {
  readonly time_us: number;
  readonly outcome: number | null;
  readonly duration_us: number | null;
  readonly response_bytes: number | null;
  readonly tokens: number | null;
}

/** True when `change` leads on from what is stored, so that an appended batch changes nothing the second time. */
function isNext(stored: number | null, change: CallChange): boolean {
  if (stored === null) return true;
  if (stored === outcomeCode(change.outcome)) return false;
  return stored === OUTCOME_OPEN || (change.previous !== null && stored === outcomeCode(change.previous));
}

function insertOf(rows: number): string {
  const row = `(${Array(COLUMNS).fill("?").join(", ")})`;
  return `INSERT INTO events (${EVENT_COLUMNS}) VALUES ${Array(rows).fill(row).join(", ")}`;
}

/** Where the event with this id is; null: it is not there. */
export function findSeq(db: Database, id: string): number | null {
  return db.get<{ seq: number }>("SELECT seq FROM events WHERE id = ?", hexToBytes(id, ID_BYTES))?.seq ??
    null;
}

function writeTool(db: Database, server: string, tool: ToolListing): void {
  db.run(
    `INSERT INTO tools VALUES (?, ?, ?, ?, ?, ?, ?, NULL)
     ON CONFLICT DO UPDATE SET definition_bytes = excluded.definition_bytes, definition_tokens = excluded.definition_tokens,
       sha256 = excluded.sha256, last_listed_us = max(last_listed_us, excluded.last_listed_us)`,
    server,
    tool.name,
    tool.definitionBytes,
    tool.definitionTokens,
    hexToBytes(tool.sha256, 32),
    tool.timeUs,
    tool.timeUs,
  );
}
