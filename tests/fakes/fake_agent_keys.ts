/** Takes apart what a terminal sends: keys, and bracketed pastes. @module */

const START = "\x1b[200~", END = "\x1b[201~";

export interface KeyHandlers {
  /** One character, or Esc. */
  readonly key: (key: string) => void;
  readonly paste: (text: string) => void;
}

export class KeyReader {
  readonly #handlers: KeyHandlers;
  readonly #decoder = new TextDecoder();
  #rest = "";
  /** What came of a paste so far; null: there is none. */
  #paste: string[] | null = null;

  constructor(handlers: KeyHandlers) {
    this.#handlers = handlers;
  }

  read(bytes: Uint8Array): void {
    this.#rest += this.#decoder.decode(bytes, { stream: true });
    while (this.#rest !== "" && this.#step());
  }

  /** Takes one thing; false: more must come first. */
  #step(): boolean {
    if (this.#paste !== null) return this.#goOnPasting(this.#paste);
    const text = this.#rest;
    if (text.startsWith(START)) {
      this.#rest = text.slice(START.length);
      this.#paste = [];
      return true;
    }
    if (text.length > 1 && START.startsWith(text)) return false;
    // Other sequences (arrows, answers of the terminal) mean nothing here.
    // deno-lint-ignore no-control-regex -- they begin with Esc
    const sequence = /^\x1b(?:\[[0-?]*[ -/]*[@-~]|O.|\][^\x07\x1b]*(?:\x07|\x1b\\))/.exec(text)?.[0];
    const key = sequence ?? String.fromCodePoint(text.codePointAt(0) ?? 0);
    this.#rest = text.slice(key.length);
    if (sequence === undefined) this.#handlers.key(key);
    return true;
  }

  #goOnPasting(paste: string[]): boolean {
    const at = this.#rest.indexOf(END);
    if (at < 0) {
      // The end may be cut in two.
      const keep = Math.min(this.#rest.length, END.length - 1);
      paste.push(this.#rest.slice(0, this.#rest.length - keep));
      this.#rest = this.#rest.slice(this.#rest.length - keep);
      return false;
    }
    paste.push(this.#rest.slice(0, at));
    this.#rest = this.#rest.slice(at + END.length);
    this.#paste = null;
    this.#handlers.paste(paste.join(""));
    return true;
  }
}
