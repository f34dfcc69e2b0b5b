/** A message within a scope, as it goes over the wire. @module */
import type { WireMessage } from "../wire/encode.ts";
import type { ScopedMessage } from "./scope.ts";

export function wireMessage(message: ScopedMessage): WireMessage {
  const { event, correlationId, server, client, format, data, truncated } = message;
  return {
    data,
    direction: event.direction,
    correlationId,
    event: { ...event, server, client, truncated, format: format === "none" ? null : format },
  };
}
