/**
 * Reads a request's body: takes off its compression, finds the events in it and checks each.
 *
 * A body that is no JSON is refused whole; an event that is not valid is rejected alone. In NDJSON every line stands for itself.
 * @module
 */
import { idText } from "../../mcp/json_rpc.ts";
import type { Span } from "../../mcp/json_span.ts";
import { parseTimeUs } from "../../core/iso_time.ts";
import {
  checkEvent,
  type Flaw,
  isFlaw,
  isMissing,
  isStorable,
  MAX_NAME_LENGTH,
  type SentEvent,
} from "./event_check.ts";
import { type ElementSpans, readElements, readEventSpans, skipSpace } from "./event_spans.ts";
import { type Encoding, inflate } from "./inflate.ts";
import { Refusal } from "./refusal.ts";

/** `event`: one event; `batch`: `{events: […]}`; `lines`: NDJSON, an event a line. */
export type BodyFormat = "event" | "batch" | "lines";

/** A request as it came. */
export interface IngestBody {
  readonly bytes: Uint8Array;
  readonly encoding: Encoding;
  readonly format: BodyFormat;
  /** Who sends, as runs are marked with: `api:<name of the key>`. */
  readonly origin: string;
}

/** The most that one request may hold. */
export interface IngestLimits {
  /** Before and after compression is taken off. */
  readonly maxBodyBytes: number;
  readonly maxInflatedBytes: number;
  readonly maxEvents: number;
  /** The most that is stored of one payload. */
  readonly maxStoredBytes: number;
}

/** A valid event, with the texts that it was read from. */
export interface ReadEvent {
  readonly sent: SentEvent;
  /** The payload's JSON text, as it came; null when there is none. */
  readonly payload: Uint8Array | null;
  /** The JSON text of the JSON-RPC id. */
  readonly rpcId: string | null;
}

/** An event that was not taken. */
export interface Rejection {
  /** Its place in the batch, from 0. */
  readonly index: number;
  /** As it was sent, when it was a string. */
  readonly id: string | null;
  readonly field: string | null;
  readonly reason: string;
}

/** A request, read. */
export interface ReadRequest {
  readonly origin: string;
  readonly events: ReadEvent[];
  readonly rejected: Rejection[];
}

const LF = 10;
const EVENTS = new TextEncoder().encode("events");
const MAX_TOLD_ID_LENGTH = 64;
const MAX_VERSION_LENGTH = 64;
const strictDecoder = new TextDecoder("utf-8", { fatal: true });

/** Reads `body`, which came at `nowUs`. @throws {Refusal} when nothing of it can be taken */
export function readBody(body: IngestBody, limits: IngestLimits, nowUs: number): ReadRequest {
  const bytes = inflate(body.bytes, body.encoding, limits.maxInflatedBytes);
  const reading = new Reading(limits, nowUs);
  if (body.format === "lines") readLines(bytes, reading);
  else if (body.format === "batch") readBatch(bytes, reading);
  else readOne(bytes, reading);
  return { origin: body.origin, events: reading.events, rejected: reading.rejected };
}

/** What has been read so far. */
class Reading {
  readonly events: ReadEvent[] = [];
  readonly rejected: Rejection[] = [];
  readonly #limits: IngestLimits;
  readonly #nowUs: number;
  #index = 0;

  constructor(limits: IngestLimits, nowUs: number) {
    this.#limits = limits;
    this.#nowUs = nowUs;
  }

