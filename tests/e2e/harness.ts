/**
 * What every end-to-end test shares: a home of its own, km as a process, its answers, and the processes it leaves behind.
 *
 * Every process started here carries a mark in its environment, which its children inherit: `marked.processes()` finds them by it, however they
 * were re-parented. All waiting has a limit.
 * @module
 */
import { fileURLToPath } from "node:url";
import type { Call, Event } from "../../src/core/event.ts";

/** The checkout. */
export const ROOT: string = fileURLToPath(new URL("../../", import.meta.url));

/** The environment variable that names a built file of km, by its absolute path, to be tested in place of the checkout's source. */
export const TESTED_FILE_VARIABLE = "KM_TEST_FILE";

/** That file; null while the source is tested. */
export const TESTED_FILE: string | null = Deno.env.get(TESTED_FILE_VARIABLE) || null;

/** The command line of km, without arguments. */
export const KM: readonly string[] = TESTED_FILE
  ? [TESTED_FILE]
  : [Deno.execPath(), "run", "-A", `${ROOT}main.ts`];

/** Where portable files unpack themselves in tests: 96 MB that all of them share, away from the user's own cache. */
export const UNPACKED_CACHE = `${ROOT}.cache/tests/xdg`;

/** What km's environment holds in every test. */
export const KM_ENV: Readonly<Record<string, string>> = TESTED_FILE ? { XDG_CACHE_HOME: UNPACKED_CACHE } : {};

/** How long a test waits for one thing before it fails, in ms. A start of km under load took 2 s on 2 cores. */
export const PATIENCE_MS = 20_000;

const MARK = "KM_TEST_MARK";

/** A folder that is removed with all that is in it. `home` is one used as KM_HOME. */
export class TempFolder {
  readonly path: string;

  constructor() {
    this.path = Deno.makeTempDirSync({ prefix: "km-test-" });
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

export interface RunOptions {
  /** KM_HOME of the process; a command that reads needs the one that was written. */
  readonly home: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** What to run; km by default. */
  readonly command?: readonly string[];
}

/** How a process ended, and all that it wrote. */
export interface Ended {
  readonly code: number;
  readonly signal: Deno.Signal | null;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  /** `stdout` and `stderr` as text. */
  readonly out: string;
  readonly err: string;
}

/** Runs km to its end: `stdin` is written, then closed. */
export async function runKm(
  args: readonly string[],
  options: RunOptions & { readonly stdin?: string | Uint8Array; readonly timeoutMs?: number },
): Promise<Ended> {
  await using km = new Running(args, options);
  await km.write(options.stdin ?? "").catch(ignoreBrokenPipe);
  await km.closeStdin();
  return await km.ended(options.timeoutMs);
}

/** Objects that a command with `--json` printed, one a line. @throws when the command failed. */
export async function readJson<T>(args: readonly string[], home: string): Promise<T[]> {
  const { code, out, err } = await runKm([...args, "--json"], { home });
  if (code !== 0) throw new Error(`km ${args.join(" ")} ended with ${code}: ${err}`);
  return out.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as T);
}

/** All events of a home, oldest first. */
export async function readEvents(home: string, ...filters: string[]): Promise<Event[]> {
  const events = await readJson<Event>(["events", "--limit", "100000", ...filters], home);
  return events.sort((a, b) => a.id < b.id ? -1 : 1);
}

/** All calls of a home, oldest first. */
export async function readCalls(home: string, ...filters: string[]): Promise<Call[]> {
  const calls = await readJson<Call>(["calls", "--limit", "100000", ...filters], home);
  return calls.sort((a, b) => a.id < b.id ? -1 : 1);
}

/** A running process with its three streams. Whatever is left of it and its children is killed when disposed of. */
export class Running {
  readonly #child: Deno.ChildProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #mark = crypto.randomUUID();
  readonly stdout: Collected;
  readonly stderr: Collected;
  #stdinClosed = false;

