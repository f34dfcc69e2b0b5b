/** Who is talking: names and versions of client and server, taken from what they say in either protocol era. @module */
import type { Run } from "../core/event.ts";
import { isObject, type JsonObject, stringOf } from "./json_rpc.ts";

/** The part of a `Run` that messages tell. Null: not said. */
export type Identity = Pick<
  Run,
  "client" | "clientVersion" | "serverTitle" | "serverVersion" | "protocolVersion"
>;

const META_PREFIX = "io.modelcontextprotocol/";

/** What a request of the client adds to `known`: once in `initialize` (2025), in any request's `_meta` (2026-07-28). Returns `known` itself when nothing is new. */
export function identityFromRequest(known: Identity, method: string, params: JsonObject): Identity {
  if (method === "initialize") {
    return merge(known, {
      ...clientOf(params.clientInfo),
      protocolVersion: stringOf(params.protocolVersion),
    });
  }
  const meta = params._meta;
  if (!isObject(meta)) return known;
  return merge(known, {
    ...clientOf(meta[META_PREFIX + "clientInfo"]),
    protocolVersion: stringOf(meta[META_PREFIX + "protocolVersion"]),
  });
}

/** What a server's result adds: `initialize` and `server/discover` say it in the result, all others of 2026-07-28 may in `_meta`. */
export function identityFromResult(known: Identity, method: string, result: JsonObject): Identity {
  const meta = isObject(result._meta) ? result._meta[META_PREFIX + "serverInfo"] : undefined;
  if (method !== "initialize" && method !== "server/discover") {
    return meta === undefined ? known : merge(known, serverOf(meta));
  }
  // The version agreed on is the server's word in `initialize`; `server/discover` lists several and agrees on none.
  return merge(known, {
    ...serverOf(result.serverInfo ?? meta),
    protocolVersion: stringOf(result.protocolVersion),
  });
}

function clientOf(info: unknown): Partial<Identity> {
  return isObject(info) ? { client: stringOf(info.name), clientVersion: stringOf(info.version) } : {};
}

function serverOf(info: unknown): Partial<Identity> {
  if (!isObject(info)) return {};
  return { serverTitle: stringOf(info.title) ?? stringOf(info.name), serverVersion: stringOf(info.version) };
}

function merge(known: Identity, said: Partial<Identity>): Identity {
  const next: Identity = {
    client: said.client ?? known.client,
    clientVersion: said.clientVersion ?? known.clientVersion,
    serverTitle: said.serverTitle ?? known.serverTitle,
    serverVersion: said.serverVersion ?? known.serverVersion,
    protocolVersion: said.protocolVersion ?? known.protocolVersion,
  };
  const same = (Object.keys(next) as (keyof Identity)[]).every((key) => next[key] === known[key]); // as: keys of an Identity
  return same ? known : next;
}