  /** The next event of the batch: parsed, and where in `bytes` its parts stand. */
  add(value: unknown, bytes: Uint8Array, spans: ElementSpans, correlationId: string | null = null): void {
    this.#count();
    const checked = checkEvent(value, { correlationId, nowUs: this.#nowUs });
    if (isFlaw(checked)) return this.#reject(value, checked);
    this.events.push({
      sent: checked,
      payload: checked.payload === null ? null : textOf(bytes, spans?.payload ?? null),
      rpcId: rpcIdText(checked.rpcId, bytes, spans),
    });
  }

  /** The next event of the batch is none. */
  addBroken(reason: string): void {
    this.#count();
    this.#reject(null, { field: null, reason });
  }

  #reject(value: unknown, { field, reason }: Flaw): void {
    this.rejected.push({ index: this.#index - 1, id: idOf(value), field, reason });
  }

  #count(): void {
    if (this.#index++ < this.#limits.maxEvents) return;
    throw new Refusal(
      413,
      "too_many_events",
      `Cannot take more than ${this.#limits.maxEvents} events at once`,
      {
        hint: 'send smaller batches, or raise "ingest.maxEvents"',
      },
    );
  }
}

function readOne(bytes: Uint8Array, reading: Reading): void {
  const value = parseBody(bytes);
  reading.add(value, bytes, readEventSpans(bytes, skipSpace(bytes, textStart(bytes))));
  const [flaw] = reading.rejected;
  if (flaw === undefined) return;
  const field = flaw.field ?? "event";
  throw new Refusal(400, "invalid", `Cannot take the event: "${field}" ${flaw.reason}`, { field });
}

function readBatch(bytes: Uint8Array, reading: Reading): void {
  const value = parseBody(bytes);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalid("body", "must be an object with events");
  }
  const { events, cliVersion, batchTimestamp, correlationId } = value as Record<string, unknown>; // as: an object; members are checked
  if (!Array.isArray(events)) throw invalid("events", "must be an array");
  checkText("cliVersion", cliVersion, MAX_VERSION_LENGTH);
  checkText("correlationId", correlationId, MAX_NAME_LENGTH);
  if (
    !isMissing(batchTimestamp) && (typeof batchTimestamp !== "string" || parseTimeUs(batchTimestamp) === null)
  ) {
    throw invalid("batchTimestamp", "must be an ISO 8601 time with a zone");
  }
  const common = (correlationId ?? null) as string | null; // as: checked above
  const spans = readElements(bytes, skipSpace(bytes, textStart(bytes)), EVENTS);
  for (const [index, event] of events.entries()) reading.add(event, bytes, spans[index] ?? null, common);
}

function readLines(bytes: Uint8Array, reading: Reading): void {
  const ascii = asciiText(bytes);
  for (let start = textStart(bytes); start < bytes.length;) {
    const lineEnd = bytes.indexOf(LF, start);
    const end = lineEnd < 0 ? bytes.length : lineEnd;
    const first = skipSpace(bytes, start);
    if (first < end) readLine(bytes.subarray(first, end), ascii?.slice(first, end) ?? null, reading);
    start = end + 1;
  }
}

/** `text`: of the line, when it is known already. */
function readLine(line: Uint8Array, text: string | null, reading: Reading): void {
  let value: unknown;
  try {
    value = JSON.parse(text ?? strictDecoder.decode(line));
  } catch {
    return reading.addBroken("is not valid JSON in UTF-8");
  }
  reading.add(value, line, readEventSpans(line, 0));
}

/** The text, when every byte is a character of it: decoded once, where line by line takes as long as all the rest. */
function asciiText(bytes: Uint8Array): string | null {
  try {
    const text = strictDecoder.decode(bytes);
    return text.length === bytes.length ? text : null;
  } catch {
    return null; // One broken line is no reason to refuse the others.
  }
}

function parseBody(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(strictDecoder.decode(bytes));
  } catch {
    throw invalid("body", "must be valid JSON in UTF-8");
  }
}

function checkText(field: string, value: unknown, maxLength: number): void {
  if (isMissing(value)) return;
  if (typeof value !== "string" || value.length > maxLength || !isStorable(value)) {
    throw invalid(field, `must be a string of at most ${maxLength} characters`);
  }
}

function invalid(field: string, reason: string): Refusal {
  return new Refusal(400, "invalid", `Cannot read the batch: "${field}" ${reason}`, { field });
}

/** After a BOM. */
function textStart(bytes: Uint8Array): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

function textOf(bytes: Uint8Array, span: Span | null): Uint8Array | null {
  return span === null ? null : bytes.subarray(span.start, span.end);
}

/** As the recorder has it: an integer that a double cannot hold is read from its text. */
function rpcIdText(rpcId: string | number | null, bytes: Uint8Array, spans: ElementSpans): string | null {
  if (rpcId === null) return null;
  const source = textOf(bytes, spans?.rpcId ?? null);
  return idText(rpcId, source, []);
}

function idOf(value: unknown): string | null {
  if (typeof value !== "object" || value === null || !("id" in value)) return null;
  return typeof value.id === "string" ? value.id.slice(0, MAX_TOLD_ID_LENGTH).toWellFormed() : null;
}
