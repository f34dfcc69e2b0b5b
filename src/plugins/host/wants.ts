/** What the plugins of a host want of one server, taken together. @module */
import { MAX_LINK_PAYLOAD_BYTES, type Want } from "../../core/plugin_link.ts";
import type { ScopeFilter } from "./scope.ts";

/** One plugin, as far as that matters here. */
export interface Wanting {
  /** Null: it wants nothing. */
  readonly filter: ScopeFilter | null;
  readonly payloadBytes: number;
}

export function wantOf(server: string, plugins: Iterable<Wanting>): Want {
  const seeing = [...plugins].flatMap(({ filter, payloadBytes }) =>
    filter?.seesServer(server) ? [{ payload: filter.payload, bytes: payloadBytes }] : []
  );
  return {
    events: seeing.length > 0,
    redacted: seeing.some(({ payload }) => payload !== "none"),
    raw: seeing.some(({ payload }) => payload === "full"),
    payloadBytes: Math.min(MAX_LINK_PAYLOAD_BYTES, Math.max(0, ...seeing.map(({ bytes }) => bytes))),
  };
}
