/**
 * What the programs of sessions wrote, as compressed chunks of frames. A chunk is one INSERT: 64 KiB take
 * 0.4 ms, compressing included (100 to 155 MB/s, 2026-11-22).
 * @module
 */
import { KmError } from "../core/error.ts";
import type { TerminalSize } from "../core/session.ts";
import { pack, unpack } from "./block.ts";
import type { Database } from "./database.ts";
import { decodeFrames, encodeFrames, endOfChunk, type OutputChunk, splitChunk } from "./session_frames.ts";
import { sessionIdBytes } from "./session_limits.ts";
import { sessionNumber } from "./session_writer.ts";
export type { OutputChunk, OutputFrame } from "./session_frames.ts";

/** A chunk as it is read. */
export interface StoredChunk extends OutputChunk {
  /** The sequence number behind its last byte. */
  readonly endSeq: number;
  /** The size of the terminal before its first frame. */
  readonly size: TerminalSize;
}

/** A row of output; its data is the last column, so that reading the others does not touch it. */
export interface OutputRow {
  readonly number: number;
  readonly first_seq: number;
  readonly end_seq: number;
  readonly first_us: number;
  readonly cols: number;
  readonly rows: number;
  readonly compressed: number;
  readonly data: Uint8Array;
}

/** The columns of `OutputRow`. */
export const OUTPUT_COLUMNS = "number, first_seq, end_seq, first_us, cols, rows, compressed, data";

/** The size before a chunk is the one after the chunk before it; before the first, the one that the session began with. */
const INSERT_CHUNK =
  `INSERT INTO session_output (session, first_seq, end_seq, first_us, bytes, cols, rows, end_cols, end_rows, compressed, data)
   SELECT s.number, ?2, ?3, ?4, ?5, coalesce(p.end_cols, s.first_cols), coalesce(p.end_rows, s.first_rows),
     coalesce(?6, p.end_cols, s.first_cols), coalesce(?7, p.end_rows, s.first_rows), ?8, ?9
   FROM sessions AS s LEFT JOIN session_output AS p
     ON p.number = (SELECT max(number) FROM session_output WHERE session = s.number)
   WHERE s.id = ?1 AND ?2 >= coalesce(p.end_seq, 0)`;

/**
 * Stores output that follows what is stored; bytes between that were never given leave a gap. Too large a chunk becomes several rows.
 * @throws {KmError} not_found, store_…: nothing was stored
 * @throws {RangeError} when its bytes are stored already
 */
export function appendOutput(db: Database, sessionId: string, chunk: OutputChunk): void {
  const [first, ...rest] = splitChunk(chunk);
  if (first === undefined) return;
  if (rest.length === 0) return insertChunk(db, sessionId, first);
  db.transaction(() => [first, ...rest].forEach((part) => insertChunk(db, sessionId, part)));
}

/** Chunks as they were stored, in order, read one by one; the first one holds the byte `fromSeq`, or the first after it that there is. */
export function* readOutput(
  db: Database,
  sessionId: string,
  { fromSeq = 0 }: { readonly fromSeq?: number } = {},
): Generator<StoredChunk> {
  const session = sessionNumber(db, sessionId);
  const first = db.get<{ number: number | null }>(
    "SELECT min(number) AS number FROM session_output WHERE session = ?1 AND (end_seq > ?2 OR first_seq >= ?2)",
    session,
    fromSeq,
  );
  if (typeof first?.number !== "number") return;
  for (let number = first.number - 1;;) {
    const row = db.get<OutputRow>(
      `SELECT ${OUTPUT_COLUMNS} FROM session_output WHERE session = ? AND number > ? ORDER BY number LIMIT 1`,
      session,
      number,
    );
    if (!row) return;
    yield readChunk(row);
    ({ number } = row);
  }
}

/** Which bytes are still there: from `firstSeq` to before `endSeq`. */
export function outputRange(
  db: Database,
  sessionId: string,
): { readonly firstSeq: number; readonly endSeq: number } {
  const row = db.get<{ first: number; end: number }>(
    `SELECT coalesce(min(first_seq), (SELECT seq FROM sessions WHERE number = ?1)) AS first,
       coalesce(max(end_seq), (SELECT seq FROM sessions WHERE number = ?1)) AS end
     FROM session_output WHERE session = ?1`,
    sessionNumber(db, sessionId),
  );
  return { firstSeq: row?.first ?? 0, endSeq: row?.end ?? 0 };
}

/** @throws {KmError} store_corrupt when its bytes are not those that were stored */
export function readChunk(row: OutputRow): StoredChunk {
  try {
    const bytes = unpack(row);
    return {
      firstSeq: row.first_seq,
      endSeq: row.end_seq,
      size: { cols: row.cols, rows: row.rows },
      // What zlib gives is a Buffer, of which a `slice` is another thing.
      frames: decodeFrames(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length), row.first_us),
    };
  } catch (error) {
    throw new KmError("store_corrupt", "Cannot read output of a session: its bytes are damaged", {
      hint: "delete the session",
      cause: error,
    });
  }
}

function insertChunk(db: Database, sessionId: string, chunk: OutputChunk): void {
  const { frames, firstSeq } = chunk;
  const { data, compressed } = pack(encodeFrames(frames));
  const size = frames.findLast((frame) => frame.kind === "resize")?.size;
  const inserted = db.run(
    INSERT_CHUNK,
    sessionIdBytes(sessionId),
    firstSeq,
    endOfChunk(chunk),
    frames[0]?.timeUs ?? 0,
    data.length,
    size?.cols ?? null,
    size?.rows ?? null,
    compressed,
    data,
  );
  if (inserted > 0) return;
  sessionNumber(db, sessionId);
  throw new RangeError(`Output of session ${sessionId} from byte ${firstSeq} on is stored already`);
}
