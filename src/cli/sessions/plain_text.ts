/**
 * What a program wrote, as lines of text: without escape sequences, and with what was typed over and rubbed out as it stood in the end.
 * No screen is drawn: what jumps about on it becomes lines in the order in which it was written.
 * @module
 */
import { MAX_COLS } from "../../core/session.ts";

/** What is longer becomes several lines. */
const MAX_LINE_CHARS = 100_000;
/** What a row of a terminal can be: no jump goes further, and what is inserted or deleted moves no more than this. */
const ROW_CHARS = MAX_COLS;
/** Behind so much of a string (OSC, DCS) that does not end, what follows the next line feed is text again. Pictures may be longer, and have none. */
const MAX_STRING_CHARS = 64 * 1024;
const MAX_PARAM_CHARS = 256;
const BEL = "\x07", CAN = "\x18", SUB = "\x1a", ESC = "\x1b", STRING_END = "\x9c";

type State = "ground" | "escape" | "between" | "csi" | "string";

/** Takes bytes cut anywhere; hands on whole lines, without control characters. */
export class PlainText {
  readonly #onLine: (line: string) => void;
  readonly #decoder = new TextDecoder();
  #state: State = "ground";
  #params = "";
  #stringChars = 0;
  #line: string[] = [];
  #at = 0;

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  feed(bytes: Uint8Array): void {
    for (const char of this.#decoder.decode(bytes, { stream: true })) this.#step(char);
  }

  /** The rest, which no line feed ended. */
  end(): void {
    if (this.#line.length > 0) this.#endLine();
  }

  #step(char: string): void {
    if (char === ESC) return void (this.#state = "escape");
    if (char === CAN || char === SUB) return void (this.#state = "ground");
    if (this.#state === "string") return this.#string(char);
    // The same as ESC and the character 64 places before.
    if (isC1(char)) return this.#escape(String.fromCharCode(char.charCodeAt(0) - 0x40));
    // A terminal does at once what a control within a sequence says.
    if (this.#state === "ground" || char < " ") return this.#ground(char);
    switch (this.#state) {
      case "escape":
        return this.#escape(char);
      case "between":
        if (char >= "0") this.#state = "ground";
        return;
      case "csi":
        if (char >= "@") {
          this.#state = "ground";
          this.#csi(char);
        } else if (this.#params.length < MAX_PARAM_CHARS) this.#params += char;
    }
  }

  #string(char: string): void {
    this.#stringChars++;
    const isLost = char === "\n" && this.#stringChars > MAX_STRING_CHARS;
    if (char === BEL || char === STRING_END || isLost) this.#state = "ground";
    if (isLost) this.#endLine();
  }

  /** What stands right behind ESC. */
  #escape(char: string): void {
    this.#params = "";
    this.#stringChars = 0;
    if (char === "[") this.#state = "csi";
    else if ("]PX^_".includes(char)) this.#state = "string";
    else this.#state = char < "0" ? "between" : "ground";
    if (char === "D" || char === "E" || char === "M") this.#breakLine();
  }

  #ground(char: string): void {
    if (char === "\n") return this.#endLine();
    if (char === "\r") this.#at = 0;
    else if (char === "\b") this.#at = Math.max(0, this.#at - 1);
    else if (char === "\t") this.#moveTo(this.#at - this.#at % 8 + 8);
    else if (char >= " " && char !== "\x7f") this.#put(char);
  }

  #put(char: string): void {
    while (this.#line.length < this.#at) this.#line.push(" ");
    this.#line[this.#at++] = char;
    if (this.#at >= MAX_LINE_CHARS) this.#endLine();
  }

  /** Only what stays in the line is followed. */
  #csi(final: string): void {
    const count = Math.min(Number(/^\d+/.exec(this.#params)?.[0] ?? "0"), MAX_LINE_CHARS - 1);
    switch (final) {
      case "C":
        return this.#moveTo(this.#at + Math.max(1, count));
      case "D":
        return this.#moveTo(this.#at - Math.max(1, count));
      case "G":
        return this.#moveTo(Math.max(1, count) - 1);
      case "K":
        if (count === 0) this.#line.length = Math.min(this.#line.length, this.#at);
        else if (count === 2) this.#clear();
        return;
      case "P":
        return this.#delete(Math.min(Math.max(1, count), ROW_CHARS));
      case "@":
        return this.#insert(Math.min(Math.max(1, count), ROW_CHARS));
      case "A":
      case "B":
      case "E":
      case "F":
      case "H":
      case "J":
      case "d":
      case "f":
        return this.#breakLine();
    }
  }

  /** Blanks before the cursor's character; what they push out of the row is gone. */
  #insert(count: number): void {
    const line = this.#line, from = this.#at;
    if (from >= line.length) return;
    const end = Math.min(line.length + count, from + ROW_CHARS, MAX_LINE_CHARS);
    for (let at = end - 1; at >= from + count; at--) line[at] = line[at - count] ?? " ";
    line.fill(" ", from, Math.min(from + count, end));
  }

  /** Blanks come into the row from its end, but where the line ends there. */
  #delete(count: number): void {
    const line = this.#line, from = this.#at, rowEnd = from + ROW_CHARS;
    if (line.length <= rowEnd) return void line.splice(from, count);
    for (let at = from; at < rowEnd; at++) line[at] = at + count < rowEnd ? line[at + count] ?? " " : " ";
  }

  /** The cursor stays, but not so far out that blanks without end would come before the next character. */
  #clear(): void {
    this.#line = [];
    this.#moveTo(this.#at);
  }

  /** Within the line, or within a row behind its beginning. */
  #moveTo(column: number): void {
    const end = Math.min(Math.max(this.#line.length, ROW_CHARS - 1), MAX_LINE_CHARS - 1);
    this.#at = Math.min(Math.max(0, column), end);
  }

  /** The cursor goes to another line: what stands in this one is done. */
  #breakLine(): void {
    if (this.#line.length > 0) this.#endLine();
    this.#at = 0;
  }

  #endLine(): void {
    this.#onLine(this.#line.join("").trimEnd());
    this.#line = [];
    this.#at = 0;
  }
}

function isC1(char: string): boolean {
  return char >= "\x80" && char < "\xa0";
}
