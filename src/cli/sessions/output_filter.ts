/**
 * What a session's program wrote, on its way to the user's own terminal: only what draws, and what km can undo.
 *
 * - Questions (DA, DSR, DECRQM, colours …) are left out: km's own terminal has answered them, and a second answer would reach the program as keys.
 * - What does more than draw is left out: the clipboard unless it is allowed (reading it always), files, printing, window sizes, other ways into the
 *   terminal around (DCS, APC). What km's own terminal does not draw is not drawn here either, so that both stay alike.
 * - Links go to `http:`, `https:` and `mailto:` only; titles are cleaned.
 * - What must be undone behind the program is kept book of (`terminal_book.ts`).
 *
 * Only UTF-8 comes out, and only whole characters: half of one, and what is left out behind it, could become a control (U+0080 to U+009F) of the
 * terminal together with what follows. It may be cut anywhere: what is not whole waits for its rest.
 * @module
 */
import { csiOf } from "./csi_rules.ts";
import { oscOf, type OscOptions } from "./osc_rules.ts";
import { RESET_SCREEN, type TerminalBook } from "./terminal_book.ts";
import { characterBytes, mayContinue } from "./utf8_bytes.ts";

/** `clipboard`: programs may put text into it. */
export type FilterOptions = Pick<OscOptions, "clipboard" | "titleOf">;

const ENQ = 0x05, BEL = 0x07, CAN = 0x18, SUB = 0x1a, ESC = 0x1b, DEL = 0x7f;
/** First byte of U+0080 to U+00BF in UTF-8: terminals take the first half of these for controls. */
const C1_LEAD = 0xc2, C1_END = 0xa0, STRING_END = 0x9c;
/** A sequence longer than these is dropped: an escape sequence, and a string such as a clipboard text. */
const MAX_SEQUENCE_BYTES = 256, MAX_STRING_BYTES = 256 * 1024;

type State = "ground" | "character" | "escape" | "csi" | "string";

export class OutputFilter {
  readonly #book: TerminalBook;
  readonly #options: FilterOptions;
  #state: State = "ground";
  /** Of the sequence under way, behind its introducer; of the character under way, all. */
  #bytes: number[] = [];
  /** `]`, or what else begins a string. */
  #stringKind = "";
  /** The byte before was the first half of a control: in a string. */
  #isC1 = false;
  #out: Uint8Array[] = [];

  constructor(book: TerminalBook, options: FilterOptions) {
    this.#book = book;
    this.#options = options;
  }

