/** Runs a program that may hang or fork: with a time limit, and nothing of it left afterwards. @module */
import { Buffer } from "node:buffer";
import { type ChildProcess, spawn } from "node:child_process";
import { kill } from "node:process";

/** How a program ended. */
export interface LimitedResult {
  /** Null: by a signal. */
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  /** It took too long and was ended. */
  readonly timedOut: boolean;
}

/** What a program is run with. */
export interface LimitedOptions {
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Ends it, and throws the signal's reason. */
  readonly signal?: AbortSignal;
}

/** More is not kept of each stream. */
const MAX_KEPT_BYTES = 64 * 1024;

/** Runs `argv` without input. @throws when it cannot be started, or the signal's reason */
export async function runLimited(
  argv: readonly [string, ...string[]],
  { env, timeoutMs, signal }: LimitedOptions,
): Promise<LimitedResult> {
  signal?.throwIfAborted();
  const [program, ...args] = argv;
  // A group of its own: what it started ends with it.
  const child = spawn(program, args, {
    env,
    detached: true,
    windowsHide: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [out, err] = [kept(child.stdout), kept(child.stderr)];
  const ended = Promise.withResolvers<number | null>();
  child.on("error", ended.reject);
  child.on("close", ended.resolve);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    endAll(child);
  }, timeoutMs);
  const onAbort = () => endAll(child);
  signal?.addEventListener("abort", onAbort);
  try {
    const code = await ended.promise;
    signal?.throwIfAborted();
    return { code: timedOut ? null : code, out: out(), err: err(), timedOut };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}

function kept(stream: ChildProcess["stdout"]): () => string {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  stream?.on("data", (chunk: Buffer) => {
    if (sizeBytes < MAX_KEPT_BYTES) chunks.push(chunk);
    sizeBytes += chunk.length;
  });
  return () => Buffer.concat(chunks).subarray(0, MAX_KEPT_BYTES).toString();
}

function endAll(child: ChildProcess): void {
  const { pid } = child;
  if (pid === undefined) return;
  try {
    if (Deno.build.os === "windows") child.kill("SIGKILL");
    else kill(-pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}
