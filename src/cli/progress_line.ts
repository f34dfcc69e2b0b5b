/** One line on a terminal's stderr that tells how far something is; nowhere else a word. @module */
import { writeError } from "./terminal.ts";

/** Gone when it is disposed of. */
export class ProgressLine implements Disposable {
  readonly #isShown = Deno.stderr.isTerminal();
  #last = "";

  show(line: string): void {
    if (!this.#isShown || line === this.#last) return;
    this.#last = line;
    writeError(`\r\x1b[K${line}`);
  }

  [Symbol.dispose](): void {
    if (this.#last !== "") writeError("\r\x1b[K");
  }
}
