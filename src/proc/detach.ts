/** Programs that outlive km: a session of their own, no terminal, their output in a file. And ending one by its id. @module */
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { kill } from "node:process";

/** A detached program. */
export interface Detached {
  readonly pid: number;
  /** Settles with the exit code when it ends while we look; null when a signal ended it. */
  readonly ended: Promise<number | null>;
  /** Looks no more: this process may end before it. */
  letGo(): void;
}

/** Starts `argv` in a session of its own; what it prints is added to the file at `outputPath` (0600). */
export function startDetached(argv: readonly [string, ...string[]], outputPath: string): Detached {
  const [program, ...args] = argv;
  const fd = openSync(outputPath, "a", 0o600);
  try {
    const child = spawn(program, args, { detached: true, windowsHide: true, stdio: ["ignore", fd, fd] });
    const ended = Promise.withResolvers<number | null>();
    child.on("exit", (code) => ended.resolve(code));
    child.on("error", ended.reject);
    return { pid: child.pid ?? 0, ended: ended.promise, letGo: () => child.unref() };
  } finally {
    closeSync(fd);
  }
}

/** Asks process `pid` to end. False when there is none. @throws when it belongs to somebody else */
export function askToEnd(pid: number): boolean {
  try {
    return kill(pid, "SIGTERM");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
    throw error;
  }
}
