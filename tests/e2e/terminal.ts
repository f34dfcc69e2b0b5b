/** km at a real terminal: `script` gives it one. @module */
import { KM, Running, type RunOptions } from "./harness.ts";

/** Starts km with a terminal for stdin, stdout and stderr; what is written to it is typed. Needs `script`. */
export function atTerminal(args: readonly string[], options: RunOptions): Running {
  const line = [...KM, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  const command = Deno.build.os === "darwin"
    ? ["script", "-q", "/dev/null", "sh", "-c", line]
    : ["script", "-qec", line, "/dev/null"];
  return new Running([], { ...options, command });
}

/** Waits for `question` and types `answer`. */
export async function answer(terminal: Running, question: string, answer: string): Promise<void> {
  await terminal.stdout.text(question);
  await terminal.write(`${answer}\n`);
}
