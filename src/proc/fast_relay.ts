/**
 * The fast relay: server by posix_spawn, bytes by a thread that polls. This side, on the main thread, starts both and waits.
 * @see relay_loop.ts for the hot path @module
 */
import { CONTROL, type RelayNotice } from "./relay_loop.ts";
import { type Libc, openLibc } from "./libc.ts";
import { spawnServer } from "./posix_spawn.ts";
import { decodeWaitStatus, type ServerExit } from "./server_exit.ts";
import type { Relay, RelayOptions } from "./relay.ts";
import type { RelayThreadStart } from "./relay_thread.ts";

/** Starts it, or returns null where FFI is not to be had. @throws {KmError} as `startRelay` */
export function startFastRelay(options: RelayOptions): Relay | null {
  const libc = tryOpenLibc();
  if (libc === null) return null;
  const server = spawnServer(libc, options.argv, options.searchPath);
  const wake = libc.channel("write");
  const control = new SharedArrayBuffer(16);
  const worker = new Worker(import.meta.resolve("./relay_thread.ts"), { type: "module", name: "km relay" });
  const clientEof = Promise.withResolvers<void>();
  const done = Promise.withResolvers<void>();
  worker.onmessage = (event: MessageEvent<RelayNotice>) => {
    if (event.data === "clientEof") clientEof.resolve();
    else done.resolve();
  };
  worker.onerror = (event) => done.reject(new Error(`The relay thread failed: ${event.message}`));
  const fds = {
    serverIn: server.stdinFd,
    serverOut: server.stdoutFd,
    serverErr: server.stderrFd,
    wake: wake.readFd,
  };
  worker.postMessage({ fds, control, tap: options.tap } satisfies RelayThreadStart);

  const oneByte = new Uint8Array(new SharedArrayBuffer(1));
  const oneByteAddress = Number(Deno.UnsafePointer.value(Deno.UnsafePointer.of(oneByte)));
  const tell = (slot: number) => {
    Atomics.store(new Int32Array(control), slot, 1);
    libc.calls.write(wake.writeFd, oneByteAddress, 1);
  };
  const exited = waitForServer(libc, server.pid);
  void exited.then(() => tell(CONTROL.serverExited));
  return {
    pid: server.pid,
    kind: "fast",
    exited,
    clientEof: clientEof.promise,
    done: done.promise,
    closeInput: () => tell(CONTROL.closeInput),
    finish: () => tell(CONTROL.finish),
    signalGroup: (signal) => signalGroup(server.pid, signal),
  };
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
