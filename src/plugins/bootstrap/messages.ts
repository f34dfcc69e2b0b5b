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

/** The messages of a batch, one after the other; each one's data is a view of the payload, which nobody else uses. */
export class BatchReader {
  /** How many there are. */
  readonly length: number;
  readonly #batch: HandleMessages;
  readonly #payload: Uint8Array<ArrayBuffer>;
  #at = 0;
  #offset = 0;

  /** @throws {RangeError} when the lengths do not fit */
  constructor(batch: HandleMessages, payload: Uint8Array<ArrayBuffer>) {
    this.length = batch.messages.length;
    this.#batch = batch;
    this.#payload = payload;
    let bytes = 0;
    for (let at = 0; at < this.length; at++) bytes += batch.messages[at]?.dataBytes ?? 0;
    if (bytes > payload.length) throw new RangeError("a batch's data is shorter than its messages say");
    if (bytes < payload.length) throw new RangeError("a batch's data is longer than its messages say");
  }

  /** Undefined after the last one. */
  next(): DeliveredMessage | undefined {
    const message = this.#batch.messages[this.#at];
    if (this.#at >= this.length || message === undefined) return undefined;
    this.#at++;
    const data = this.#payload.subarray(this.#offset, this.#offset + message.dataBytes);
    this.#offset += message.dataBytes;
    const { correlationId } = message;
    const direction = DIRECTION[message.direction] ?? null;
    return new DeliveredMessage({ event: readEvent(message.event), direction, correlationId }, data);
  }
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
