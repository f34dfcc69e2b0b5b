/**
 * What waits to be drawn in one terminal, in order. Some bytes cost a thousand times what others do: a screen that is reset 500,000 times takes
 * minutes. So it is worked off in pieces of a few ms, however many bytes those are, between which all other sessions have their turn.
 * @module
 */
import type { TerminalSize } from "../core/session.ts";
import type { TerminalState } from "./terminal/terminal_state.ts";

/** A piece should take about this long, in ms. */
const PIECE_MS = 2;
const FIRST_PIECE_BYTES = 1024, LEAST_PIECE_BYTES = 16, MOST_PIECE_BYTES = 64 * 1024;

type Item =
  | { readonly kind: "output"; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: "resize"; readonly size: TerminalSize }
  | { readonly kind: "then"; readonly act: () => void };

export class ParseLine {
  readonly #terminal: TerminalState;
  readonly #nowMs: () => number;
  readonly #items: Item[] = [];
  /** Bytes of the first item that are drawn. */
  #at = 0;
  #pieceBytes = FIRST_PIECE_BYTES;

  constructor(terminal: TerminalState, nowMs: () => number = () => performance.now()) {
    this.#terminal = terminal;
    this.#nowMs = nowMs;
  }

  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  output(bytes: Uint8Array<ArrayBuffer>): void {
    this.#items.push({ kind: "output", bytes });
  }

  resize(size: TerminalSize): void {
    this.#items.push({ kind: "resize", size });
  }

  /** Does `act` when all that waits now is drawn. */
  then(act: () => void): void {
    this.#items.push({ kind: "then", act });
  }

  /** Works for about `ms`, or until nothing waits. */
  work(ms: number): void {
    const endMs = this.#nowMs() + ms;
    for (let item = this.#items[0]; item !== undefined; item = this.#items[0]) {
      if (item.kind === "output") this.#draw(item.bytes);
      else if (item.kind === "resize") this.#terminal.resize(item.size);
      else item.act();
      if (item.kind !== "output" || this.#at >= item.bytes.length) {
        this.#items.shift();
        this.#at = 0;
      }
      if (this.#nowMs() >= endMs) return;
    }
  }

  #draw(bytes: Uint8Array<ArrayBuffer>): void {
    const startMs = this.#nowMs();
    const piece = bytes.subarray(this.#at, this.#at + this.#pieceBytes);
    this.#terminal.write(piece);
    this.#at += piece.length;
    const tookMs = this.#nowMs() - startMs;
    const isWhole = piece.length === this.#pieceBytes;
    if (tookMs > PIECE_MS) {
      const wanted = Math.floor(piece.length * PIECE_MS / tookMs);
      this.#pieceBytes = Math.max(LEAST_PIECE_BYTES, Math.min(this.#pieceBytes, wanted));
    } else if (isWhole && tookMs < PIECE_MS / 2) {
      this.#pieceBytes = Math.min(MOST_PIECE_BYTES, this.#pieceBytes * 2);
    }
  }
}
