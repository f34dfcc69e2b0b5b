/**
 * What a program wrote, as lines of text: without escape sequences, and with what was typed over and rubbed out as it stood in the end.
 * No screen is drawn: what jumps about on it becomes lines in the order in which it was written.
 * @module
 */

const MAX_LINE_CHARS = 100_000;
const ESC = "\x1b";

type State = "ground" | "escape" | "between" | "csi" | "string";

/** Takes bytes cut anywhere; hands on whole lines, without control characters. */
export class PlainText {
  readonly #onLine: (line: string) => void;
  readonly #decoder = new TextDecoder();
  #state: State = "ground";
  #params = "";
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
    switch (this.#state) {
      case "ground":
        return this.#ground(char);
      case "escape":
        this.#params = "";
        this.#state = char === "["
          ? "csi"
          : "]PX^_".includes(char)
          ? "string"
          : char < "0"
          ? "between"
          : "ground";
        if (char === "D" || char === "E" || char === "M") this.#breakLine();
        return;
      case "between":
        if (char >= "0") this.#state = "ground";
        return;
      case "csi":
        if (char < "@") return void (this.#params += char);
        this.#state = "ground";
        return this.#csi(char);
      case "string":
        if (char === "\x07") this.#state = "ground";
    }
  }

  #ground(char: string): void {
    if (char === "\n") return this.#endLine();
    if (char === "\r") this.#at = 0;
    else if (char === "\b") this.#at = Math.max(0, this.#at - 1);
    else if (char === "\t") this.#moveTo(this.#at - this.#at % 8 + 8);
    else if (char >= " " && !(char >= "\x7f" && char < "\xa0")) this.#put(char);
  }

  #put(char: string): void {
    while (this.#line.length < this.#at) this.#line.push(" ");
    this.#line[this.#at++] = char;
    if (this.#at >= MAX_LINE_CHARS) this.#endLine();
  }

  /** Only what stays in the line is followed. */
  #csi(final: string): void {
    const count = Math.min(Number(/^\d{1,6}/.exec(this.#params)?.[0] ?? "0"), MAX_LINE_CHARS - 1);
    switch (final) {
      case "C":
        return this.#moveTo(this.#at + Math.max(1, count));
      case "D":
        return this.#moveTo(this.#at - Math.max(1, count));
      case "G":
        return this.#moveTo(Math.max(1, count) - 1);
      case "K":
        if (count === 0) this.#line.length = Math.min(this.#line.length, this.#at);
        else if (count === 2) this.#line = [];
        return;
      case "P":
        return void this.#line.splice(this.#at, Math.max(1, count));
      case "@":
        if (this.#at < this.#line.length) {
          this.#line.splice(this.#at, 0, ..." ".repeat(Math.min(Math.max(1, count), 500)));
        }
        return;
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

  #moveTo(column: number): void {
    this.#at = Math.min(Math.max(0, column), MAX_LINE_CHARS - 1);
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
