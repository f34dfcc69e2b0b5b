/**
 * What a session's program wrote, on its way to the user's own terminal: only what draws, and what km can undo.
 *
 * - Questions (DA, DSR, DECRQM, colours …) are left out: km's own terminal has answered them, and a second answer would reach the program as keys.
 * - What does more than draw is left out: the clipboard unless it is allowed (reading it always), files, printing, window sizes, other ways into the
 *   terminal around (DCS, APC). What km's own terminal does not draw is not drawn here either, so that both stay alike.
 * - Links go to `http:`, `https:` and `mailto:` only; titles are cleaned.
 * - What must be undone behind the program is kept book of (`terminal_book.ts`).
 *
 * It may be cut anywhere: a sequence that is not whole waits for its rest.
 * @module
 */
import { csiOf } from "./csi_rules.ts";
import { oscOf } from "./osc_rules.ts";
import { RESET_SCREEN, type TerminalBook } from "./terminal_book.ts";

export interface FilterOptions {
  /** Programs may put text into the clipboard. */
  readonly clipboard: boolean;
}

const ENQ = 0x05, BEL = 0x07, CAN = 0x18, SUB = 0x1a, ESC = 0x1b;
/** First byte of U+0080 to U+00BF in UTF-8: terminals take the first half of these for controls. */
const C1_LEAD = 0xc2;
/** A sequence longer than these is dropped: an escape sequence, and a string such as a clipboard text. */
const MAX_SEQUENCE_BYTES = 256, MAX_STRING_BYTES = 256 * 1024;

type State = "ground" | "c1" | "escape" | "csi" | "string";

export class OutputFilter {
  readonly #book: TerminalBook;
  readonly #options: FilterOptions;
  #state: State = "ground";
  /** Of the sequence under way, behind its introducer. */
  #bytes: number[] = [];
  /** `]`, or what else begins a string. */
  #stringKind = "";
  #out: Uint8Array[] = [];

  constructor(book: TerminalBook, options: FilterOptions) {
    this.#book = book;
    this.#options = options;
  }

  /** Returns what of `bytes`, and of what waited, is for the terminal. */
  feed(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    for (let at = 0; at < bytes.length;) {
      if (this.#state === "ground") at = this.#ground(bytes, at);
      else this.#step(bytes[at++] as number); // as: at is within
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

  /** Passes text up to the next byte that begins something. */
  #ground(bytes: Uint8Array, from: number): number {
    let at = from;
    while (at < bytes.length) {
      const byte = bytes[at];
      if (byte === ESC || byte === C1_LEAD || byte === ENQ) break;
      at++;
    }
    if (at > from) this.#out.push(bytes.subarray(from, at));
    if (at === bytes.length) return at;
    const byte = bytes[at];
    if (byte !== ENQ) this.#begin(byte === ESC ? "escape" : "c1");
    return at + 1;
  }

  #begin(state: State): void {
    this.#state = state;
    this.#bytes = [];
  }

  #step(byte: number): void {
    if (this.#state === "c1") return this.#c1(byte);
    if (byte === CAN || byte === SUB) return this.#begin("ground");
    if (byte === ESC) {
      // It ends a string, whatever comes behind it.
      if (this.#state === "string") this.#endString();
      return this.#begin("escape");
    }
    switch (this.#state) {
      case "escape":
        return this.#escape(byte);
      case "csi":
        return this.#csi(byte);
      case "string":
        if (byte === BEL) return this.#endString();
        // A terminal takes no notice of other controls in a string.
        if (byte >= 0x20 && this.#bytes.length < MAX_STRING_BYTES) this.#bytes.push(byte);
        return;
    }
  }

  #c1(byte: number): void {
    if (byte >= 0x80 && byte < 0xa0) return this.#introduce(byte - 0x40);
    this.#out.push(new Uint8Array([C1_LEAD, byte]));
    this.#state = "ground";
  }

  #escape(byte: number): void {
    if (byte < 0x20) return void this.#out.push(new Uint8Array([byte]));
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
    if (byte < 0x20) return void this.#out.push(new Uint8Array([byte]));
    if (byte === 0x7f) return;
    this.#bytes.push(byte);
    if (byte < 0x40) {
      // Far too long: it is read to its end and dropped.
      if (this.#bytes.length > MAX_SEQUENCE_BYTES) this.#bytes.length = MAX_SEQUENCE_BYTES;
      return;
    }
    this.#state = "ground";
    if (byte > 0x7e || this.#bytes.length >= MAX_SEQUENCE_BYTES) return;
    const text = csiOf(String.fromCharCode(...this.#bytes), this.#book);
    if (text !== null) this.#say(text);
  }

  #endString(): void {
    this.#state = "ground";
    if (this.#stringKind !== "]" || this.#bytes.length >= MAX_STRING_BYTES) return;
    const data = new TextDecoder().decode(new Uint8Array(this.#bytes));
    const text = oscOf(data, { book: this.#book, clipboard: this.#options.clipboard });
    if (text !== null) this.#say(text);
  }

  #say(text: string): void {
    this.#out.push(new TextEncoder().encode(text));
  }
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
