/** Modes of the fake server that live and die in some special way. @module */
import {
  closeDescriptor,
  delay,
  forever,
  input,
  inputLines,
  told,
  witness,
  write,
  writeJson,
} from "./server_io.ts";

/** Answers each line with itself, until EOF. */
export async function echo(): Promise<void> {
  for await (const line of inputLines()) write(line + "\n");
}

/** Keeps running after EOF, and after each of `signals`. */
export async function ignoreEof(...signals: string[]): Promise<void> {
  for (const signal of signals as Deno.Signal[]) {
    Deno.addSignalListener(signal, () => witness("signal", { signal }));
  }
  writeJson({ ready: Deno.pid });
  for await (const _ of input());
  witness("eof");
  await forever();
}

/** Takes requests, and answers them only `ms` after EOF. */
export async function slowAfterEof(ms: string): Promise<void> {
  const lines: string[] = [];
  for await (const line of inputLines()) lines.push(line);
  witness("eof");
  await delay(Number(ms));
  for (const line of lines) write(line + "\n");
}

/** Writes `bytes` at the moment of its end, and exits with them still in the pipe. */
export async function exitWithTail(code: string, bytes: string): Promise<void> {
  writeJson({ ready: Deno.pid });
  await told();
  write("x".repeat(Number(bytes) - 1) + "\n");
  Deno.exit(Number(code));
}

/** Exits with `code` when told, its stdin still open. */
export async function exitWhenTold(code: string): Promise<void> {
  writeJson({ ready: Deno.pid });
  await told();
  witness("exiting");
  Deno.exit(Number(code));
}

/** Kills itself by `signal` when told. */
export async function dieWhenTold(signal: string): Promise<void> {
  writeJson({ ready: Deno.pid });
  await told();
  witness("dying", { signal });
  // The runtime's own handler takes the first SIGSEGV.
  for (;;) Deno.kill(Deno.pid, signal as Deno.Signal);
}

/** Exits with `code` at `signal`, as a server that tidies up does. */
export async function exitOnSignal(signal: string, code: string): Promise<void> {
  Deno.addSignalListener(signal as Deno.Signal, () => {
    witness("signal", { signal });
    writeJson({ goodbye: signal });
    Deno.exit(Number(code));
  });
  writeJson({ ready: Deno.pid });
  for await (const _ of input());
  await forever();
}

/** Closes its stdout and lives on: reads until EOF, then exits with `code`. */
export async function closeStdout(code: string): Promise<void> {
  writeJson({ ready: Deno.pid });
  closeDescriptor(1);
  witness("closed");
  let bytes = 0;
  for await (const chunk of input()) bytes += chunk.length;
  witness("eof", { bytes });
  Deno.exit(Number(code));
}

/** Closes its stdin, and goes on writing a line each time it is told; exits with `code` after the third. */
export async function closeStdin(code: string): Promise<void> {
  closeDescriptor(0);
  writeJson({ ready: Deno.pid });
  for (let i = 1; i <= 3; i++) {
    await told();
    writeJson({ line: i });
  }
  Deno.exit(Number(code));
}

/**
 * Leaves a child behind that holds stdout and stderr: in its own process `group`, or in a `session` of its own.
 * Exits with `code` at EOF.
 */
export async function leaveBehind(where: string, code: string): Promise<void> {
  const child = new Deno.Command("sleep", {
    args: ["60"],
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
    detached: where === "session",
  }).spawn();
  child.unref();
  witness("left", { pid: child.pid });
  writeJson({ ready: Deno.pid });
  for await (const _ of input());
  Deno.exit(Number(code));
}
