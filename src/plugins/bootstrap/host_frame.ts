/**
 * Reads what km says, by hand. The library would first build its description of protobuf itself, which takes longer than all the rest of a plugin's
 * start; and it fills lists, which a plugin can watch.
 * @module
 */
import type { Event, HostFrame, Message, StateEntry } from "../../../proto/gen/km/plugin/v1/plugin_pb.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const { fromCharCode } = String;
/** Up to this many bytes, a text of ASCII is read faster without the decoder. */
const SHORT = 48;
const VARINT = 0, BIT64 = 1, LENGTH = 2, BIT32 = 5;
const KIND = "km.plugin.v1.";

/** @throws {RangeError | TypeError} when it is none */
export function readHostFrame(bytes: Uint8Array<ArrayBuffer>): HostFrame {
  const frame: HostFrame = { $typeName: `${KIND}HostFrame`, id: 0, body: { case: undefined } };
  const fields = new Fields(bytes);
  while (fields.next()) {
    if (fields.field === 1) frame.id = fields.uint();
    else frame.body = readBody(fields) ?? frame.body;
  }
  return frame;
}

function readBody(fields: Fields): HostFrame["body"] | null {
  switch (fields.field) {
    case 2:
      fields.inner();
      return { case: "load", value: { $typeName: `${KIND}Load` } };
    case 3:
      return { case: "hello", value: readHello(fields.inner()) };
    case 4:
      return { case: "authenticate", value: readAuthenticate(fields.inner()) };
    case 5:
      return { case: "configure", value: readConfigure(fields.inner()) };
    case 6:
      return { case: "handleMessages", value: readBatch(fields.inner()) };
    case 7: {
      const [code, message] = readTexts(fields.inner());
      return { case: "handleError", value: { $typeName: `${KIND}HandleError`, code, message } };
    }
    case 8:
      fields.inner();
      return { case: "ping", value: { $typeName: `${KIND}Ping` } };
    case 9: {
      const [reason] = readTexts(fields.inner());
      return { case: "shutdown", value: { $typeName: `${KIND}Shutdown`, reason } };
    }
    default:
      // Of a later km.
      return null;
  }
}

function readHello(fields: Fields): Extract<HostFrame["body"], { case: "hello" }>["value"] {
  const hello = {
    $typeName: `${KIND}Hello` as const,
    protocolVersions: [] as number[],
    kmVersion: "",
    pluginName: "",
    pluginVersion: "",
    tier: "",
    maxFrameBytes: 0,
  };
  while (fields.next()) {
    if (fields.field === 1) readVersions(fields, hello.protocolVersions);
    else if (fields.field === 2) hello.kmVersion = fields.text();
    else if (fields.field === 3) hello.pluginName = fields.text();
    else if (fields.field === 4) hello.pluginVersion = fields.text();
    else if (fields.field === 5) hello.tier = fields.text();
    else if (fields.field === 6) hello.maxFrameBytes = fields.uint();
  }
  return hello;
}

/** Packed or not. */
function readVersions(fields: Fields, list: number[]): void {
  if (fields.wire === VARINT) return add(list, fields.uint());
  const packed = fields.inner();
  while (!packed.isAtEnd) add(list, packed.varint());
}

function readAuthenticate(fields: Fields): Extract<HostFrame["body"], { case: "authenticate" }>["value"] {
  const asked = { $typeName: `${KIND}Authenticate` as const, tier: "", customerId: "", expiresAtS: 0n };
  while (fields.next()) {
    if (fields.field === 1) asked.tier = fields.text();
    else if (fields.field === 2) asked.customerId = fields.text();
    else if (fields.field === 3) asked.expiresAtS = fields.int64();
  }
  return asked;
}

function readConfigure(fields: Fields): Extract<HostFrame["body"], { case: "configure" }>["value"] {
  const configure = { $typeName: `${KIND}Configure` as const, configJson: "", state: [] as StateEntry[] };
  while (fields.next()) {
    if (fields.field === 1) configure.configJson = fields.text();
    else if (fields.field === 2) {
      const [key, valueJson] = readTexts(fields.inner());
      add(configure.state, { $typeName: `${KIND}StateEntry`, key, valueJson });
    }
  }
  return configure;
}

function readBatch(fields: Fields): Extract<HostFrame["body"], { case: "handleMessages" }>["value"] {
  const batch = {
    $typeName: `${KIND}HandleMessages` as const,
    messages: [] as Message[],
    droppedMessages: 0n,
    droppedBytes: 0n,
  };
  while (fields.next()) {
    if (fields.field === 1) add(batch.messages, readMessage(fields.inner()));
    else if (fields.field === 2) batch.droppedMessages = fields.int64();
    else if (fields.field === 3) batch.droppedBytes = fields.int64();
  }
  return batch;
}

