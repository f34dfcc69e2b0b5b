/** The sessions that live, and those that ended a moment ago; and how many there may be. @module */
import { KmError } from "../core/error.ts";
import { hasEnded } from "../core/session.ts";
import type { CommandQueue } from "./command_queue.ts";
import type { LiveSession } from "./live_session.ts";
import type { SessionView } from "./viewer.ts";

/** An ended session keeps its terminal for who looks at it; the oldest of more than these lose theirs. */
const MAX_ENDED_TERMINALS = 8;

export interface SessionLimits {
  readonly max: number;
  readonly maxPerUser: number;
  /** Commands that may wait for one session. */
  readonly maxQueue: number;
}

/** A session of this daemon. */
export interface BookEntry {
  readonly live: LiveSession;
  readonly queue: CommandQueue;
  readonly hooksFile: string | null;
}

export class SessionBook {
  readonly #limits: () => SessionLimits;
  readonly #byId = new Map<string, BookEntry>();
  readonly #byNumber = new Map<number, BookEntry>();
  /** Sessions that are about to start, by caller. */
  readonly #starting = new Map<string, number>();

  constructor(limits: () => SessionLimits) {
    this.#limits = limits;
  }

  get entries(): BookEntry[] {
    return [...this.#byId.values()];
  }

  /** Those whose program runs. */
  get living(): BookEntry[] {
    return this.entries.filter(({ live }) => live.pty !== null);
  }

  /** Ended sessions beyond the newest of them. One that somebody looks at is none: it goes when another one ends. */
  get outdated(): BookEntry[] {
    return this.entries.filter(({ live }) => live.pty === null && hasEnded(live.state))
      .sort((a, b) => (a.live.facts.endedUs ?? 0) - (b.live.facts.endedUs ?? 0))
      .slice(0, -MAX_ENDED_TERMINALS)
      .filter(({ live }) => !live.hasViewers);
  }

  add(entry: BookEntry): void {
    const { id, number } = entry.live.facts;
    this.#byId.set(id, entry);
    this.#byNumber.set(number, entry);
  }

  /** Returns what was removed. */
  remove(id: string): BookEntry | undefined {
    const entry = this.#byId.get(id);
    if (!entry) return undefined;
    this.#byId.delete(id);
    this.#byNumber.delete(entry.live.facts.number);
    return entry;
  }

  byId(id: string): BookEntry | undefined {
    return this.#byId.get(id);
  }

  byNumber(number: number): BookEntry | undefined {
    return this.#byNumber.get(number);
  }

  /** By id, number or name; of one name, the one that runs. */
  find(ref: string): BookEntry | undefined {
    const exact = this.#byId.get(ref) ?? (/^\d+$/.test(ref) ? this.#byNumber.get(Number(ref)) : undefined);
    if (exact) return exact;
    const named = this.entries.filter(({ live }) => live.facts.name === ref);
    return named.find(({ live }) => !hasEnded(live.state)) ?? named.at(-1);
  }

  isNameTaken(name: string): boolean {
    return this.entries.some(({ live }) => live.facts.name === name && !hasEnded(live.state));
  }

  /** Counts a session that `caller` is about to start, until what is returned is called. @throws {KmError} busy */
  admit(caller: string): () => void {
    const { max, maxPerUser } = this.#limits();
    const living = this.entries.filter(({ live }) => !hasEnded(live.state));
    const own = living.filter(({ live }) => live.facts.createdBy === caller).length;
    const starting = [...this.#starting.values()].reduce((sum, count) => sum + count, 0);
    const ownStarting = this.#starting.get(caller) ?? 0;
    if (living.length + starting >= max) throw tooMany("sessions run", "sessions.max", max);
    if (own + ownStarting >= maxPerUser) {
      throw tooMany(`sessions of "${caller}" run`, "sessions.maxPerUser", maxPerUser);
    }
    this.#starting.set(caller, ownStarting + 1);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      const left = (this.#starting.get(caller) ?? 1) - 1;
      if (left > 0) this.#starting.set(caller, left);
      else this.#starting.delete(caller);
    };
  }
}

/** The session as the API tells it. */
export function viewOf({ live, queue }: BookEntry): SessionView {
  return live.view(queue.length);
}

function tooMany(what: string, setting: string, most: number): KmError {
  return new KmError("busy", `Cannot start a session: ${most} ${what} already`, {
    hint: `end one (km sessions list), or raise the setting "${setting}"`,
  });
}
