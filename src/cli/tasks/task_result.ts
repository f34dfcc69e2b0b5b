/** What came of a task, for people. @module */
import type { TaskBody } from "../../api/sessions/task_schemas.ts";
import { printable, printableLines } from "../../core/printable.ts";
import { writeError } from "../terminal.ts";

/** What the agent said at the end. */
export function resultLines({ result }: TaskBody): string[] {
  if (result === null || result === "") return [];
  const text = Deno.stdout.isTerminal() ? printableLines(result) : result;
  return text.replace(/\n$/, "").split("\n");
}

/** Says on stderr why a task is not done; returns the exit code. */
export function tellFailure({ number, state, reason }: TaskBody): number {
  if (state === "done") return 0;
  writeError(`km: task ${number} ${state === "failed" ? "failed" : "was cancelled"}: ${printable(reason)}\n`);
  return 1;
}
