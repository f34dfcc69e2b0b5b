/**
 * The fast relay: server by posix_spawn, bytes by a thread that polls. This side, on the main thread, starts both and waits.
 * @see relay_loop.ts for the hot path @module
 */
import { CONTROL, type RelayNotice } from "./relay_loop.ts";
import { addressOf, type Libc, openLibc } from "./libc.ts";
import { type SpawnedProcess, spawnServer } from "./posix_spawn.ts";
import { decodeWaitStatus, type ServerExit } from "./server_exit.ts";
import type { Relay, RelayOptions } from "./relay.ts";
import type { RelayThreadStart } from "./relay_thread.ts";

/** Starts it, or returns null where FFI is not to be had. @throws {KmError} as `startRelay` */
export function startFastRelay(options: RelayOptions): Relay | null {
  const libc = tryOpenLibc();
  if (libc === null) return null;
  const server = spawnServer(libc, options.argv, options.searchPath);
  return new FastRelay(libc, server, options.tap);
}

class FastRelay implements Relay {
  readonly kind = "fast";
  readonly pid: number;
  readonly exited: Promise<ServerExit>;
  readonly clientEof: Promise<number>;
  readonly done: Promise<void>;
  readonly #libc: Libc;
  readonly #server: SpawnedProcess;
  readonly #tap: SharedArrayBuffer | null;
  readonly #control = new Int32Array(new SharedArrayBuffer(16));
  readonly #wake: { readonly readFd: number; readonly writeFd: number };
  readonly #wakeByte = new SharedArrayBuffer(1);
  readonly #eof = Promise.withResolvers<number>();
  readonly #done = Promise.withResolvers<void>();

  constructor(libc: Libc, server: SpawnedProcess, tap: SharedArrayBuffer | null) {
    this.pid = server.pid;
    this.#libc = libc;
    this.#server = server;
    this.#tap = tap;
    this.#wake = libc.channel("write");
    this.clientEof = this.#eof.promise;
    this.done = this.#done.promise;
    this.exited = waitForServer(libc, server.pid);
    void this.exited.then(() => this.#tell(CONTROL.serverExited));
  }

  run(): void {
    const worker = new Worker(import.meta.resolve("./relay_thread.ts"), { type: "module", name: "km relay" });
    worker.onmessage = (event: MessageEvent<RelayNotice>) => {
      if (event.data.kind === "clientEof") this.#eof.resolve(event.data.timeMs);
      else this.#done.resolve();
    };
    worker.onerror = (event) => {
      event.preventDefault();
      this.#done.reject(new Error(`The relay thread failed: ${event.message}`));
    };
    const fds = {
      serverIn: this.#server.stdinFd,
      serverOut: this.#server.stdoutFd,
      serverErr: this.#server.stderrFd,
      wake: this.#wake.readFd,
    };
    worker.postMessage({ fds, control: this.#control.buffer, tap: this.#tap } satisfies RelayThreadStart);
  }

  closeInput(): void {
    this.#tell(CONTROL.closeInput);
  }

  finish(): void {
    this.#tell(CONTROL.finish);
  }

  signalGroup(signal: Deno.Signal): boolean {
    return signalGroup(this.pid, signal);
  }

  /** Sets a word that the relay's thread reads, and wakes it. */
  #tell(slot: number): void {
    Atomics.store(this.#control, slot, 1);
    this.#libc.calls.write(this.#wake.writeFd, addressOf(this.#wakeByte), 1);
  }
}

/** Sends `signal` to process group `group`; false when it is empty. */
export function signalGroup(group: number, signal: Deno.Signal): boolean {
  try {
    Deno.kill(-group, signal);
    return true;
  } catch {
    return false;
  }
}

function tryOpenLibc(): Libc | null {
  try {
    return openLibc();
  } catch {
    return null;
  }
}

async function waitForServer(libc: Libc, pid: number): Promise<ServerExit> {
  const status = new Int32Array(1);
  await libc.calls.waitpid(pid, status, 0);
  return decodeWaitStatus(status[0] as number);
}