  constructor(args: readonly string[], options: RunOptions) {
    const [program = "", ...words] = [...options.command ?? KM, ...args];
    this.#child = new Deno.Command(program, {
      args: words,
      env: { KM_HOME: options.home, NO_COLOR: "1", ...KM_ENV, ...options.env, [MARK]: this.#mark },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#stdin = this.#child.stdin.getWriter();
    this.stdout = new Collected(this.#child.stdout);
    this.stderr = new Collected(this.#child.stderr);
  }

  get pid(): number {
    return this.#child.pid;
  }

  async write(data: string | Uint8Array): Promise<void> {
    // A copy has its own plain buffer, which is what a stream takes.
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : new Uint8Array(data);
    if (bytes.length > 0) await this.#stdin.write(bytes);
  }

  async closeStdin(): Promise<void> {
    if (this.#stdinClosed) return;
    this.#stdinClosed = true;
    await this.#stdin.close().catch(ignoreBrokenPipe);
  }

  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Waits until the process and both its streams have ended. */
  async ended(timeoutMs: number = PATIENCE_MS): Promise<Ended> {
    const all = Promise.all([this.#child.status, this.stdout.done, this.stderr.done]);
    const [{ code, signal }] = await within(
      all,
      timeoutMs,
      () => `the end of the process; ${this.#describe()}`,
    );
    const [stdout, stderr] = [this.stdout.bytes(), this.stderr.bytes()];
    return { code, signal, stdout, stderr, out: decode(stdout), err: decode(stderr) };
  }

  /** Waits for the process alone: its children may still hold the streams. */
  async exit(timeoutMs: number = PATIENCE_MS): Promise<Deno.CommandStatus> {
    return await within(this.#child.status, timeoutMs, () => `the exit of the process; ${this.#describe()}`);
  }

  /** This process and everything that it started, directly or not, that still runs (Linux; zombies not counted). */
  processes(): ProcessInfo[] {
    return findProcesses(`${MARK}=${this.#mark}`);
  }

  /** Waits until nothing that this process started runs any more. */
  async noneLeft(timeoutMs: number = PATIENCE_MS): Promise<void> {
    await until(
      () => this.processes().length === 0,
      () => `no process left, but: ${this.#describe()}`,
      timeoutMs,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { pid } of this.processes()) killHard(pid);
    killHard(this.pid);
    await this.closeStdin();
    // A grandchild that was not marked may hold a stream for ever.
    await Promise.all([this.stdout.stop(), this.stderr.stop(), this.#child.status]);
  }

  #describe(): string {
    const running = this.processes().map(({ pid, command }) => `${pid} ${command}`).join("; ");
    return `running: ${running || "nothing"}; stderr: ${decode(this.stderr.bytes()).slice(-2000)}`;
  }
}

/** A stream that is read as it comes and kept. */
export class Collected {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #chunks: Uint8Array[] = [];
  #size = 0;
  /** Settles, and is replaced, whenever something came or the stream ended. */
  #news = Promise.withResolvers<void>();
  #ended = false;
  #paused: Promise<void> | null = null;
  #resume: () => void = () => {};
  /** Settles when the stream has ended. */
  readonly done: Promise<void>;

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
    this.done = this.#collect();
  }

  /** All that came so far. */
  bytes(): Uint8Array {
    const all = new Uint8Array(this.#size);
    let at = 0;
    for (const chunk of this.#chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return all;
  }

  get size(): number {
    return this.#size;
  }

  /** Complete lines that came so far, without their ends. */
  lines(): string[] {
    return decode(this.bytes()).split("\n").slice(0, -1);
  }

  /** Stops reading, so that the pipe fills, until `resume()`. One read may still come. */
  pause(): void {
    this.#paused ??= new Promise((resolve) => this.#resume = resolve);
  }

  resume(): void {
    this.#paused = null;
    this.#resume();
  }

  /** Waits until `condition` holds, looking again whenever something came. */
  async waitFor(condition: () => boolean, what: string, timeoutMs: number = PATIENCE_MS): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    const came = () => `${what}; came: ${decode(this.bytes()).slice(-2000)}`;
    while (!condition()) {
      if (this.#ended) throw new Error(`the stream ended before ${came()}`);
      await within(this.#news.promise, deadline - Date.now(), came);
    }
  }

  /** Waits for `text` and returns all that came. */
  async text(text: string, timeoutMs?: number): Promise<string> {
    await this.waitFor(() => decode(this.bytes()).includes(text), JSON.stringify(text), timeoutMs);
    return decode(this.bytes());
  }

  /** Waits for `count` complete lines and returns all that came. */
  async lineCount(count: number, timeoutMs?: number): Promise<string[]> {
    await this.waitFor(() => this.lines().length >= count, `${count} lines`, timeoutMs);
    return this.lines();
  }

  async stop(): Promise<void> {
    this.resume();
    await this.#reader.cancel().catch(() => {});
    await this.done;
  }

  async #collect(): Promise<void> {
    for (;;) {
      if (this.#paused) await this.#paused;
      const { done, value } = await this.#reader.read().catch(() => ({ done: true, value: undefined }));
      if (done || !value) break;
      this.#chunks.push(value);
      this.#size += value.length;
      this.#tell();
    }
    this.#ended = true;
    this.#tell();
  }

  #tell(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers<void>();
  }
}

export interface ProcessInfo {
  readonly pid: number;
  readonly command: string;
}

/** Running processes whose environment holds `entry` (`NAME=value`). Linux. */
export function findProcesses(entry: string): ProcessInfo[] {
  const found: ProcessInfo[] = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      // A zombie's environment is empty, so it is not found.
      if (!Deno.readTextFileSync(`/proc/${name}/environ`).split("\0").includes(entry)) continue;
      const command = Deno.readTextFileSync(`/proc/${name}/cmdline`).replaceAll("\0", " ").trim();
      found.push({ pid: Number(name), command });
    } catch {
      // It ended while we looked, or is not ours.
    }
  }
  return found;
}

/** True while the process runs (a zombie does not). Linux. */
export function isAlive(pid: number): boolean {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
  } catch {
    return false;
  }
}

/** Looks again every 10 ms until `condition` holds: for what tells nobody when it happens, as a process that ends. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string | (() => string),
  timeoutMs: number = PATIENCE_MS,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!await condition()) {
    if (Date.now() > deadline) {
      throw new Error(`waited ${timeoutMs} ms for ${typeof what === "string" ? what : what()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Fails when `promise` takes longer than `timeoutMs`. */
export async function within<T>(promise: Promise<T>, timeoutMs: number, what: () => string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${timeoutMs} ms for ${what()}`)), timeoutMs);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** Lower-case hex SHA-256. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array(bytes))).toHex();
}

export function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function killHard(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}

/** A process may end without reading its stdin. */
function ignoreBrokenPipe(error: unknown): void {
  if (!(error instanceof Deno.errors.BrokenPipe || error instanceof TypeError)) throw error;
}
