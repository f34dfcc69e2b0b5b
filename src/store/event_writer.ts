/** Writing batches: events, calls, statistics and payloads in one transaction, all of it or nothing. @module */
import type { Batch, CallChange, EventRecord, ToolListing } from "../core/event.ts";
import { BlockBuilder, MAX_BLOCK_BYTES, MAX_BLOCK_EVENTS, MAX_BLOCK_US } from "./block.ts";
import { flagsCode, formatId, hexToBytes, OUTCOME_OPEN, outcomeCode, outcomeOf, readHex } from "./codes.ts";
import type { Database } from "./database.ts";
import { Dictionary, seriesOf } from "./dictionary.ts";
import { lastSeq } from "./last_seq.ts";
import { LARGE_PAYLOAD_BYTES, type PayloadPlace, storeLargePayload } from "./payload_store.ts";
import { RollupWriter } from "./rollup_writer.ts";
import { isDuplicate } from "./sqlite_error.ts";

const EVENT_COLUMNS =
  "seq, id, time_us, shape, flags, size, rpc_id, counterpart, duration_us, outcome, response_bytes, tokens, payload, id_at, operation, sha256";
const COLUMNS = 16;
/** Rows inserted by one statement: half the time of one by one; more gain nothing (2026-11-21). */
const ROWS_AT_ONCE = 16;
const INSERT_EVENT = insertOf(1);
const INSERT_EVENTS = insertOf(ROWS_AT_ONCE);
const ID_BYTES = 16;
/** Ids looked up by one statement. */
const IDS_AT_ONCE = 64;
const FIND_IDS = `SELECT id FROM events WHERE id IN (${Array(IDS_AT_ONCE).fill("?").join(", ")})`;
const EMPTY_BLOCK = { firstSeq: 0, events: 0, firstUs: Infinity, lastUs: 0, large: 0 };
const NOWHERE = { payload: null, idAt: null };

/** A batch and where it comes from: null from this process, else a name for others that send (`api:<key>`). */
export interface OriginBatch extends Batch {
  readonly origin: string | null;
}

/** Appends batches to a database. One per thread; many processes may have one each. */
export class EventWriter {
  readonly #db: Database;
  readonly #dictionary: Dictionary;
  readonly #block = new BlockBuilder();

  constructor(db: Database) {
    this.#db = db;
    this.#dictionary = new Dictionary(db);
  }

  /**
   * Writes `batch` in one transaction. The same batch, or any event of it, may be appended again: what is there already stays as it is.
   * @throws {KmError} store_locked, store_full, store_unavailable, store_corrupt: nothing was written, append it again later
   */
  append(batch: Batch): void {
    try {
      this.#db.transaction(() => this.#write(batch, batch.events));
    } catch (error) {
      this.#dictionary.forget();
      if (!(error instanceof Error) || !isDuplicate(error.cause)) throw error;
      this.#appendRest(batch);
    }
  }

