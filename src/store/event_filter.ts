/** What to look for, and how it is found: a filter becomes a range of seqs and a set of shapes, before any event is read. @module */
import type { EventFilter } from "../core/filter.ts";
import { directionCode, kindCode } from "./codes.ts";
import type { Database, SqlValue } from "./database.ts";
import { lastSeq } from "./last_seq.ts";
import { floorTo, MINUTE_S } from "./rollup_writer.ts";

/** Both ends belong to it; empty when `first > last`. */
export interface SeqRange {
  readonly first: number;
  readonly last: number;
}

/** A filter, looked up. */
export interface Selection {
  readonly range: SeqRange;
  /** Shapes that match; null when every shape does. */
  readonly shapes: ReadonlySet<number> | null;
  readonly sinceUs: number;
  readonly untilUs: number;
}

export function selectEvents(db: Database, filter: EventFilter): Selection {
  return {
    range: findRange(db, filter),
    shapes: findShapes(db, filter),
    sinceUs: filter.sinceUs ?? -Infinity,
    untilUs: filter.untilUs ?? Infinity,
  };
}

/** True when a row that lies in the selection's range belongs to it. */
export function isSelected(
  selection: Selection,
  row: { readonly shape: number; readonly time_us: number },
): boolean {
  return row.time_us >= selection.sinceUs && row.time_us < selection.untilUs &&
    (selection.shapes === null || selection.shapes.has(row.shape));
}

/** The seqs recorded in the minutes that the filter's times touch. */
function findRange(db: Database, filter: EventFilter): SeqRange {
  if (filter.sinceUs === undefined && filter.untilUs === undefined) return { first: 1, last: lastSeq(db) };
  const row = db.get<{ first: number | null; last: number | null }>(
    "SELECT min(first_seq) AS first, max(last_seq) AS last FROM traffic WHERE span = ? AND start BETWEEN ? AND ?",
    MINUTE_S,
    filter.sinceUs === undefined ? 0 : floorTo(filter.sinceUs, MINUTE_S),
    filter.untilUs === undefined ? Number.MAX_SAFE_INTEGER : floorTo(filter.untilUs, MINUTE_S),
  );
  return { first: row?.first ?? 1, last: row?.last ?? 0 };
}

/** Shapes by what was asked, for one connection; a filter of the dashboard is asked again and again. */
interface KnownShapes {
  /** Changes when shapes were removed. */
  generation: number;
  readonly sets: Map<string, { readonly shapes: Set<number>; upTo: number }>;
}

/** Filters remembered for one connection: 20,000 shapes take 1 MB. */
const MAX_KNOWN = 8;
const known = new WeakMap<Database, KnownShapes>();

/** Shapes are added and, with a new generation, removed, but never changed: what was found once needs only what was added since. */
function findShapes(db: Database, filter: EventFilter): ReadonlySet<number> | null {
  const { conditions, values } = shapeConditions(filter);
  if (conditions.length === 0) return null;
  const { generation, newest } = db.get<{ generation: number; newest: number }>(
    `SELECT (SELECT value FROM meta WHERE key = 'dictionary') AS generation,
       (SELECT coalesce(max(id), 0) FROM shapes) AS newest`,
  ) ?? { generation: -1, newest: 0 };
  let cache = known.get(db);
  if (cache?.generation !== generation) {
    cache = { generation, sets: new Map() };
    known.set(db, cache);
  }
  const key = JSON.stringify([conditions, values]);
  const found = cache.sets.get(key) ?? { shapes: new Set<number>(), upTo: 0 };
  if (found.upTo < newest) {
    const rows = db.all<{ id: number }>(
      `SELECT id FROM shapes WHERE id > ? AND id <= ? AND ${conditions.join(" AND ")}`,
      found.upTo,
      newest,
      ...values,
    );
    for (const { id } of rows) found.shapes.add(id);
    found.upTo = newest;
  }
  // The one used last is the last to be forgotten.
  cache.sets.delete(key);
  cache.sets.set(key, found);
  const [oldest = key] = cache.sets.keys();
  if (cache.sets.size > MAX_KNOWN) cache.sets.delete(oldest);
  return found.shapes;
}

function shapeConditions(
  filter: EventFilter,
): { readonly conditions: readonly string[]; readonly values: readonly SqlValue[] } {
  const conditions: string[] = [];
  const values: SqlValue[] = [];
  const require = (condition: string, value: SqlValue | undefined) => {
    if (value === undefined) return;
    conditions.push(condition);
    values.push(value);
  };
  require("run IN (SELECT id FROM runs WHERE server = ?)", filter.server);
  require("run IN (SELECT id FROM runs WHERE correlation = ?)", filter.correlationId);
  require("method = ?", filter.method);
  require("tool = ?", filter.tool);
  require("kind = ?", filter.kind && kindCode(filter.kind));
  require("direction = ?", filter.direction && (directionCode(filter.direction) ?? undefined));
  return { conditions, values };
}
