/**
 * What km says to a plugin, from plain values to frames of `proto/km/plugin/v1/plugin.proto`.
 *
 * Reaches @bufbuild/protobuf: only what runs plugins may import it, never what `km monitor` starts with.
 * @module
 */
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  Direction as WireDirection,
  type Event,
  EventSchema,
  HostFrameSchema,
  type Message,
  MessageSchema,
  PayloadFormat as WireFormat,
} from "../../../proto/gen/km/plugin/v1/plugin_pb.ts";
import type { Direction, EventKind, PayloadFormat } from "../../core/event.ts";
import type { Tier } from "../../core/plugin.ts";
import { encodeBatchHeader } from "./batch_writer.ts";
import { STATE_VERSION } from "./versions.ts";

/** One message as a plugin gets it. */
export interface WireMessage {
  /** What the grant allows of it; empty where `format` is null. */
  readonly data: Uint8Array;
  readonly direction: Direction | null;
  readonly correlationId: string;
  readonly event: WireEvent;
}

/** What km knows of a message. */
export interface WireEvent {
  readonly id: string;
  readonly timeUs: number;
  readonly server: string;
  readonly kind: EventKind;
  readonly method: string | null;
  readonly tool: string | null;
  readonly rpcId: string | null;
  readonly sizeBytes: number;
  readonly truncated: boolean;
  /** Null: no data, because the grant allows none or the event has none. */
  readonly format: PayloadFormat | null;
  readonly answersId: string | null;
  readonly durationUs: number | null;
  readonly client: string | null;
}

/** What km says. */
export type HostBody =
  | { readonly kind: "load"; readonly code: Uint8Array }
  | {
    readonly kind: "hello";
    readonly protocolVersions: readonly number[];
    readonly kmVersion: string;
    readonly pluginName: string;
    readonly pluginVersion: string;
    readonly tier: Tier;
    /** Longest frame that the plugin may send. */
    readonly maxFrameBytes: number;
  }
  | {
    readonly kind: "authenticate";
    readonly tier: Tier;
    readonly customerId: string | null;
    /** Seconds since the Unix epoch; null: it does not end. */
    readonly expiresAtS: number | null;
  }
  | {
    readonly kind: "configure";
    /** JSON text. */
    readonly configJson: string;
    /** JSON texts by key. Protocol 1 has none: it is left out there. */
    readonly state: ReadonlyMap<string, string>;
  }
  | {
    readonly kind: "handleMessages";
    readonly messages: readonly WireMessage[];
    readonly droppedMessages: number;
    readonly droppedBytes: number;
  }
  | { readonly kind: "handleError"; readonly code: string; readonly message: string }
  | { readonly kind: "ping" }
  | { readonly kind: "shutdown"; readonly reason: string };

/** Header and payload of a frame, for `encodeFrame` or `Sandbox.send`. */
export interface FrameParts {
  readonly header: Uint8Array<ArrayBuffer>;
  readonly payload: readonly Uint8Array[];
}

const DIRECTION = {
  client_to_server: WireDirection.CLIENT_TO_SERVER,
  server_to_client: WireDirection.SERVER_TO_CLIENT,
} as const;
const FORMAT = { json: WireFormat.JSON, text: WireFormat.TEXT, bytes: WireFormat.BYTES } as const;

/** Frame number `id` (1 … 2³²-1) with `body`, in the words of protocol `version`. */
export function encodeHostFrame(id: number, body: HostBody, version: number): FrameParts {
  if (body.kind === "handleMessages") {
    return { header: encodeBatchHeader({ id, ...body }), payload: payloadOf(body) };
  }
  const header = toBinary(HostFrameSchema, create(HostFrameSchema, { id, body: wireBody(body, version) }));
  return { header, payload: payloadOf(body) };
}

/** What `handleMessages` with this message adds to a frame, in bytes, at most: to know when a batch is full. */
export function messageBytes({ data, correlationId, event }: WireMessage): number {
  // Fields of numbers take at most 11 bytes each; texts up to 3 bytes a UTF-16 unit.
  const texts = [correlationId, event.id, event.server, event.kind, event.method, event.tool, event.rpcId];
  let units = (event.answersId?.length ?? 0) + (event.client?.length ?? 0);
  for (const text of texts) units += text?.length ?? 0;
  return data.length + 160 + 3 * units;
}

function payloadOf(body: HostBody): readonly Uint8Array[] {
  if (body.kind === "load") return [body.code];
  return body.kind === "handleMessages" ? body.messages.map(({ data }) => data) : [];
}

type WireBody = Exclude<MessageInitShape<typeof HostFrameSchema>["body"], undefined>;

/** The body for the library's encoder, which tests compare `batch_writer.ts` with. */
export function wireBody(body: HostBody, version: number): WireBody {
  switch (body.kind) {
    case "load":
      return { case: "load", value: {} };
    case "hello":
      return { case: "hello", value: { ...body, protocolVersions: [...body.protocolVersions] } };
    case "authenticate":
      return {
        case: "authenticate",
        value: {
          tier: body.tier,
          customerId: body.customerId ?? "",
          expiresAtS: BigInt(Math.trunc(body.expiresAtS ?? 0)),
        },
      };
    case "configure":
      return {
        case: "configure",
        value: { configJson: body.configJson, state: wireState(body.state, version) },
      };
    case "handleMessages":
      return {
        case: "handleMessages",
        value: {
          messages: body.messages.map(wireMessage),
          droppedMessages: BigInt(body.droppedMessages),
          droppedBytes: BigInt(body.droppedBytes),
        },
      };
    case "handleError":
      return { case: "handleError", value: { code: body.code, message: body.message } };
    case "ping":
      return { case: "ping", value: {} };
    case "shutdown":
      return { case: "shutdown", value: { reason: body.reason } };
  }
}

function wireState(
  state: ReadonlyMap<string, string>,
  version: number,
): { key: string; valueJson: string }[] {
  if (version < STATE_VERSION) return [];
  return [...state].map(([key, valueJson]) => ({ key, valueJson }));
}

function wireMessage({ data, direction, correlationId, event }: WireMessage): Message {
  const message = create(MessageSchema);
  message.dataBytes = data.length;
  if (direction !== null) message.direction = DIRECTION[direction];
  message.correlationId = correlationId;
  message.event = wireEvent(event);
  return message;
}

/** Field by field, not by an initializer: three times as fast, and it is done for each message. */
function wireEvent(event: WireEvent): Event {
  const wire = create(EventSchema);
  wire.id = event.id;
  wire.timeUs = BigInt(event.timeUs);
  wire.server = event.server;
  wire.kind = event.kind;
  if (event.method !== null) wire.method = event.method;
  if (event.tool !== null) wire.tool = event.tool;
  if (event.rpcId !== null) wire.rpcId = event.rpcId;
  wire.sizeBytes = BigInt(event.sizeBytes);
  wire.truncated = event.truncated;
  wire.format = event.format === null ? WireFormat.NONE : FORMAT[event.format];
  if (event.answersId !== null) wire.answersId = event.answersId;
  if (event.durationUs !== null) wire.durationUs = BigInt(event.durationUs);
  if (event.client !== null) wire.client = event.client;
  return wire;
}
