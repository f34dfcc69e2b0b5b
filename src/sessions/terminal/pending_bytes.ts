/**
 * What a terminal was given and has not come to the end of: the beginning of an escape sequence. It belongs to a snapshot, since the rest
 * comes after. Strings (OSC, DCS) may be of any length; beyond a bound they are thrown away here instead of being kept.
 *
 * A sequence that is not finished began at the last ESC, or C1 control that begins one, of all bytes: each of them ends what was before.
 * @module
 */
import { GROUND } from "./xterm_core.ts";

/** Longest escape sequence, in bytes, of which anything is made. The longest that programs have a use for are clipboards and images. */
export const MAX_SEQUENCE_BYTES = 64 * 1024;
const ESC = 0x1b, BEL = 0x07, CAN = 0x18, SUB = 0x1a, C1_LEAD = 0xc2;
/** States of the parser of xterm.js 6.0.0. */
const SOS = 7, OSC = 8;
/** C1 controls that begin a sequence: DCS, SOS, CSI, OSC, PM, APC. */
const C1_BEGIN = [0x90, 0x98, 0x9b, 0x9d, 0x9e, 0x9f];
const decoder = new TextDecoder("latin1");

/** A string that is too long, of which the rest is thrown away. */
export interface TooLong {
  readonly isOsc: boolean;
  /** How it began, Latin-1: `52;c;…`. */
  readonly start: string;
  bytes: number;
}

/** Follows the bytes of one terminal. */
export class PendingBytes {
  #parts: Uint8Array[] = [];
  #length = 0;
  #state = GROUND;
  #tooLong: TooLong | null = null;
  readonly #onTooLong: (string: TooLong) => void;

  /** `onTooLong` is called when a string that was thrown away ends. */
  constructor(onTooLong: (string: TooLong) => void) {
    this.#onTooLong = onTooLong;
  }

  /** The part of `bytes` that the terminal shall have: nothing of a string that is too long. */
  filter(bytes: Uint8Array): Uint8Array {
    const string = this.#tooLong;
    if (string === null) return bytes;
    const end = endOfString(bytes, string.isOsc);
    string.bytes += end;
    if (end === bytes.length) return bytes.subarray(end);
    this.#tooLong = null;
    this.#onTooLong(string);
    // Ends that end nothing but a string are part of it; others begin something.
    const isOwn = [BEL, CAN, SUB].includes(bytes[end] ?? 0);
    return bytes.subarray(isOwn ? end + 1 : end);
  }

  /** After the terminal parsed `bytes` and is in `state`: what it must be given to leave an over-long string; null: nothing. */
  parsed(bytes: Uint8Array, state: number): Uint8Array | null {
    this.#state = state;
    if (state === GROUND) {
      if (this.#length > 0) this.#clear();
      return null;
    }
    const begin = lastBegin(bytes);
    if (begin >= 0) this.#clear();
    // Nothing in it is ever looked at.
    if (state === SOS && this.#length > 0) return null;
    // Parameters beyond 32 count for nothing: no more are kept.
    if (state < SOS && this.#length > MAX_SEQUENCE_BYTES) return null;
    const part = bytes.slice(Math.max(begin, 0));
    this.#parts.push(part);
    this.#length += part.length;
    return state > SOS && this.#length > MAX_SEQUENCE_BYTES ? this.#throwAway(state) : null;
  }

  #throwAway(state: number): Uint8Array {
    const all = this.#joined();
    const start = decoder.decode(all.subarray(2, 34));
    this.#clear();
    this.#state = GROUND;
    this.#tooLong = { isOsc: state === OSC, start, bytes: all.length };
    return Uint8Array.of(CAN);
  }

  #clear(): void {
    this.#parts = [];
    this.#length = 0;
  }

  #joined(): Uint8Array {
    const all = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }

  /** What brings the parser of the same terminal to where it was: nothing of a string that is thrown away. */
  parserBytes(): Uint8Array {
    return this.#tooLong === null ? this.bytes() : new Uint8Array(0);
  }

  /** What brings a parser that is between sequences to where this one is. */
  bytes(): Uint8Array {
    const string = this.#tooLong;
    // Strings that end in the same way, and of which nothing is made.
    if (string !== null) return Uint8Array.of(ESC, string.isOsc ? 0x5d : 0x58, ...string.isOsc ? [0x21] : []);
    const all = this.#joined();
    // Controls within a sequence that is no string were obeyed at once, and must not be again.
    return this.#state < SOS ? all.filter((byte, i) => i === 0 || byte >= 0x20) : all;
  }
}

/** Where the last sequence in `bytes` begins; -1: none does. */
function lastBegin(bytes: Uint8Array): number {
  const escape = bytes.lastIndexOf(ESC);
  for (let at = bytes.lastIndexOf(C1_LEAD); at > escape; at = bytes.lastIndexOf(C1_LEAD, at - 1)) {
    if (C1_BEGIN.includes(bytes[at + 1] ?? 0)) return at;
    if (at === 0) break;
  }
  return escape;
}

/** Where a string ends: at a control that ends it, or at the end of `bytes`. */
function endOfString(bytes: Uint8Array, isOsc: boolean): number {
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0;
    if (byte === ESC || byte === CAN || byte === SUB || byte === BEL && isOsc) return i;
    const next = bytes[i + 1] ?? 0;
    if (byte === C1_LEAD && next >= 0x80 && next < 0xa0) return i;
  }
  return bytes.length;
}