  /**
   * Writes what `make` makes of the ids that are stored already, in one transaction: batches of any runs, in the order of their events.
   * `make` is called while nobody else can write, so what it is told stays true; no event that it gives may be there already.
   * @throws {KmError} as `append`, and whatever `make` throws: nothing was written
   */
  appendAll(ids: readonly string[], make: (known: ReadonlySet<string>) => readonly OriginBatch[]): void {
    try {
      this.#db.transaction(() => {
        this.#dictionary.refresh();
        new WriteTransaction(this.#db, this.#dictionary, this.#block).write(make(this.#known(ids)));
      });
    } catch (error) {
      this.#dictionary.forget();
      throw error;
    }
  }

  /** Ids that are stored. Most come in the order of time and after all that is stored: those need no look. */
  #known(ids: readonly string[]): Set<string> {
    const known = new Set<string>();
    const newest = this.#db.get<{ id: Uint8Array | null }>("SELECT max(id) AS id FROM events")?.id;
    if (!newest) return known;
    const newestId = formatId(newest);
    const candidates = ids.filter((id) => id <= newestId);
    for (let at = 0; at < candidates.length; at += IDS_AT_ONCE) {
      const asked = candidates.slice(at, at + IDS_AT_ONCE).map((id) => hexToBytes(id, ID_BYTES));
      while (asked.length < IDS_AT_ONCE) asked.push(asked[0] as Uint8Array);
      for (const { id } of this.#db.all<{ id: Uint8Array }>(FIND_IDS, ...asked)) known.add(formatId(id));
    }
    return known;
  }

  /** The rare case: some events are there already. Only then is it worth looking each of them up. */
  #appendRest(batch: Batch): void {
    try {
      this.#db.transaction(() => this.#write(batch, this.#missing(batch.events)));
    } catch (error) {
      this.#dictionary.forget();
      throw error;
    }
  }

  #missing(events: readonly EventRecord[]): EventRecord[] {
    const once = new Map(events.map((event) => [event.id, event]));
    return [...once.values()].filter((event) => findSeq(this.#db, event.id) === null);
  }

  #write(batch: Batch, events: readonly EventRecord[]): void {
    this.#dictionary.refresh();
    const written = events === batch.events ? batch : { ...batch, events };
    new WriteTransaction(this.#db, this.#dictionary, this.#block).write([{ ...written, origin: null }]);
  }
}

/** What one transaction holds in memory. */
class WriteTransaction {
  readonly #db: Database;
  readonly #dictionary: Dictionary;
  readonly #block: BlockBuilder;
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
  #open = { ...EMPTY_BLOCK };

  constructor(db: Database, dictionary: Dictionary, block: BlockBuilder) {
    this.#db = db;
    this.#dictionary = dictionary;
    this.#block = block;
  }

  write(batches: readonly OriginBatch[]): void {
    let seq = lastSeq(this.#db);
    for (const { run, events, calls } of batches) {
      for (const event of events) this.#seqs.set(event.id, ++seq);
      for (const change of calls) this.#changes.set(change.id, { change, server: run.server });
    }
    for (const batch of batches) this.#writeEvents(batch);
    this.#insertRest();
    this.#closeBlock();
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
    const place = this.#placePayload(seq, event);
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

  #placePayload(seq: number, event: EventRecord): PayloadPlace | typeof NOWHERE {
    const { payload } = event;
    const length = payload?.length ?? 0;
    if (this.#isBlockFull(Math.min(length, LARGE_PAYLOAD_BYTES), event.timeUs)) this.#closeBlock();
    if (this.#open.events === 0) this.#openBlock(seq);
    this.#open.events++;
    this.#open.firstUs = Math.min(this.#open.firstUs, event.timeUs);
    this.#open.lastUs = Math.max(this.#open.lastUs, event.timeUs);
    if (payload === null) return NOWHERE;
    if (length >= LARGE_PAYLOAD_BYTES) {
      this.#open.large += length;
      return storeLargePayload(this.#db, payload, event.rpcId);
    }
    this.#block.add(seq, payload);
    return NOWHERE;
  }

  #isBlockFull(moreBytes: number, timeUs: number): boolean {
    const { events, firstUs, lastUs } = this.#open;
    return events === MAX_BLOCK_EVENTS || this.#block.size + moreBytes > MAX_BLOCK_BYTES ||
      Math.max(lastUs, timeUs) - Math.min(firstUs, timeUs) > MAX_BLOCK_US && events > 0;
  }

  #openBlock(firstSeq: number): void {
    this.#block.start(firstSeq);
    this.#open = { ...EMPTY_BLOCK, firstSeq };
  }

  #closeBlock(): void {
    const { firstSeq, events, firstUs, lastUs, large } = this.#open;
    if (events === 0) return;
    const { data, compressed } = this.#block.finish();
    this.#db.run(
      "INSERT INTO blocks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      firstSeq,
      firstSeq + events - 1,
      firstUs,
      lastUs,
      events,
      this.#block.size,
      large,
      compressed,
      data,
    );
    this.#open = { ...EMPTY_BLOCK };
    this.#block.start(0);
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

function findSeq(db: Database, id: string): number | null {
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
