/** Which messages a plugin sees, and how much of each: its data scope. @module */
import type { EventKind } from "../../core/event.ts";
import type { LinkEvent } from "../../core/plugin_link.ts";
import type { DataScope, Payload } from "../manifest.ts";
import { bareEvent } from "./bare_event.ts";

/** A message as a plugin is given it. */
export interface ScopedMessage {
  readonly event: LinkEvent;
  readonly correlationId: string;
  readonly server: string;
  readonly client: string | null;
  /** `none`: `data` is empty. */
  readonly format: "none" | LinkEvent["format"];
  readonly data: Uint8Array;
  readonly truncated: boolean;
}

/** A message as it came from a monitor. */
export interface OfferedMessage {
  readonly event: LinkEvent;
  readonly correlationId: string;
  readonly server: string;
  readonly client: string | null;
  /** What the store holds of it. Null: none came. */
  readonly redacted: Uint8Array | null;
  /** As it passed. Null: none came. */
  readonly raw: Uint8Array | null;
}

/** Kinds of which km itself is the author: they say what happened to the run, and belong to no direction. */
const OWN_KINDS: readonly EventKind[] = ["gap", "lifecycle"];

/** Applies one scope. */
export class ScopeFilter {
  readonly #servers: (text: string) => boolean;
  readonly #methods: (text: string) => boolean;
  readonly #allMethods: boolean;
  readonly #scope: DataScope;
  readonly #payloadBytes: number;

  constructor(scope: DataScope, payloadBytes: number) {
    this.#scope = scope;
    this.#payloadBytes = payloadBytes;
    this.#servers = matcher(scope.servers);
    this.#methods = matcher(scope.methods);
    this.#allMethods = scope.methods.includes("*");
  }

  get payload(): Payload {
    return this.#scope.payload;
  }

  /** True when it may see messages of this server at all. */
  seesServer(server: string): boolean {
    return this.#scope.directions.length > 0 && this.#scope.methods.length > 0 && this.#servers(server);
  }

  /** The message within the scope; null when the plugin may not know of it. */
  apply(offered: OfferedMessage): ScopedMessage | null {
    if (!this.#sees(offered)) return null;
    const { correlationId, server, client } = offered;
    const event = this.#scope.payload === "none" ? bareEvent(offered.event) : offered.event;
    const base = { event, correlationId, server, client };
    const data = this.#dataOf(offered);
    if (data === null) return { ...base, format: "none", data: new Uint8Array(), truncated: event.truncated };
    const cut = cutTo(data, this.#payloadBytes, event.format !== "bytes");
    return { ...base, format: event.format, data: cut, truncated: event.truncated || cut !== data };
  }

  #sees({ event, server }: OfferedMessage): boolean {
    if (!this.seesServer(server)) return false;
    const { direction, method, kind } = event;
    // Of what has no method (stderr, lines that are no JSON-RPC) nobody can say that it is one of those granted.
    if (method === null ? !this.#allMethods : !this.#methods(method)) return false;
    if (direction !== null) return this.#scope.directions.includes(direction);
    return OWN_KINDS.includes(kind) && this.#scope.directions.length === 2;
  }

  #dataOf({ redacted, raw }: OfferedMessage): Uint8Array | null {
    if (this.#scope.payload === "none") return null;
    // What km itself says has no other form than the redacted one.
    return this.#scope.payload === "full" ? raw ?? redacted : redacted;
  }
}

/** The first `limit` bytes; of text, no half character. The same object when nothing was cut. */
export function cutTo(data: Uint8Array, limit: number, isText: boolean): Uint8Array {
  if (data.length <= limit) return data;
  let end = limit;
  // A byte 10xxxxxx goes on with a character: its beginning is at most 3 before.
  while (isText && end > limit - 4 && end > 0 && ((data[end] ?? 0) & 0xc0) === 0x80) end--;
  return data.subarray(0, end);
}

/** Says whether one of `patterns` is all of a text; `*` stands for any run of characters. */
function matcher(patterns: readonly string[]): (text: string) => boolean {
  if (patterns.includes("*")) return () => true;
  const split = patterns.map((pattern) => pattern.split("*"));
  const known = new Map<string, boolean>();
  return (text) => {
    let matches = known.get(text);
    if (matches === undefined) {
      matches = split.some((parts) => matchesParts(text, parts));
      if (known.size < MAX_KNOWN && text.length <= MAX_KNOWN_LENGTH) known.set(text, matches);
    }
    return matches;
  };
}

/** Messages say one of a few methods; a server that invents new ones may not fill km's memory. */
const MAX_KNOWN = 512;
const MAX_KNOWN_LENGTH = 200;

/** By hand, in one pass: an expression made of a stranger's pattern could take for ever. */
function matchesParts(text: string, parts: readonly string[]): boolean {
  const [first = "", ...rest] = parts;
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) {
    return false;
  }
  const end = text.length - last.length;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
