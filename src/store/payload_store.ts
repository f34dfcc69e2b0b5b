/** Large payloads, each stored once however often it was sent, and the reading of all payloads. @module */
import { hash } from "node:crypto";
import { decodeBlock, pack, unpack } from "./block.ts";
import type { Database } from "./database.ts";

/** From this size a payload is stored on its own, by content, in bytes. Below, packing with its neighbours saves more than sharing. */
export const LARGE_PAYLOAD_BYTES = 2048;
/** A JSON-RPC id is looked for this near to the beginning and the end of a message, in bytes. */
const ID_WINDOW_BYTES = 160;
/** How many unpacked blocks and large payloads a reader keeps. */
const CACHED_BLOCKS = 8;

/** Where a large payload went: its row, and where its JSON-RPC id was cut out (null when it was not). */
export interface PayloadPlace {
  readonly payload: number;
  readonly idAt: number | null;
}

/**
 * Stores `payload` or counts one more use of the equal one. Two answers that differ only in their JSON-RPC id are equal: the id, which the
 * event's row has anyway, is cut out before and put back on reading.
 */
export function storeLargePayload(db: Database, payload: Uint8Array, rpcId: string | null): PayloadPlace {
  const idAt = rpcId === null ? null : findId(payload, rpcId);
  const content = idAt === null || rpcId === null ? payload : cut(payload, idAt, rpcId.length);
  const sha256 = hash("sha256", content, "buffer");
  const known = db.get<{ id: number }>(
    "UPDATE payloads SET refs = refs + 1 WHERE sha256 = ? RETURNING id",
    sha256,
  );
  if (known) return { payload: known.id, idAt };
  const { data, compressed } = pack(content);
  const added = db.get<{ id: number }>(
    "INSERT INTO payloads (sha256, refs, compressed, data) VALUES (?, 1, ?, ?) RETURNING id",
    sha256,
    compressed,
    data,
  );
  return { payload: Number(added?.id), idAt };
}

/** Offset of the id's text in `"id":<id>`, near either end; null when it is not there. */
function findId(payload: Uint8Array, rpcId: string): number | null {
  const needle = `"id":${rpcId}`;
  for (
    const [from, to] of [[0, ID_WINDOW_BYTES], [payload.length - ID_WINDOW_BYTES, payload.length]] as const
  ) {
    // Latin-1, so that an index in the text is an index in the bytes; ids beyond ASCII are simply not found.
    const start = Math.max(0, from);
    const at = latin1(payload.subarray(start, to)).indexOf(needle);
    if (at >= 0) return start + at + 5;
  }
  return null;
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function cut(payload: Uint8Array, at: number, length: number): Uint8Array {
  const rest = new Uint8Array(payload.length - length);
  rest.set(payload.subarray(0, at));
  rest.set(payload.subarray(at + length), at);
  return rest;
}

function putBack(content: Uint8Array, at: number, id: Uint8Array): Uint8Array {
  const whole = new Uint8Array(content.length + id.length);
  whole.set(content.subarray(0, at));
  whole.set(id, at);
  whole.set(content.subarray(at), at + id.length);
  return whole;
}

/** What of an event's row says where its payload is. */
export interface PayloadRow {
  readonly seq: number;
  readonly rpc_id: string | null;
  readonly payload: number | null;
  readonly id_at: number | null;
}

interface CachedBlock {
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly payloads: Map<number, Uint8Array>;
}

/** Reads payloads, and remembers the last blocks it unpacked: neighbours are asked for together. */
export class PayloadReader {
  readonly #db: Database;
  readonly #blocks: CachedBlock[] = [];

  constructor(db: Database) {
    this.#db = db;
  }

  /** The stored bytes of an event; null when it has none. */
  read(row: PayloadRow): Uint8Array | null {
    return row.payload === null
      ? this.#block(row.seq)?.payloads.get(row.seq) ?? null
      : this.#large(row, row.payload);
  }

  #large(row: PayloadRow, payload: number): Uint8Array | null {
    const stored = this.#db.get<{ data: Uint8Array; compressed: number }>(
      "SELECT data, compressed FROM payloads WHERE id = ?",
      payload,
    );
    if (!stored) return null;
    const content = unpack(stored);
    if (row.id_at === null || row.rpc_id === null) return content;
    return putBack(content, row.id_at, new TextEncoder().encode(row.rpc_id));
  }

  /** A cached block stays right for ever: blocks are merged, but a seq never gets another payload. */
  #block(seq: number): CachedBlock | null {
    const cached = this.#blocks.find((block) => block.firstSeq <= seq && seq <= block.lastSeq);
    if (cached) return cached;
    const row = this.#db.get<{ first_seq: number; last_seq: number; compressed: number; data: Uint8Array }>(
      "SELECT first_seq, last_seq, compressed, data FROM blocks WHERE first_seq <= ? ORDER BY first_seq DESC LIMIT 1",
      seq,
    );
    if (!row || row.last_seq < seq) return null;
    const block = {
      firstSeq: row.first_seq,
      lastSeq: row.last_seq,
      payloads: decodeBlock(row.first_seq, unpack(row)),
    };
    this.#blocks.unshift(block);
    if (this.#blocks.length > CACHED_BLOCKS) this.#blocks.pop();
    return block;
  }
}
