/**
 * Writes what a plugin says as protobuf, into one piece of memory that grows. By hand, and with bytes alone: a library's encoder puts positions on
 * lists and walks over others, and a plugin that changes how every list is filled or walked would take part in writing frames.
 * @module
 */
import type { MessageInitShape } from "@bufbuild/protobuf";
import { FRAME_PREFIX_BYTES, ProtocolError } from "../../../proto/frame.ts";
import type { EmitSchema, PluginFrameSchema } from "../../../proto/gen/km/plugin/v1/plugin_pb.ts";

/** What a frame carries, as the generated code takes it. */
export type PluginBodyInit = Exclude<MessageInitShape<typeof PluginFrameSchema>["body"], undefined>;
/** What is emitted, as the generated code takes it. */
export type GivenInit = NonNullable<MessageInitShape<typeof EmitSchema>["what"]>;

/** Memory to begin with. */
const INITIAL_BYTES = 16 * 1024;
/** More is not kept when all of it was written. */
const KEPT_BYTES = 256 * 1024;
/** Longest varint of 32 bits. */
const VARINT_BYTES = 5;
/** The header length itself, which a frame's `total` counts. */
const LENGTH_BYTES = 4;

// Kept from before the plugin is there.
const encoder = new TextEncoder();

/** Whole frames, one after the other. */
export class FrameWriter {
  #bytes = new Uint8Array(INITIAL_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;

  /** Bytes of all frames that wait. */
  get length(): number {
    return this.#at;
  }

  /** All that waits; valid until the next frame is added. Nothing waits any more. */
  take(): Uint8Array<ArrayBuffer> {
    const all = this.#bytes.subarray(0, this.#at);
    this.#at = 0;
    if (this.#bytes.length > KEPT_BYTES) this.#use(new Uint8Array(INITIAL_BYTES));
    return all;
  }

  /** @throws {ProtocolError} when it is longer than `limitBytes`: nothing of it waits then */
  add(replyTo: number, body: PluginBodyInit, limitBytes: number): void {
    const start = this.#at;
    let isWhole = false;
    try {
      this.#need(FRAME_PREFIX_BYTES);
      this.#at += FRAME_PREFIX_BYTES;
      this.#count(1, replyTo);
      this.#body(body);
      this.#finish(start, limitBytes);
      isWhole = true;
    } finally {
      if (!isWhole) this.#at = start;
    }
  }

  #finish(start: number, limitBytes: number): void {
    const header = this.#at - start - FRAME_PREFIX_BYTES;
    const total = header + LENGTH_BYTES;
    if (total > limitBytes) {
      throw new ProtocolError(`a frame of ${total} bytes is longer than the ${limitBytes} bytes allowed`);
    }
    this.#view.setUint32(start, total);
    this.#view.setUint32(start + LENGTH_BYTES, header);
  }

