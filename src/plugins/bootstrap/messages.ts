/** Cuts a batch into the messages that a plugin is called with. @module */
import {
  Direction as WireDirection,
  type Event,
  type HandleMessages,
  PayloadFormat,
} from "../../../proto/gen/km/plugin/v1/plugin_pb.ts";
import { DeliveredMessage } from "../../../plugins/sdk/message.ts";
import type { Direction, MessageEvent } from "../../../plugins/sdk/mod.ts";

const DIRECTION: Readonly<Record<number, Direction>> = {
  [WireDirection.CLIENT_TO_SERVER]: "client_to_server",
  [WireDirection.SERVER_TO_CLIENT]: "server_to_client",
};
const FORMAT: Readonly<Record<number, MessageEvent["format"]>> = {
  [PayloadFormat.JSON]: "json",
  [PayloadFormat.TEXT]: "text",
  [PayloadFormat.BYTES]: "bytes",
};

/** The messages of `batch`; each one's data is a view of `payload`, which nobody else uses. @throws {RangeError} when the lengths do not fit */
export function readMessages(batch: HandleMessages, payload: Uint8Array<ArrayBuffer>): DeliveredMessage[] {
  let at = 0;
  const messages = batch.messages.map((message) => {
    const end = at + message.dataBytes;
    if (end > payload.length) throw new RangeError("a batch's data is shorter than its messages say");
    const data = payload.subarray(at, end);
    at = end;
    const { correlationId } = message;
    const direction = DIRECTION[message.direction] ?? null;
    return new DeliveredMessage({ event: readEvent(message.event), direction, correlationId }, data);
  });
  if (at !== payload.length) throw new RangeError("a batch's data is longer than its messages say");
  return messages;
}

function readEvent(event: Event | undefined): MessageEvent {
  if (event === undefined) throw new RangeError("a message has no event");
  return {
    id: event.id,
    timeUs: Number(event.timeUs),
    server: event.server,
    kind: event.kind,
    method: event.method ?? null,
    tool: event.tool ?? null,
    rpcId: event.rpcId ?? null,
    sizeBytes: Number(event.sizeBytes),
    truncated: event.truncated,
    format: FORMAT[event.format] ?? null,
    answersId: event.answersId ?? null,
    durationUs: event.durationUs === undefined ? null : Number(event.durationUs),
    client: event.client ?? null,
  };
}
