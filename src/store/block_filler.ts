/** Fills blocks with the small payloads of consecutive events, and stores the large ones by themselves. @module */
import type { EventRecord } from "../core/event.ts";
import { type BlockBuilder, MAX_BLOCK_BYTES, MAX_BLOCK_EVENTS, MAX_BLOCK_US } from "./block.ts";
import type { Database } from "./database.ts";
import { LARGE_PAYLOAD_BYTES, type PayloadPlace, storeLargePayload } from "./payload_store.ts";

const EMPTY = { firstSeq: 0, events: 0, firstUs: Infinity, lastUs: 0, large: 0 };
const NOWHERE = { payload: null, idAt: null };

/** The blocks of one transaction. */
export class BlockFiller {
  readonly #db: Database;
  readonly #block: BlockBuilder;
  #open = { ...EMPTY };

  constructor(db: Database, block: BlockBuilder) {
    this.#db = db;
    this.#block = block;
  }

  /** Puts the payload of the next event where it belongs, and says what its row tells of that. */
  place(seq: number, event: EventRecord): PayloadPlace | typeof NOWHERE {
    const { payload } = event;
    const length = payload?.length ?? 0;
    if (this.#isFull(Math.min(length, LARGE_PAYLOAD_BYTES), event.timeUs)) this.close();
    if (this.#open.events === 0) this.#begin(seq);
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

  /** Writes the block that is open, when there is one. */
  close(): void {
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
    this.#open = { ...EMPTY };
    this.#block.start(0);
  }

  #isFull(moreBytes: number, timeUs: number): boolean {
    const { events, firstUs, lastUs } = this.#open;
    return events === MAX_BLOCK_EVENTS || this.#block.size + moreBytes > MAX_BLOCK_BYTES ||
      Math.max(lastUs, timeUs) - Math.min(firstUs, timeUs) > MAX_BLOCK_US && events > 0;
  }

  #begin(firstSeq: number): void {
    this.#block.start(firstSeq);
    this.#open = { ...EMPTY, firstSeq };
  }
}
