/** What a prune took away, step by step, and in words. @module */
import { plural } from "./quantity.ts";

/** How much of each went. */
export interface Removed {
  /** Events. */
  readonly deleted: number;
  /** Sessions that had ended, with all they left; left out when there were none. */
  readonly sessions?: number | undefined;
  /** Tasks that were over; left out when there were none. */
  readonly tasks?: number | undefined;
}

export const NOTHING_REMOVED: Removed = { deleted: 0 };

export function removedOf(deleted: number, sessions: number, tasks: number): Removed {
  return { deleted, ...(sessions > 0 && { sessions }), ...(tasks > 0 && { tasks }) };
}

/** Both together. */
export function addRemoved(sum: Removed, { deleted, sessions = 0, tasks = 0 }: Removed): Removed {
  return removedOf(sum.deleted + deleted, (sum.sessions ?? 0) + sessions, (sum.tasks ?? 0) + tasks);
}

/** `3 events, 2 sessions and 1 task`; `noun`: what an event is called where this is read. */
export function describeRemoved({ deleted, sessions, tasks }: Removed, noun: string): string {
  const parts = [plural(deleted, noun)];
  if (sessions !== undefined) parts.push(plural(sessions, "session"));
  if (tasks !== undefined) parts.push(plural(tasks, "task"));
  const last = parts.pop();
  return parts.length === 0 ? `${last}` : `${parts.join(", ")} and ${last}`;
}