function readMessage(fields: Fields): Message {
  const message: Message = { $typeName: `${KIND}Message`, dataBytes: 0, direction: 0, correlationId: "" };
  while (fields.next()) {
    if (fields.field === 1) message.dataBytes = fields.uint();
    else if (fields.field === 2) message.direction = fields.uint();
    else if (fields.field === 3) message.correlationId = fields.text();
    else if (fields.field === 4) message.event = readEvent(fields.inner());
  }
  return message;
}

function readEvent(fields: Fields): Event {
  const event: Event = {
    $typeName: `${KIND}Event`,
    id: "",
    timeUs: 0n,
    server: "",
    kind: "",
    sizeBytes: 0n,
    truncated: false,
    format: 0,
  };
  while (fields.next()) readEventField(fields, event);
  return event;
}

function readEventField(fields: Fields, event: Event): void {
  switch (fields.field) {
    case 1:
      return void (event.id = fields.text());
    case 2:
      return void (event.timeUs = fields.int64());
    case 3:
      return void (event.server = fields.text());
    case 4:
      return void (event.kind = fields.text());
    case 5:
      return void (event.method = fields.text());
    case 6:
      return void (event.tool = fields.text());
    case 7:
      return void (event.rpcId = fields.text());
    case 8:
      return void (event.sizeBytes = fields.int64());
    case 9:
      return void (event.truncated = fields.uint() !== 0);
    case 10:
      return void (event.format = fields.uint());
    case 11:
      return void (event.answersId = fields.text());
    case 12:
      return void (event.durationUs = fields.int64());
    case 13:
      return void (event.client = fields.text());
  }
}

/** A message of up to two texts. */
function readTexts(fields: Fields): [first: string, second: string] {
  let first = "", second = "";
  while (fields.next()) {
    if (fields.field === 1) first = fields.text();
    else if (fields.field === 2) second = fields.text();
  }
  return [first, second];
}

/** Never by `push`, which asks the prototype of all lists first: a plugin may have changed it. */
function add<T>(list: T[], value: T): void {
  Object.defineProperty(list, list.length, { value, writable: true, enumerable: true, configurable: true });
}

/** The fields of one message, in the order in which they stand. What nobody reads is passed over. */
class Fields {
  field = 0;
  wire = 0;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #end: number;
  #at: number;
  #isRead = true;

  constructor(bytes: Uint8Array<ArrayBuffer>, start: number = 0, end: number = bytes.length) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#end;
  }

  /** Goes to the next field; false: there is none. */
  next(): boolean {
    if (!this.#isRead) this.#skip();
    if (this.isAtEnd) return false;
    const tag = this.varint();
    this.field = tag >>> 3;
    this.wire = tag & 7;
    if (this.field === 0) throw new RangeError("a field has no number");
    this.#isRead = false;
    return true;
  }

  uint(): number {
    this.#expect(VARINT);
    return this.varint();
  }

  /** Signed or not: what km counts is less than 2 ** 63. */
  int64(): bigint {
    this.#expect(VARINT);
    const start = this.#at;
    // Most are short, and numbers are faster.
    for (let small = 0, unit = 1; unit < 2 ** 49; unit *= 128) {
      const byte = this.#byte();
      small += (byte & 0x7f) * unit;
      if (byte < 0x80) return BigInt(small);
    }
    this.#at = start;
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
    throw new RangeError("a number does not end");
  }

  text(): string {
    this.#expect(LENGTH);
    const length = this.varint();
    const start = this.#at;
    const end = this.#pass(length);
    if (length <= SHORT) {
      let text = "";
      let at = start;
      for (; at < end; at++) {
        const byte = this.#bytes[at] ?? 0;
        if (byte >= 0x80) break;
        text += fromCharCode(byte);
      }
      if (at === end) return text;
    }
    return decoder.decode(this.#bytes.subarray(start, end));
  }

  /** The fields of a message that is this field. */
  inner(): Fields {
    this.#expect(LENGTH);
    const length = this.varint();
    const start = this.#at;
    return new Fields(this.#bytes, start, this.#pass(length));
  }

  /** 32 bits; what is above is left out, as protobuf does. */
  varint(): number {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#byte();
      if (shift < 32) value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw new RangeError("a number does not end");
  }

  #expect(wire: number): void {
    if (this.wire !== wire) throw new RangeError(`field ${this.field} is of another type`);
    this.#isRead = true;
  }

  #skip(): void {
    this.#isRead = true;
    if (this.wire === VARINT) this.varint();
    else if (this.wire === BIT64) this.#pass(8);
    else if (this.wire === LENGTH) this.#pass(this.varint());
    else if (this.wire === BIT32) this.#pass(4);
    else throw new RangeError(`field ${this.field} is of no known type`);
  }

  /** Goes on by so many bytes; where that is. */
  #pass(length: number): number {
    if (length > this.#end - this.#at) throw new RangeError("a field is longer than what holds it");
    return this.#at += length;
  }

  #byte(): number {
    if (this.isAtEnd) throw new RangeError("a number is cut");
    return this.#bytes[this.#at++] ?? 0;
  }
}
