/** How the words of core are written in a row: small numbers and 16-byte ids. Positions in core's lists are stored, so they are fixed. @module */
import {
  type Direction,
  DIRECTIONS,
  EVENT_KINDS,
  type EventKind,
  type Outcome,
  OUTCOMES,
  type PayloadFormat,
} from "../core/event.ts";

const FORMATS: readonly PayloadFormat[] = ["json", "text", "bytes"];
const FORMAT_MASK = 3;
const TRUNCATED = 4;

export const OUTCOME_OPEN = OUTCOMES.indexOf("open");
export const KIND_REQUEST = EVENT_KINDS.indexOf("request");

export function kindCode(kind: EventKind): number {
  return EVENT_KINDS.indexOf(kind);
}

export function kindOf(code: number): EventKind {
  return EVENT_KINDS[code] ?? "invalid";
}

export function directionCode(direction: Direction | null): number | null {
  return direction === null ? null : DIRECTIONS.indexOf(direction);
}

export function directionOf(code: number | null): Direction | null {
  return code === null ? null : DIRECTIONS[code] ?? null;
}

export function outcomeCode(outcome: Outcome): number {
  return OUTCOMES.indexOf(outcome);
}

export function outcomeOf(code: number): Outcome {
  return OUTCOMES[code] ?? "open";
}

export function flagsCode(format: PayloadFormat, truncated: boolean): number {
  return FORMATS.indexOf(format) | (truncated ? TRUNCATED : 0);
}

export function formatOf(flags: number): PayloadFormat {
  return FORMATS[flags & FORMAT_MASK] ?? "bytes";
}

export function isTruncated(flags: number): boolean {
  return (flags & TRUNCATED) !== 0;
}

const HEX_DIGIT = new Int8Array(128).fill(-1);
for (let i = 0; i < 16; i++) {
  HEX_DIGIT["0123456789abcdef".charCodeAt(i)] = i;
  HEX_DIGIT["0123456789ABCDEF".charCodeAt(i)] = i;
}
const HYPHEN = 45;

/** Bytes of hex text, hyphens skipped (a UUID gives 16). @throws {TypeError} when it is anything else */
export function hexToBytes(hex: string, length: number): Uint8Array {
  return readHex(hex, new Uint8Array(length));
}

/** The same into `bytes`, which must be filled exactly: saves half the time where there are many. */
export function readHex(hex: string, bytes: Uint8Array): Uint8Array {
  const { length } = bytes;
  let digits = 0;
  for (let i = 0; i < hex.length; i++) {
    const char = hex.charCodeAt(i);
    if (char === HYPHEN) continue;
    const digit = char < 128 ? HEX_DIGIT[char] as number : -1;
    if (digit < 0 || digits === length * 2) throw new TypeError(`Not ${length} bytes of hex: "${hex}"`);
    bytes[digits >> 1] = (bytes[digits >> 1] as number) << 4 | digit;
    digits++;
  }
  if (digits !== length * 2) throw new TypeError(`Not ${length} bytes of hex: "${hex}"`);
  return bytes;
}

export function bytesToHex(bytes: Uint8Array): string {
  return bytes.toHex();
}

/** The 16 bytes of an id, as text. */
export function formatId(bytes: Uint8Array): string {
  const hex = bytes.toHex();
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
