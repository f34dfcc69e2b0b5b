/**
 * A client that has its hands on every byte: starts a server directly or under km, sends raw bytes, reads exactly as much as it is told, or not at
 * all, and leaves nothing behind. Every wait has a limit. @module
 */
import { fileURLToPath } from "node:url";
import type { Call, Event } from "../../src/core/event.ts";
import {
  Collected,
  findProcesses,
  isAlive,
  KM,
  KM_ENV,
  PATIENCE_MS,
  type ProcessInfo,
  readCalls,
  readEvents,
  TempFolder,
  until,
  within,
} from "../e2e/harness.ts";
import { Digest, encode, type Sum } from "./random.ts";
import { WITNESS } from "./server_io.ts";
import type { Way } from "./ways.ts";
import { WitnessLog } from "./witness_log.ts";

const MARK = "KM_TEST_MARK";

/** How a client starts its server. */
export interface ClientOptions {
  /** Flags of `km monitor`. */
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Socket pairs instead of pipes, as Node's clients have. */
  readonly sockets?: boolean;
  /** A process group of its own. */
  readonly detached?: boolean;
  /** A shell line that starts `"$@"` with other streams, say `exec "$@" < /dev/null`. */
  readonly shell?: string;
  /** KM_HOME, when not a folder of the test's own. */
  readonly home?: string;
}

/** A client with one server. Disposing kills whatever is left. */
export class FakeClient implements AsyncDisposable {
  readonly #folder = new TempFolder();
  readonly #mark = crypto.randomUUID();
  readonly #child: Deno.ChildProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #stdout: ReadableStreamDefaultReader<Uint8Array>;
  readonly stderr: Collected;
  readonly witness: WitnessLog;
  /** KM_HOME. */
  readonly home: string;
  #rest: Uint8Array = new Uint8Array();
  #stdinClosed = false;