  #body(body: PluginBodyInit): void {
    switch (body.case) {
      case "loaded":
        return this.#loaded(body.value);
      case "helloAck":
        return this.#helloAck(body.value);
      case "authenticateResult": {
        const start = this.#open(4);
        this.#flag(1, body.value.accepted);
        this.#text(2, body.value.reason);
        return this.#close(start);
      }
      case "configured":
        return this.#close(this.#open(5));
      case "handled":
        return this.#handled(body.value);
      case "pong":
        return this.#close(this.#open(7));
      case "shutdownAck":
        return this.#close(this.#open(8));
      case "log": {
        const start = this.#open(9);
        this.#count(1, body.value.level);
        this.#text(2, body.value.text);
        this.#text(3, body.value.console);
        return this.#close(start);
      }
      case "emit": {
        const start = this.#open(10);
        this.#text(1, body.value.eventId);
        if (body.value.what !== undefined) this.#given(body.value.what);
        return this.#close(start);
      }
      case "setState":
        return this.#pair(11, body.value.key, body.value.valueJson);
      case "refused":
        return this.#pair(12, body.value.what, body.value.value);
      case "failed":
        return this.#pair(13, body.value.code, body.value.message);
    }
  }

  #loaded(loaded: Extract<PluginBodyInit, { case: "loaded" }>["value"]): void {
    const { name, version, protocolVersions, definitionJson } = loaded;
    const start = this.#open(2);
    this.#text(1, name);
    this.#text(2, version);
    if (protocolVersions !== undefined && protocolVersions.length > 0) {
      const list = this.#open(3);
      for (let at = 0; at < protocolVersions.length; at++) this.#varint(protocolVersions[at] ?? 0);
      this.#close(list);
    }
    this.#text(4, definitionJson);
    this.#close(start);
  }

  #helloAck(ack: Extract<PluginBodyInit, { case: "helloAck" }>["value"]): void {
    const start = this.#open(3);
    this.#count(1, ack.protocolVersion);
    this.#text(2, ack.pluginName);
    this.#text(3, ack.pluginVersion);
    this.#text(4, ack.requiredTier);
    this.#flag(5, ack.hasAuthenticate);
    this.#close(start);
  }

  #handled(handled: Extract<PluginBodyInit, { case: "handled" }>["value"]): void {
    const start = this.#open(6);
    this.#count(1, handled.messages);
    this.#count(2, handled.failed);
    this.#text(3, handled.firstError);
    this.#count(4, handled.droppedEmits);
    this.#count(5, handled.droppedLogs);
    this.#close(start);
  }

  #given(what: GivenInit): void {
    switch (what.case) {
      case "finding": {
        const { key, severity, title, detail, server, tool } = what.value;
        const start = this.#open(2);
        this.#text(1, key);
        this.#count(2, severity);
        this.#text(3, title);
        this.#text(4, detail);
        this.#text(5, server);
        this.#text(6, tool);
        return this.#close(start);
      }
      case "metric": {
        const start = this.#open(3);
        this.#text(1, what.value.name);
        this.#double(2, what.value.value);
        this.#text(3, what.value.unit);
        return this.#close(start);
      }
      case "annotation":
        return this.#pair(4, what.value.key, what.value.value);
    }
  }

  /** A message of two texts. */
  #pair(field: number, first: string | undefined, second: string | undefined): void {
    const start = this.#open(field);
    this.#text(1, first);
    this.#text(2, second);
    this.#close(start);
  }

  /** Begins something whose length stands before it; returns where it begins. */
  #open(field: number): number {
    this.#varint(field << 3 | 2);
    this.#need(1);
    return ++this.#at;
  }

  /** One byte was left for the length: what is longer is moved. */
  #close(start: number): void {
    const length = this.#at - start;
    const extra = varintBytes(length) - 1;
    if (extra > 0) {
      this.#need(extra);
      this.#bytes.copyWithin(start + extra, start, this.#at);
    }
    this.#at = start - 1;
    this.#varint(length);
    this.#at += length;
  }

  // Of all that follows, what says nothing (0, false, "") is left out, as protobuf does. Types are looked at again: an object that turns into a text
  // or a number would be the plugin's code, run in the middle of a frame.

  #count(field: number, value: number | undefined): void {
    if (value === undefined || value === 0) return;
    if (typeof value !== "number") throw new TypeError("a number is something else");
    this.#varint(field << 3);
    this.#varint(value);
  }

  #flag(field: number, value: boolean | undefined): void {
    if (value === true) this.#count(field, 1);
  }

  #double(field: number, value: number | undefined): void {
    if (value === undefined) return;
    if (typeof value !== "number") throw new TypeError("a number is something else");
    // -0 is said.
    if (value === 0 && 1 / value > 0) return;
    this.#varint(field << 3 | 1);
    this.#need(8);
    this.#view.setFloat64(this.#at, value, true);
    this.#at += 8;
  }

  #text(field: number, value: string | undefined): void {
    if (value === undefined || value === "") return;
    if (typeof value !== "string") throw new TypeError("a text is something else");
    const start = this.#open(field);
    // Three bytes at most for each unit of UTF-16.
    this.#need(value.length * 3);
    this.#at += encoder.encodeInto(value, this.#bytes.subarray(start)).written;
    this.#close(start);
  }

  #varint(value: number): void {
    this.#need(VARINT_BYTES);
    let rest = value >>> 0;
    for (; rest > 0x7f; rest >>>= 7) this.#bytes[this.#at++] = rest & 0x7f | 0x80;
    this.#bytes[this.#at++] = rest;
  }

  #need(bytes: number): void {
    const needed = this.#at + bytes;
    if (needed <= this.#bytes.length) return;
    let length = this.#bytes.length * 2;
    while (length < needed) length *= 2;
    const larger = new Uint8Array(length);
    larger.set(this.#bytes.subarray(0, this.#at));
    this.#use(larger);
  }

  #use(bytes: Uint8Array<ArrayBuffer>): void {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest > 0x7f; rest >>>= 7) bytes++;
  return bytes;
}
