/**
 * Runs a program that may hang or fork: with a time limit, and nothing of its process group left afterwards. What leaves the group (setsid)
 * lives on, but nobody waits for it.
 * @module
 */
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
/** How long what was printed may take to arrive after the end, in ms: whoever still holds the pipes then has left the group. */
const DRAIN_MS = 500;

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
  const ended = Promise.withResolvers<void>();
  let code: number | null = null;
  let drain: ReturnType<typeof setTimeout> | undefined;
  const end = () => {
    endGroup(child);
    drain ??= setTimeout(ended.resolve, DRAIN_MS);
  };
  child.on("error", ended.reject);
  child.on("exit", (exitCode) => {
    code = exitCode;
    end();
  });
  child.on("close", () => ended.resolve());
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = child.exitCode === null && child.signalCode === null;
    end();
  }, timeoutMs);
  signal?.addEventListener("abort", end);
  try {
    await ended.promise;
    signal?.throwIfAborted();
    return { code: timedOut ? null : code, out: out(), err: err(), timedOut };
  } finally {
    clearTimeout(timer);
    clearTimeout(drain);
    signal?.removeEventListener("abort", end);
    letGo(child);
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

function endGroup(child: ChildProcess): void {
  const { pid } = child;
  if (pid === undefined) return;
  try {
    if (Deno.build.os === "windows") child.kill("SIGKILL");
    else kill(-pid, "SIGKILL");
  } catch {
    // All of it has ended.
  }
}

/** Nothing keeps this process alive for it. */
function letGo(child: ChildProcess): void {
  child.stdout?.destroy();
  child.stderr?.destroy();
  if (child.pid !== undefined) child.unref();
}
