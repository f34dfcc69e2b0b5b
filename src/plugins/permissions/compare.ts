/**
 * What one set of permissions has that another lacks. Each kind counts by itself: an update that sees the same messages and wants one more
 * host lacks that host and nothing else. Pure.
 * @module
 */
import type { Direction } from "../../core/event.ts";
import { type DataScope, type Payload, PAYLOADS, type Permissions } from "../manifest.ts";

/** Nothing may be done, and nothing is seen. */
export const NOTHING: Permissions = {
  net: [],
  read: [],
  write: [],
  env: [],
  data: { servers: [], methods: [], directions: [], payload: "none" },
};

/** From an older version of a plugin to a newer one. */
export interface PermissionChanges {
  readonly added: Permissions;
  readonly removed: Permissions;
}

/** What of `asked` is not covered by `granted`. */
export function missing(asked: Permissions, granted: Permissions): Permissions {
  const { data } = asked;
  return {
    net: asked.net.filter((host) => !coversHost(granted.net, host)),
    read: asked.read.filter((folder) => !coversFolder(granted.read, folder)),
    write: asked.write.filter((folder) => !coversFolder(granted.write, folder)),
    env: asked.env.filter((name) => !granted.env.includes(name)),
    data: {
      servers: data.servers.filter((pattern) => !coversPattern(granted.data.servers, pattern)),
      methods: data.methods.filter((pattern) => !coversPattern(granted.data.methods, pattern)),
      directions: data.directions.filter((one) => !granted.data.directions.includes(one)),
      payload: rank(data.payload) > rank(granted.data.payload) ? data.payload : "none",
    },
  };
}

/** What both allow. Where one is narrower (a folder in a folder, a pattern within a pattern), the narrower one. */
export function intersect(asked: Permissions, granted: Permissions): Permissions {
  return {
    net: asked.net.filter((host) => coversHost(granted.net, host)),
    read: narrower(asked.read, granted.read, coversFolder),
    write: narrower(asked.write, granted.write, coversFolder),
    env: asked.env.filter((name) => granted.env.includes(name)),
    data: intersectData(asked.data, granted.data),
  };
}

/** What either allows. */
export function unite(a: Permissions, b: Permissions): Permissions {
  return {
    net: broader(a.net, b.net, coversHost),
    read: broader(a.read, b.read, coversFolder),
    write: broader(a.write, b.write, coversFolder),
    env: distinct([...a.env, ...b.env]),
    data: {
      servers: broader(a.data.servers, b.data.servers, coversPattern),
      methods: broader(a.data.methods, b.data.methods, coversPattern),
      directions: distinct([...a.data.directions, ...b.data.directions]),
      payload: rank(a.data.payload) > rank(b.data.payload) ? a.data.payload : b.data.payload,
    },
  };
}

/** `from` without what `taken` covers; a payload of `taken` lowers the one of `from` to what lies below it. */
export function without(from: Permissions, taken: Permissions): Permissions {
  const left = missing(from, taken);
  const { payload } = from.data;
  const isTaken = taken.data.payload !== "none" && rank(taken.data.payload) <= rank(payload);
  return {
    ...left,
    data: { ...left.data, payload: isTaken ? PAYLOADS[rank(taken.data.payload) - 1] ?? "none" : payload },
  };
}

export function permissionChanges(before: Permissions, after: Permissions): PermissionChanges {
  return { added: missing(after, before), removed: missing(before, after) };
}

/** True when nothing is in it. */
export function isNothing({ net, read, write, env, data }: Permissions): boolean {
  return data.payload === "none" &&
    [net, read, write, env, data.servers, data.methods, data.directions].every((list) => list.length === 0);
}

/** True when `text` is one of those that `pattern` stands for: `*` is any run of characters. */
export function fitsPattern(text: string, pattern: string): boolean {
  // Piece by piece, leftmost first: no expression that a pattern could make slow.
  const [first = "", ...rest] = pattern.split("*");
  if (rest.length === 0) return text === pattern;
  const last = rest.pop() ?? "";
  if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last)) {
    return false;
  }
  const end = text.length - last.length;
  let at = first.length;
  for (const piece of rest) {
    const found = text.indexOf(piece, at);
    if (found < 0 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return true;
}

function intersectData(asked: DataScope, granted: DataScope): DataScope {
  return {
    servers: narrower(asked.servers, granted.servers, coversPattern),
    methods: narrower(asked.methods, granted.methods, coversPattern),
    directions: asked.directions.filter((one: Direction) => granted.directions.includes(one)),
    payload: rank(asked.payload) < rank(granted.payload) ? asked.payload : granted.payload,
  };
}

function narrower(a: readonly string[], b: readonly string[], covers: Covers): readonly string[] {
  return distinct([...a.filter((one) => covers(b, one)), ...b.filter((one) => covers(a, one))]);
}

function broader(a: readonly string[], b: readonly string[], covers: Covers): readonly string[] {
  return [...distinct(a), ...distinct(b).filter((one) => !covers(a, one))];
}

type Covers = (granted: readonly string[], asked: string) => boolean;

/** A host alone is its port 443. */
function coversHost(granted: readonly string[], asked: string): boolean {
  return granted.some((one) => withPort(one) === withPort(asked));
}

function withPort(host: string): string {
  return /:\d+$/.test(host.replace(/^\[.*\]/, "")) ? host : `${host}:443`;
}

/** As they are spelled: where links lead is looked at when they are resolved. */
function coversFolder(granted: readonly string[], asked: string): boolean {
  return granted.some((one) => `${trimmed(asked)}/`.startsWith(`${trimmed(one)}/`));
}

function trimmed(folder: string): string {
  return folder.replaceAll("\\", "/").replace(/\/+$/, "");
}

/** A pattern lies within another one that takes its `*` for a letter like others. */
function coversPattern(granted: readonly string[], asked: string): boolean {
  return granted.some((pattern) => fitsPattern(asked, pattern));
}

function rank(payload: Payload): number {
  return PAYLOADS.indexOf(payload);
}

function distinct<T>(items: readonly T[]): readonly T[] {
  return [...new Set(items)];
}
