/** A payload as it was sent, as it is stored: the way back from what `Event.payload` shows. @module */
import { hash } from "node:crypto";
import type { PayloadFormat } from "../../core/event.ts";
import { isObject, type JsonObject } from "../../mcp/json_rpc.ts";
import { Outline } from "../../mcp/outline.ts";
import { withoutPartialCharacter } from "../line_text.ts";
import type { ReadEvent } from "./read_body.ts";

/** What is stored of a payload, and what is known of the whole. */
export interface Payload {
  readonly bytes: Uint8Array | null;
  readonly format: PayloadFormat;
  /** Of the whole. */
  readonly sizeBytes: number;
  /** True when `bytes` are less than what was sent. */
  readonly isCut: boolean;
  /** Of the whole, when it was cut here. */
  readonly sha256: string | null;
  /** The JSON-RPC message, or what can be told of one that was cut. */
  readonly message: JsonObject | null;
  /** True when `message` is all there is. */
  readonly isWhole: boolean;
}

const NONE: Payload = {
  bytes: null,
  format: "json",
  sizeBytes: 0,
  isCut: false,
  sha256: null,
  message: null,
  isWhole: false,
};
const encoder = new TextEncoder();

/** Reads a payload: a JSON value stays as it came, a string is text, `{base64}` is bytes. At most `maxStoredBytes` are kept. */
export function readPayload({ sent, payload }: ReadEvent, maxStoredBytes: number): Payload {
  if (payload === null) return NONE;
  const value = sent.payload;
  if (typeof value === "string") return cut(textPayload(value, sent.truncated), maxStoredBytes);
  const message = isObject(value) ? value : null;
  const binary = message === null ? null : readBase64(message);
  if (binary !== null) return cut({ ...NONE, bytes: binary, format: "bytes" }, maxStoredBytes);
  return cut({ ...NONE, bytes: payload, message, isWhole: !sent.truncated }, maxStoredBytes);
}

/** A message that was cut before is told as text. */
function textPayload(text: string, wasCut: boolean): Payload {
  const bytes = encoder.encode(text);
  if (!wasCut || !/^\s*[[{]/.test(text)) return { ...NONE, bytes, format: "text" };
  const outline = new Outline();
  outline.push(bytes);
  const value = outline.value();
  return { ...NONE, bytes, message: isObject(value) ? value : null };
}

function cut(payload: Payload, maxBytes: number): Payload {
  const bytes = payload.bytes ?? new Uint8Array(0);
  if (bytes.length <= maxBytes) return { ...payload, sizeBytes: bytes.length };
  return {
    ...payload,
    bytes: withoutPartialCharacter(bytes.subarray(0, maxBytes)),
    sizeBytes: bytes.length,
    isCut: true,
    sha256: hash("sha256", bytes, "hex"),
  };
}

/** The bytes of `{base64: "…"}`; null for anything that would not be shown as the same again. */
function readBase64(value: JsonObject): Uint8Array | null {
  const { base64 } = value;
  if (typeof base64 !== "string" || Object.keys(value).length !== 1) return null;
  try {
    const bytes = Uint8Array.fromBase64(base64, { lastChunkHandling: "strict" });
    return bytes.toBase64() === base64 ? bytes : null;
  } catch {
    return null;
  }
}
