/** Asking the user something on the terminal. @module */
import { write } from "./terminal.ts";

/** True when there is somebody who sees a question and can answer it. */
export function canAsk(): boolean {
  return Deno.stdin.isTerminal() && Deno.stdout.isTerminal();
}

/** Asks until the answer is yes or no. Enter alone is `byDefault`; the end of the input is no. */
export function askYesNo(question: string, byDefault: boolean): boolean {
  for (;;) {
    write(`${question} [${byDefault ? "Y/n" : "y/N"}] `);
    const line = readLine();
    if (line === null) {
      write("\n");
      return false;
    }
    const answer = line.trim().toLowerCase();
    if (answer === "") return byDefault;
    if (["y", "yes"].includes(answer)) return true;
    if (["n", "no"].includes(answer)) return false;
  }
}

/** Asks for a line of text; null at the end of the input. */
export function askLine(question: string): string | null {
  write(question);
  return readLine();
}

/** A line of stdin without its end; null at the end of the input. */
function readLine(): string | null {
  const bytes: number[] = [];
  const one = new Uint8Array(1);
  for (;;) {
    if (Deno.stdin.readSync(one) === null) return bytes.length === 0 ? null : text(bytes);
    if (one[0] === 0x0a) return text(bytes);
    bytes.push(one[0] ?? 0);
  }
}

function text(bytes: readonly number[]): string {
  return new TextDecoder().decode(new Uint8Array(bytes));
}
