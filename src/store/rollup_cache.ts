/**
 * Statistics that were read stay decoded in memory, a quarter of an hour, an hour or a day at a time, until a writer has touched it: a
 * dashboard asks for the same week every few seconds, and decoding it takes a hundred times as long as adding it up.
 * One cache per open database. @see `rollup_versions` in migrations.ts
 * @module
 */
import type { Database } from "./database.ts";
import type { SeriesKey } from "./dictionary.ts";
import { blockOf, type BucketBlock, mergedBlockOf, type RollupRow } from "./rollup_block.ts";
import { MINUTE_S, QUARTER_S, VERSION_S } from "./rollup_writer.ts";

/** Most memory that a cache takes; what was used longest ago goes first. A week of ten busy servers takes 6 MB. */
const MAX_BYTES = 32 * 1024 * 1024;

interface Entry {
  readonly version: number;
  readonly block: BucketBlock;
}

const caches = new WeakMap<Database, RollupCache>();

/** The cache of an open database. */
export function rollupCache(db: Database): RollupCache {
  let cache = caches.get(db);
  if (!cache) caches.set(db, cache = new RollupCache(db));
  return cache;
}

export class RollupCache {
  readonly #db: Database;
  readonly #blocks = new Map<string, Entry>();
  #series: (SeriesKey | undefined)[] = [];
  #generation = -1;
  #sizeBytes = 0;

  constructor(db: Database) {
    this.#db = db;
  }

  /** What the numbers of series stand for, by number. */
  series(): readonly (SeriesKey | undefined)[] {
    const row = this.#db.get<{ value: number }>("SELECT value FROM meta WHERE key = 'dictionary'");
    const generation = Number(row?.value);
    // Names were removed: a number may stand for something else now, and everything may have been deleted.
    if (generation !== this.#generation) this.#forget();
    this.#generation = generation;
    const added = this.#db.all<SeriesKey & { readonly id: number }>(
      "SELECT id, server, client, method, tool, outcome FROM series WHERE id >= ?",
      this.#series.length,
    );
    for (const { id, ...key } of added) this.#series[id] = key;
    return this.#series;
  }

  /** The buckets of `span` seconds from `fromS` to before `toS`, and some around them. */
  *blocks(span: number, fromS: number, toS: number): Generator<BucketBlock> {
    const width = widthOf(span);
    const first = Math.floor(fromS / width) * width;
    // Versions first: a write in between makes a block newer than its version, and it is read once more than needed.
    const versions = this.#versions(width, first, toS);
    for (let startS = first; startS < toS; startS += width) {
      yield this.#block(span, startS, width, versions.get(startS) ?? 0);
    }
  }

  #versions(width: number, fromS: number, toS: number): ReadonlyMap<number, number> {
    const rows = this.#db.all<{ start: number; version: number }>(
      "SELECT start, version FROM rollup_versions WHERE span = ? AND start >= ? AND start < ?",
      width,
      fromS,
      toS,
    );
    return new Map(rows.map((row) => [row.start, row.version]));
  }

  #block(span: number, startS: number, width: number, version: number): BucketBlock {
    const key = `${span} ${startS}`;
    const known = this.#blocks.get(key);
    if (known) {
      this.#blocks.delete(key);
      if (known.version === version) {
        this.#blocks.set(key, known);
        return known.block;
      }
      this.#sizeBytes -= known.block.sizeBytes;
    }
    const block = this.#read(span, startS, startS + width);
    this.#blocks.set(key, { version, block });
    this.#sizeBytes += block.sizeBytes;
    this.#shrink();
    return block;
  }

  #read(span: number, fromS: number, toS: number): BucketBlock {
    // As REAL: a sum of what others say may be larger than the integers that this runtime reads.
    const rows = this.#db.all<RollupRow>(
      `SELECT series, start, calls, CAST(request_bytes AS REAL) AS request_bytes,
         CAST(response_bytes AS REAL) AS response_bytes, CAST(tokens AS REAL) AS tokens, last_us, latency FROM rollups
       WHERE span = ? AND start >= ? AND start < ? AND calls > 0`,
      span === QUARTER_S ? MINUTE_S : span,
      fromS,
      toS,
    );
    return span === QUARTER_S ? mergedBlockOf(rows, span) : blockOf(rows);
  }

  #shrink(): void {
    for (const [key, { block }] of this.#blocks) {
      if (this.#sizeBytes <= MAX_BYTES) return;
      this.#blocks.delete(key);
      this.#sizeBytes -= block.sizeBytes;
    }
  }

  #forget(): void {
    this.#blocks.clear();
    this.#series = [];
    this.#sizeBytes = 0;
  }
}

/** How much time is read and forgotten together, in s. Quarters are made from minutes: drawn so, a day costs a tenth. */
function widthOf(span: number): number {
  return VERSION_S[span as keyof typeof VERSION_S] ?? QUARTER_S; // as: any other key gives undefined
}
