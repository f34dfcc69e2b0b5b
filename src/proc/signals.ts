/** Catching signals, and ignoring one. @module */
import { openLibc } from "./libc.ts";

/** Writing past the file size limit (`ulimit -f`). 25 on Linux and macOS. */
const SIGXFSZ = 25;
const SIG_IGN = 1;

/** Calls `handler` on each `signal` from now on. Windows knows only SIGINT, SIGBREAK and SIGHUP: others are let be. */
export function onSignal(signal: Deno.Signal, handler: () => void): void {
  try {
    Deno.addSignalListener(signal, handler);
  } catch {
    // Not a signal of this system.
  }
}

/** Makes a write past the file size limit an error of that write instead of the end of the process. */
export function surviveFileSizeLimit(): void {
  try {
    openLibc().calls.signal(SIGXFSZ, SIG_IGN);
  } catch {
    // Without FFI the limit ends the process, as it ends others.
  }
}
