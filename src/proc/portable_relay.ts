/**
 * The portable relay: `Deno.Command` and async reads. Slower (a trip through the event loop for each chunk, 2 × p50), needs no FFI;
 * for Windows and locked-down systems. Keeps the same promises as the fast one. @module
 */
import { CHANNEL, type Channel, TapWriter } from "../core/tap.ts";
import { ArrivalClock } from "./arrival_clock.ts";
import { commandNotExecutable, commandNotFound, findOnPath, windowsCommand } from "./command.ts";
import { openLibc } from "./libc.ts";
import type { Relay, RelayOptions } from "./relay.ts";
import { LINGER_MS, MAX_LINGER_MS, MAX_LOG_BACKLOG_BYTES, READ_BYTES } from "./relay_limits.ts";
import type { ServerExit } from "./server_exit.ts";
import { replaceByDevNull } from "./sink.ts";

type Child = Deno.ChildProcess;

/** Starts it. @throws {KmError} as `startRelay` */
export function startPortableRelay(options: RelayOptions): Relay {
  const child = spawnChild(options);
  return new PortableRelay(child, options.tap && new TapWriter(options.tap));
}

class PortableRelay implements Relay {
  readonly kind = "portable";
  readonly pid: number;
  readonly exited: Promise<ServerExit>;
  readonly clientEof: Promise<number>;
  readonly done: Promise<void>;
  readonly #child: Child;
  readonly #tap: TapWriter | null;
  readonly #serverIn: WritableStreamDefaultWriter<Uint8Array>;
  readonly #eof = Promise.withResolvers<number>();
  readonly #clock = new ArrivalClock();
  readonly #done = Promise.withResolvers<void>();
  readonly #finish = Promise.withResolvers<void>();
  /** Counts chunks, so that silence can be told. */
  #moved = 0;
  /** True while a write to the client is under way: undelivered bytes are no silence. */
  #delivering = false;

  constructor(child: Child, tap: TapWriter | null) {
    this.pid = child.pid;
    this.#tap = tap;
    this.#serverIn = child.stdin.getWriter();
    this.clientEof = this.#eof.promise;
    this.exited = child.status.then(({ code, signal }): ServerExit =>
      signal === null ? { kind: "code", code } : { kind: "signal", signal: code - 128 }
    );
    this.#child = child;
    this.done = this.#done.promise;
  }

  run(): void {
    void this.#pumpToServer();
    const { stdout, stderr } = this.#child;
    void this.#drain(this.#pumpToClient(stdout), this.#pumpLog(stderr)).then(
      this.#done.resolve,
      this.#done.reject,
    );
  }

  closeInput(): void {
    this.#eof.resolve(this.#clock.nowMs());
    void this.#serverIn.close().catch(() => {});
  }

  finish(): void {
    this.#finish.resolve();
  }

  signalGroup(signal: Deno.Signal): boolean {
    try {
      if (Deno.build.os === "windows") endWindowsTree(this.pid);
      else Deno.kill(-this.pid, signal);
      return true;
    } catch {
      return false;
    }
  }

  async #drain(...pumps: Promise<void>[]): Promise<void> {
    const drained = Promise.all([...pumps, this.exited]);
    await Promise.race([drained, this.exited.then(() => this.#silence()), this.#finish.promise]);
    this.#tap?.close();
    closeForGood(1);
    closeForGood(0);
  }

  /** After the server's end: until nothing has moved for a while, so a stream that somebody else holds open is given up. */
  async #silence(): Promise<void> {
    const start = performance.now();
    for (;;) {
      const before = this.#moved;
      await new Promise((resolve) => setTimeout(resolve, LINGER_MS));
      const late = performance.now() - start > MAX_LINGER_MS;
      if (!this.#delivering && (late || before === this.#moved)) return;
    }
  }

  async #pumpToServer(): Promise<void> {
    const buffer = new Uint8Array(READ_BYTES);
    try {
      for (;;) {
        const count = await Deno.stdin.read(buffer);
        if (count === null) break;
        // The stream keeps what it is given until it is written, and so does nobody else.
        const chunk = buffer.slice(0, count);
        const written = this.#serverIn.write(chunk);
        this.#copy(CHANNEL.clientToServer, chunk);
        await written;
      }
    } catch {
      // The server no longer reads: the client learns it by the end of its pipe.
      closeForGood(0);
      return;
    }
    this.closeInput();
  }

  async #pumpToClient(stream: ReadableStream<Uint8Array>): Promise<void> {
    const reader = stream.getReader();
    try {
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        this.#delivering = true;
        const written = writeAll(Deno.stdout, value);
        this.#copy(CHANNEL.serverToClient, value);
        await written;
        this.#delivering = false;
      }
      closeForGood(1);
    } catch {
      this.#delivering = false;
      // The client no longer reads: the server learns it by the end of its pipe.
      await reader.cancel().catch(() => {});
    }
  }

  /** Reads the log always, whatever the client does, so that the server never hangs on it. */
  async #pumpLog(stream: ReadableStream<Uint8Array>): Promise<void> {
    let waitingBytes = 0;
    let last = Promise.resolve();
    for await (const chunk of stream) {
      this.#copy(CHANNEL.serverLog, chunk);
      if (waitingBytes + chunk.length > MAX_LOG_BACKLOG_BYTES) continue;
      waitingBytes += chunk.length;
      last = last.then(() => writeAll(Deno.stderr, chunk)).catch(() => {}).then(() =>
        void (waitingBytes -= chunk.length)
      );
    }
    await last;
  }

  #copy(channel: Channel, bytes: Uint8Array): void {
    this.#moved++;
    this.#tap?.push(channel, bytes, this.#clock.nowMs());
  }
}

async function writeAll(
  sink: { write(bytes: Uint8Array): Promise<number> },
  bytes: Uint8Array,
): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await sink.write(bytes.subarray(at));
}

/** Lets the client see km's stdin or stdout closed. `Deno.stdout.close()` keeps the descriptor: without FFI, only the end of km tells. */
function closeForGood(fd: 0 | 1): void {
  try {
    replaceByDevNull(openLibc(), fd);
  } catch {
    // No FFI, as on Windows.
  }
}

function spawnChild(options: RelayOptions): Child {
  const { argv, searchPath } = options;
  const [command = "", ...args] = argv;
  if (Deno.build.os === "windows") return spawnOnWindows(options);
  try {
    return spawn(command, args);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || command === "") throw commandNotFound(command, searchPath);
    if (error instanceof Deno.errors.PermissionDenied) throw commandNotExecutable(command);
    // A script without "#!": execvp, which every client uses, runs it with sh.
    return spawn("/bin/sh", [findOnPath(command, searchPath) ?? command, ...args]);
  }
}

function spawn(command: string, args: readonly string[], options: Deno.CommandOptions = {}): Child {
  return new Deno.Command(command, {
    args: [...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    detached: Deno.build.os !== "windows",
    ...options,
  }).spawn();
}

function spawnOnWindows({ argv, searchPath, windowsEnv = {} }: RelayOptions): Child {
  const resolved = windowsCommand(argv, { path: searchPath, ...windowsEnv }, (path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
  if (resolved === null) throw commandNotFound(argv[0] ?? "", searchPath);
  return spawn(resolved.file, resolved.args, { windowsRawArguments: resolved.verbatim });
}

/** Windows has no process groups to signal: taskkill ends the tree. */
function endWindowsTree(pid: number): void {
  new Deno.Command("taskkill", { args: ["/pid", String(pid), "/T", "/F"], stdout: "null", stderr: "null" })
    .outputSync();
}
