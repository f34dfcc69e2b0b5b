/**
 * What a plugin tried and was refused: each different access once, with how often and when. Each kind of permission has room of its own, and the first
 * of a kind stay, so that nothing hides behind a thousand tries of something else; what found no room is counted by kind.
 * @module
 */
import type { RefusedAccess } from "../sandbox/sandbox.ts";
import type { RefusedEntry } from "./status.ts";

/** Of one kind: the first that came, and the latest of those after them. */
const FIRST = 30;
const LATEST = 20;
const MAX_VALUE_CHARS = 300;
/** Deno's words, the gravest first; whatever else a plugin makes up shares one room. */
const KINDS = ["run", "ffi", "write", "read", "net", "import", "sys", "env"];
const MADE_UP = "other";

/** Of which kind an access is: one of a few. */
export function kindOf(permission: string): string {
  return KINDS.includes(permission) ? permission : MADE_UP;
}

export class Refusals {
  readonly #rooms = new Map<string, Room>();

  /** True when it is a new one. `access.count` is how often its process tried it so far. */
  add(access: RefusedAccess, timeIso: string): boolean {
    const kind = kindOf(access.permission);
    const room = this.#rooms.get(kind) ?? new Room();
    this.#rooms.set(kind, room);
    return room.add({ ...access, value: access.value.slice(0, MAX_VALUE_CHARS) }, timeIso);
  }

  /** Its process ended: the next one counts from 1. */
  turn(): void {
    for (const room of this.#rooms.values()) room.turn();
  }

  /** One of each kind, then the next of each, so that the first few tell most. */
  get entries(): readonly RefusedEntry[] {
    const lists = this.#inOrder().map(([, room]) => room.entries);
    const longest = Math.max(0, ...lists.map(({ length }) => length));
    return Array.from({ length: longest }, (_, at) => lists.flatMap((list) => list.slice(at, at + 1))).flat();
  }

  /** Those that found no room. */
  get others(): number {
    return [...this.#rooms.values()].reduce((sum, { others }) => sum + others, 0);
  }

  /** The same by kind of permission, where there are any. */
  get othersByKind(): Readonly<Record<string, number>> {
    const counted = this.#inOrder().map(([kind, { others }]) => [kind, others] as const);
    return Object.fromEntries(counted.filter(([, others]) => others > 0));
  }

  #inOrder(): [kind: string, room: Room][] {
    return [...KINDS, MADE_UP].flatMap((kind): [string, Room][] => {
      const room = this.#rooms.get(kind);
      return room === undefined ? [] : [[kind, room]];
    });
  }
}

/** Those of one kind. */
class Room {
  readonly #first = new Map<string, RefusedEntry>();
  readonly #latest = new Map<string, RefusedEntry>();
  /** Counts of processes that ended: each one counts from 1 again. */
  readonly #before = new Map<string, number>();
  others = 0;

  add({ permission, value, count }: RefusedAccess, timeIso: string): boolean {
    const key = `${permission} ${value}`;
    const known = this.#first.get(key) ?? this.#latest.get(key);
    const entry = {
      permission,
      value,
      count: Math.max((this.#before.get(key) ?? 0) + count, known?.count ?? 1),
      firstTime: known?.firstTime ?? timeIso,
      lastTime: timeIso,
    };
    if (this.#first.has(key) || this.#first.size < FIRST) this.#first.set(key, entry);
    else this.#addLatest(key, entry);
    return known === undefined;
  }

  turn(): void {
    for (const entries of [this.#first, this.#latest]) {
      for (const [key, { count }] of entries) this.#before.set(key, count);
    }
  }

  get entries(): readonly RefusedEntry[] {
    return [...this.#first.values(), ...[...this.#latest.values()].reverse()];
  }

  #addLatest(key: string, entry: RefusedEntry): void {
    // Added anew, so that the map stays in the order of the last try.
    this.#latest.delete(key);
    this.#latest.set(key, entry);
    const [oldest] = this.#latest.keys();
    if (this.#latest.size <= LATEST || oldest === undefined) return;
    this.#latest.delete(oldest);
    this.#before.delete(oldest);
    this.others++;
  }
}