  constructor(way: Way, server: readonly string[], options: ClientOptions = {}) {
    this.witness = new WitnessLog(`${this.#folder.path}/witness`);
    this.home = options.home ?? `${this.#folder.path}/home`;
    const [program = "", ...args] = commandLine(way, server, options);
    this.#child = new Deno.Command(program, {
      args,
      env: {
        KM_HOME: this.home,
        [WITNESS]: this.witness.path,
        ...KM_ENV,
        ...way.env,
        ...options.env,
        [MARK]: this.#mark,
      },
      detached: options.detached ?? false,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#stdin = this.#child.stdin.getWriter();
    this.#stdout = this.#child.stdout.getReader();
    this.stderr = new Collected(this.#child.stderr);
  }

  /** The process that the client started: the server itself, km, the shell or the bridge. */
  get pid(): number {
    return this.#child.pid;
  }

  /** A file of the test's own, gone with it. */
  file(name: string): string {
    return `${this.#folder.path}/${name}`;
  }

  /** Writes `data`; resolves when the pipe has taken all of it. */
  async send(data: string | Uint8Array<ArrayBuffer>, timeoutMs: number = PATIENCE_MS): Promise<void> {
    const bytes = typeof data === "string" ? encode(data) : data;
    await within(this.#stdin.write(bytes), timeoutMs, () => `the server to take bytes; ${this.#describe()}`);
  }

  /** Writes `pieces` one after the other, then closes stdin, while the test goes on. Await what it returns at the end. */
  sendAll(...pieces: readonly Uint8Array<ArrayBuffer>[]): Promise<void> {
    const sending = (async () => {
      for (const piece of pieces) await this.send(piece);
      await this.closeStdin();
    })();
    // A test that fails before it awaits this must not fail twice.
    sending.catch(() => {});
    return sending;
  }

  /** Writes messages, each as one line. */
  async sendJson(...messages: readonly unknown[]): Promise<void> {
    for (const message of messages) await this.send(JSON.stringify(message) + "\n");
  }

  async closeStdin(): Promise<void> {
    if (this.#stdinClosed) return;
    this.#stdinClosed = true;
    // The server may have closed its end before.
    await this.#stdin.close().catch(() => {});
  }

  /** Reads exactly `count` bytes. */
  async readExactly(count: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(count);
    for (let at = 0; at < count;) {
      const chunk = await this.#read();
      if (chunk === null) throw new Error(`stdout ended after ${at} of ${count} bytes; ${this.#describe()}`);
      const taken = chunk.subarray(0, count - at);
      bytes.set(taken, at);
      at += taken.length;
      this.#rest = chunk.subarray(taken.length);
    }
    return bytes;
  }

  /** Reads one line, without its LF. */
  async readLine(): Promise<string> {
    let line: Uint8Array = new Uint8Array();
    for (;;) {
      const chunk = await this.#read();
      if (chunk === null) throw new Error(`stdout ended within a line; ${this.#describe()}`);
      const end = chunk.indexOf(10);
      line = joined([line, end < 0 ? chunk : chunk.subarray(0, end)]);
      if (end < 0) continue;
      this.#rest = chunk.subarray(end + 1);
      return new TextDecoder().decode(line);
    }
  }

  /** Reads one line of JSON. */
  // A test knows what its server answers.
  // deno-lint-ignore no-explicit-any
  async readJson(): Promise<any> {
    return JSON.parse(await this.readLine());
  }

  /** Sends a message and reads one line. */
  // deno-lint-ignore no-explicit-any
  async ask(message: unknown): Promise<any> {
    await this.sendJson(message);
    return await this.readJson();
  }

  /** Reads to the end. */
  async readAll(): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    for (let chunk = await this.#read(); chunk !== null; chunk = await this.#read()) chunks.push(chunk);
    return joined(chunks);
  }

  /** Reads to the end and keeps only the digest; `onChunk` sees how far it came. */
  async sumAll(onChunk: (bytes: number) => void = () => {}): Promise<Sum> {
    const digest = new Digest();
    let bytes = 0;
    for (let chunk = await this.#read(); chunk !== null; chunk = await this.#read()) {
      digest.add(chunk);
      onChunk(bytes += chunk.length);
    }
    return digest.sum();
  }

  /** Stops reading for good: the server's next write fails. */
  async closeStdout(): Promise<void> {
    await this.#stdout.cancel();
  }

  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Tells the fake server to go on, when it waits for it. */
  async tell(signal: Deno.Signal = "SIGUSR1"): Promise<void> {
    const { pid } = await this.witness.until("waiting");
    Deno.kill(pid, signal);
  }

  /** Process id of the fake server. */
  async serverPid(): Promise<number> {
    return (await this.witness.until("start")).pid;
  }

  /** Process id of km, wherever it is in the chain. */
  async kmPid(): Promise<number> {
    // Not what starts it: a shell, the bridge, the portable file's own header.
    const find = () =>
      this.processes().find(({ command }) =>
        command.includes(`${KM.at(-1)} monitor`) && !/^(\S*\/)?(sh|node) /.test(command)
      );
    await until(() => find() !== undefined, "km to start");
    return find()?.pid ?? 0;
  }

  /** Waits for the exit of what the client started. Others may still hold its streams. */
  async exit(timeoutMs: number = PATIENCE_MS): Promise<Exit> {
    const status = await within(this.#child.status, timeoutMs, () => `the exit; ${this.#describe()}`);
    return { code: status.code, signal: status.signal };
  }

  /** Closes stdin and waits for the end of everything. */
  async finish(): Promise<Exit> {
    await this.closeStdin();
    const exit = await this.exit();
    await this.noneLeft();
    return exit;
  }

  /** Everything that runs because of this client. */
  processes(): ProcessInfo[] {
    return findProcesses(`${MARK}=${this.#mark}`);
  }

  /** Waits until nothing of that runs any more. */
  async noneLeft(timeoutMs: number = PATIENCE_MS): Promise<void> {
    await until(() => this.processes().length === 0, () => `nothing left; ${this.#describe()}`, timeoutMs);
  }

  /** What km recorded, oldest first. */
  async events(...filters: string[]): Promise<Event[]> {
    return await readEvents(this.home, ...filters);
  }

  /** The calls km paired, oldest first. */
  async calls(): Promise<Call[]> {
    return await readCalls(this.home);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const pid of [...this.processes().map((process) => process.pid), this.pid]) killHard(pid);
    await this.#stdout.cancel().catch(() => {});
    await this.closeStdin();
    await this.stderr.stop();
    await this.#child.status;
    this.#folder[Symbol.dispose]();
  }

  /** The next chunk, or what the last read left over; null at the end. */
  async #read(): Promise<Uint8Array | null> {
    if (this.#rest.length > 0) {
      const rest = this.#rest;
      this.#rest = new Uint8Array();
      return rest;
    }
    const { value, done } = await within(
      this.#stdout.read(),
      PATIENCE_MS,
      () => `bytes on stdout; ${this.#describe()}`,
    );
    return done ? null : value;
  }

  #describe(): string {
    const running = this.processes().map(({ pid, command }) => `${pid} ${command}`).join("; ");
    const said = new TextDecoder().decode(this.stderr.bytes().slice(-2000));
    return `running: ${running || "nothing"}; stderr: ${said}`;
  }
}

/** How a process ended. */
export interface Exit {
  /** 128+n for signal n. */
  readonly code: number;
  readonly signal: Deno.Signal | null;
}

function commandLine(way: Way, server: readonly string[], options: ClientOptions): readonly string[] {
  const command = [...way.prefix(options.flags ?? []), ...server];
  if (options.shell !== undefined) return ["sh", "-c", options.shell, "sh", ...command];
  if (!options.sockets) return command;
  return ["node", fileURLToPath(new URL("socket_bridge.mjs", import.meta.url)), ...command];
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

/** Resident memory of a process, in bytes. Linux. */
export function residentBytes(pid: number): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
}

function killHard(pid: number): void {
  try {
    if (isAlive(pid)) Deno.kill(pid, "SIGKILL");
  } catch {
    // It ended meanwhile.
  }
}
