/** What the sections of the bench of sessions work with: programs in C, a daemon with sessions, clients that measure it. @module */
import { join } from "node:path";
import type { TerminalSize } from "../../src/core/session.ts";
import { type BenchDaemon, startBenchDaemon } from "./serve_daemon.ts";
import { processorSeconds } from "./serve_streams.ts";

/** What every section gets. */
export interface SessionsBench {
  readonly folder: string;
  readonly driver: string;
  readonly programs: string;
  readonly rounds: number;
  readonly quick: boolean;
  readonly progress: (text: string) => void;
}

/** What the driver says (see sessions_driver.c): times in µs, and what its mode counts. */
export type DriverFigures = Readonly<Record<string, number>>;

/** Seconds of processor time per second that a process used while the driver measured. */
export interface LoadFigures {
  readonly figures: DriverFigures;
  readonly cores: number;
}

/** A program that gives back each byte as it comes. */
export const ECHO_SCRIPT = "stty raw -echo; printf ready; exec cat";
export const ECHO = ["sh", "-c", ECHO_SCRIPT];
export const SIZE: TerminalSize = { cols: 120, rows: 40 };
/** Longest that one run of the driver may take, in ms. */
const RUN_LIMIT_MS = 120_000;
/** Longest that something in a session is waited for, in ms. */
const PATIENCE_MS = 60_000;
/** More than any section starts. */
const SETTINGS = { KM_SESSIONS_MAX: "300", KM_SESSIONS_MAX_PER_USER: "300" };

/** Compiles the driver and the programs into `folder`; null when this machine has no C compiler. */
export async function buildSessionPrograms(
  folder: string,
): Promise<Pick<SessionsBench, "driver" | "programs"> | null> {
  const built = { driver: join(folder, "sessions_driver"), programs: join(folder, "sessions_programs") };
  for (const target of Object.values(built)) {
    const source = join(import.meta.dirname ?? "", `${target.slice(folder.length + 1)}.c`);
    try {
      const { success, stderr } = await new Deno.Command("cc", { args: ["-O2", "-o", target, source] })
        .output();
      if (!success) throw new Error(`Cannot compile the bench: ${new TextDecoder().decode(stderr)}`);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return null;
      throw error;
    }
  }
  return built;
}

/** A session as the bench needs to know it. */
export interface StartedSession {
  readonly id: string;
  readonly number: number;
  readonly seq: number;
}

/** A daemon in a home of its own. */
export class SessionsHome implements AsyncDisposable {
  readonly #home: string;
  readonly daemon: BenchDaemon;

  private constructor(home: string, daemon: BenchDaemon) {
    this.#home = home;
    this.daemon = daemon;
  }

  static async open(): Promise<SessionsHome> {
    const home = await Deno.makeTempDir({ prefix: "km-bench-sessions-" });
    return new SessionsHome(home, await startBenchDaemon(home, SETTINGS));
  }

  get port(): string {
    return new URL(this.daemon.url).port;
  }

  async request(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${this.daemon.url}${path}`, {
      method,
      headers: { Authorization: `Bearer ${this.daemon.token}`, "Content-Type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return await response.json();
  }

  /** For WebSockets. */
  async token(): Promise<string> {
    const { token } = await this.request("POST", "/api/sessions/tokens", { access: "write" }) as {
      token: string;
    }; // as: the contract of the API
    return token;
  }

  async start(command: readonly string[], size: TerminalSize = SIZE): Promise<StartedSession> {
    const options = { provider: "shell", command, cwd: "/", size };
    return await this.request("POST", "/api/sessions", options) as StartedSession; // as: the contract of the API
  }

  /** `count` of them, ten at a time; in the order of their numbers. */
  async startMany(count: number, command: readonly string[], size?: TerminalSize): Promise<StartedSession[]> {
    const all: StartedSession[] = [];
    while (all.length < count) {
      const some = Array.from({ length: Math.min(10, count - all.length) }, () => this.start(command, size));
      all.push(...await Promise.all(some));
    }
    return all.sort((a, b) => a.number - b.number);
  }

  async find(id: string): Promise<StartedSession> {
    return await this.request("GET", `/api/sessions/${id}`) as StartedSession; // as: the contract of the API
  }

  /** Waits until the session shows `text`. */
  async untilShown({ id }: StartedSession, text: string): Promise<void> {
    const limit = performance.now() + PATIENCE_MS;
    while (!JSON.stringify(await this.request("GET", `/api/sessions/${id}/screen`)).includes(text)) {
      if (performance.now() > limit) throw new Error(`Session ${id} does not show "${text}"`);
      await pause(20);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.daemon[Symbol.asyncDispose]();
    await Deno.remove(this.#home, { recursive: true });
  }
}

/** Runs the driver once; `server`: the process whose processor time is counted while it measures. */
export async function runSessionsDriver(
  driver: string,
  args: readonly string[],
  server?: number,
): Promise<LoadFigures> {
  const child = new Deno.Command(driver, {
    args: [...args],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
    signal: AbortSignal.timeout(RUN_LIMIT_MS),
  }).spawn();
  let text = "", cores = NaN, usedS = 0, sinceMs = 0;
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (server === undefined) continue;
    if (chunk.includes("measuring")) [usedS, sinceMs] = [processorSeconds(server), performance.now()];
    if (chunk.includes("measured")) {
      cores = (processorSeconds(server) - usedS) / (performance.now() - sinceMs) * 1000;
    }
  }
  const { success } = await child.status;
  const json = text.slice(text.indexOf("{"));
  if (!success || !json.startsWith("{")) throw new Error(`Cannot measure (${args[0]}): the driver failed`);
  return { figures: JSON.parse(json), cores };
}

/** What km is compared with, see sessions_bare.ts; `use` gets its port and its process id. */
export async function withBare<Result>(
  args: readonly string[],
  use: (port: string, pid: number) => Promise<Result>,
): Promise<Result> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", join(import.meta.dirname ?? "", "sessions_bare.ts"), ...args],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  try {
    const { value } = await reader.read();
    if (value === undefined) throw new Error("The bare server did not start");
    await pause(300); // Its program says that it is ready.
    return await use(value.trim(), child.pid);
  } finally {
    child.kill("SIGTERM");
    await child.status;
    await reader.cancel();
  }
}

export async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

export function milliseconds(us: number): string {
  return `${(us / 1000).toFixed(2)} ms`;
}

export function microseconds(us: number): string {
  return `${us.toFixed(0)} µs`;
}
