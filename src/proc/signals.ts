/** Catching signals, and ignoring one. @module */
import { openLibc } from "./libc.ts";

/** Writing past the file size limit (`ulimit -f`). 25 on Linux and macOS. */
const SIGXFSZ = 25;
const SIG_IGN = 1;
const SIGHUP = 1;

/** The signals that ask a program to end, with their numbers. SIGHUP: the terminal was closed. */
export const ENDING_SIGNALS = [["SIGHUP", 1], ["SIGINT", 2], ["SIGTERM", 15]] as const;

/** Calls `handler` on each `signal` from now on. Windows knows only SIGINT, SIGBREAK and SIGHUP: others are let be. */
export function onSignal(signal: Deno.Signal, handler: () => void): void {
  try {
    Deno.addSignalListener(signal, handler);
  } catch {
    // Not a signal of this system.
  }
}

/** True when whoever started this program made it deaf to SIGHUP, as nohup(1) does: a handler would undo that. Ask before `onSignal`. */
export function ignoresHangup(): boolean {
  try {
    const { calls } = openLibc();
    // The only question that signal(3) answers is what was there before.
    const before = calls.signal(SIGHUP, SIG_IGN);
    calls.signal(SIGHUP, before);
    return Number(before) === SIG_IGN;
  } catch {
    return false; // Windows has no such thing.
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
