/**
 * Where a command reads what was recorded: from the daemon when one runs for this home, else from the database itself. What a command prints
 * is the same; so both give the same objects, and events remember the JSON they were read from (`store/event_json.ts`).
 * @module
 */
import { kmPaths } from "../config/paths.ts";
import type { Call, Event } from "../core/event.ts";
import type { CallFilter, EventFilter } from "../core/filter.ts";
import { findDaemon } from "../daemon/daemon_file.ts";
import type { EventDetail } from "../store/events.ts";
import type { ReportQuery, StatsReport } from "../store/stats_report.ts";
import { withStore } from "./read_store.ts";

/** New events, and where to go on after them. */
export interface Followed {
  readonly events: readonly Event[];
  /** Seq of the last event looked at. */
  readonly seq: number;
}

export interface Source {
  /** The newest `limit`, newest first. */
  events(filter: EventFilter, limit: number): Promise<Event[]>;
  /** The newest `limit` as a start, and the seq from which `follow` goes on. */
  eventsAndSeq(filter: EventFilter, limit: number): Promise<Followed>;
  /** What is recorded after `seq`, as it comes. Ends only when the source does. */
  follow(filter: EventFilter, seq: number): AsyncIterable<Followed>;
  /** The newest `limit`, newest first. */
  calls(filter: CallFilter, limit: number): Promise<Call[]>;
  /** @throws {KmError} not_found, ambiguous */
  event(idPrefix: string): Promise<EventDetail>;
  stats(query: ReportQuery): Promise<StatsReport>;
  /** Each id as short as `km show` still takes it, of at least `least` characters. */
  shortIds(ids: readonly string[], least?: number): Promise<(id: string) => string>;
  /** Names of all servers, the one started last first. */
  serverNames(): Promise<string[]>;
}

/** A daemon that does not answer, not in time, or not as expected: the database is asked instead. */
export class DaemonSilent extends Error {
  override readonly name = "DaemonSilent";
}

/**
 * Runs `read` with the source; without anything recorded, `whenEmpty`. `read` must print only when it has all it needs: when the daemon falls
 * silent it is run again, on the database.
 */
export async function withSource(
  read: (source: Source) => Promise<number>,
  whenEmpty: () => number,
): Promise<number> {
  const paths = kmPaths();
  const daemon = findDaemon(paths.daemon);
  if (daemon) {
    try {
      const { connectDaemon } = await import("./source_daemon.ts");
      return await read(await connectDaemon(daemon, paths.token));
    } catch (error) {
      if (!(error instanceof DaemonSilent)) throw error;
    }
  }
  const { StoreSource } = await import("./source_store.ts");
  return await withStore((db) => read(new StoreSource(db)), whenEmpty);
}