  /** Returns what of `bytes`, and of what waited, is for the terminal. */
  feed(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    for (let at = 0; at < bytes.length;) {
      if (this.#state === "ground") at = this.#ground(bytes, at);
      else if (this.#step(bytes[at] as number)) at++; // as: at is within
    }
    const all = concat(this.#out);
    this.#out = [];
    return all;
  }

  /** Forgets what is not whole: something else comes now. */
  reset(): void {
    this.#state = "ground";
    this.#bytes = [];
  }

  /** Passes text up to the next byte that begins something, and takes that one. */
  #ground(bytes: Uint8Array, from: number): number {
    let at = from;
    for (;;) {
      const length = textBytesAt(bytes, at);
      if (length === 0) break;
      at += length;
    }
    if (at > from) this.#out.push(bytes.subarray(from, at));
    const byte = bytes[at];
    if (byte === undefined) return at;
    if (byte === ESC) this.#begin("escape");
    // ENQ, and what is no UTF-8, begin nothing: they are dropped.
    else if (characterBytes(byte) > 1) {
      this.#begin("character");
      this.#bytes.push(byte);
    }
    return at + 1;
  }

  #begin(state: State): void {
    this.#state = state;
    this.#bytes = [];
    this.#isC1 = false;
  }

  /** Returns false when the byte does not belong to what was under way, which is over: it is to be handled again. */
  #step(byte: number): boolean {
    if (this.#state === "character") return this.#character(byte);
    if (byte === CAN || byte === SUB) {
      this.#begin("ground");
      return true;
    }
    if (byte === ESC) {
      // It ends a string, whatever comes behind it.
      if (this.#state === "string") this.#endString();
      this.#begin("escape");
      return true;
    }
    if (this.#state === "string") {
      this.#string(byte);
      return true;
    }
    if (byte > DEL) {
      this.#begin("ground");
      return false;
    }
    if (byte < 0x20) {
      // A terminal does at once what a control within a sequence says.
      if (byte !== ENQ) this.#out.push(new Uint8Array([byte]));
    } else if (byte !== DEL) {
      if (this.#state === "escape") this.#escape(byte);
      else this.#csi(byte);
    }
    return true;
  }

  /** The rest of a character; what lacks it is dropped. */
  #character(byte: number): boolean {
    const lead = this.#bytes[0] as number; // as: it began the state
    if (!mayContinue(lead, this.#bytes.length, byte)) {
      this.#begin("ground");
      return false;
    }
    this.#bytes.push(byte);
    if (this.#bytes.length < characterBytes(lead)) return true;
    const whole = new Uint8Array(this.#bytes);
    this.#begin("ground");
    if (lead === C1_LEAD && byte < C1_END) this.#introduce(byte - 0x40);
    else this.#out.push(whole);
    return true;
  }

  #string(byte: number): void {
    if (byte === BEL) return this.#endString();
    if (this.#isC1 && byte === STRING_END) {
      if (this.#bytes.length < MAX_STRING_BYTES) this.#bytes.pop();
      return this.#endString();
    }
    this.#isC1 = byte === C1_LEAD;
    // A terminal takes no notice of other controls in a string.
    if (byte >= 0x20 && this.#bytes.length < MAX_STRING_BYTES) this.#bytes.push(byte);
  }

  #escape(byte: number): void {
    if (this.#bytes.length === 0) return this.#introduce(byte);
    this.#bytes.push(byte);
    if (byte < 0x30) return this.#bytes.length > 3 ? this.#begin("ground") : undefined;
    this.#state = "ground";
    const text = String.fromCharCode(...this.#bytes);
    // Character sets, and the test picture.
    if (/^(?:[()*+][0-9A-Za-z=<>%"`&]{1,2}|#8)$/.test(text)) this.#say(`\x1b${text}`);
  }

  /** What stands right behind ESC. */
  #introduce(byte: number): void {
    const char = String.fromCharCode(byte);
    if (char === "[") return this.#begin("csi");
    if ("]PX^_".includes(char)) {
      this.#stringKind = char;
      return this.#begin("string");
    }
    if (byte >= 0x20 && byte < 0x30) {
      this.#state = "escape";
      this.#bytes.push(byte);
      return;
    }
    this.#state = "ground";
    if (char === "c") {
      this.#say(this.#book.undo() + RESET_SCREEN);
      return;
    }
    if ("78DEHM=>no|}~NO".includes(char)) this.#say(`\x1b${char}`);
  }

  #csi(byte: number): void {
    this.#bytes.push(byte);
    if (byte < 0x40) {
      // Far too long: it is read to its end and dropped.
      if (this.#bytes.length > MAX_SEQUENCE_BYTES) this.#bytes.length = MAX_SEQUENCE_BYTES;
      return;
    }
    this.#state = "ground";
    if (this.#bytes.length >= MAX_SEQUENCE_BYTES) return;
    const text = csiOf(String.fromCharCode(...this.#bytes), this.#book);
    if (text !== null) this.#say(text);
  }

  #endString(): void {
    this.#state = "ground";
    if (this.#stringKind !== "]" || this.#bytes.length >= MAX_STRING_BYTES) return;
    const data = new TextDecoder().decode(new Uint8Array(this.#bytes));
    const text = oscOf(data, { ...this.#options, book: this.#book });
    if (text !== null) this.#say(text);
  }

  #say(text: string): void {
    this.#out.push(new TextEncoder().encode(text));
  }
}

/** How many bytes at `at` are one character that simply draws; 0: none, or the end. */
function textBytesAt(bytes: Uint8Array, at: number): number {
  const lead = bytes[at];
  if (lead === undefined || lead === ESC || lead === ENQ) return 0;
  const length = characterBytes(lead);
  for (let index = 1; index < length; index++) {
    const byte = bytes[at + index];
    if (byte === undefined || !mayContinue(lead, index, byte)) return 0;
    if (lead === C1_LEAD && byte < C1_END) return 0;
  }
  return length;
}

function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
