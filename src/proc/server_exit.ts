/** How a process ended, and ending the same way. @module */
import { type Libc, openLibc } from "./libc.ts";

/** How the server ended: by itself with a code, or by a signal. */
export type ServerExit =
  | { readonly kind: "code"; readonly code: number }
  | { readonly kind: "signal"; readonly signal: number };

/** Reads the status word of waitpid. @see POSIX <sys/wait.h>; the layout is the same on Linux and macOS */
export function decodeWaitStatus(status: number): ServerExit {
  const signal = status & 0x7f;
  return signal === 0 ? { kind: "code", code: (status >> 8) & 0xff } : { kind: "signal", signal };
}

/** The exit code that stands for `exit`: 128+n for signal n, as shells say it. */
export function exitCodeOf(exit: ServerExit): number {
  return exit.kind === "code" ? exit.code : 128 + exit.signal;
}

/** Signal names by number, for the record. Numbers below 16 are the same on Linux and macOS, except 7 and 10 to 12. */
const SIGNAL_NAMES: Readonly<Record<number, string>> = {
  1: "SIGHUP",
  2: "SIGINT",
  3: "SIGQUIT",
  4: "SIGILL",
  5: "SIGTRAP",
  6: "SIGABRT",
  8: "SIGFPE",
  9: "SIGKILL",
  11: "SIGSEGV",
  13: "SIGPIPE",
  14: "SIGALRM",
  15: "SIGTERM",
};
const SIGNAL_NAMES_BY_OS: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  linux: { 7: "SIGBUS", 10: "SIGUSR1", 12: "SIGUSR2", 31: "SIGSYS" },
  darwin: { 7: "SIGEMT", 10: "SIGBUS", 12: "SIGSYS", 30: "SIGUSR1", 31: "SIGUSR2" },
};

/** `SIGSEGV` for 11; `signal 50` for one without a name of its own. */
export function signalName(signal: number): string {
  return SIGNAL_NAMES[signal] ?? SIGNAL_NAMES_BY_OS[Deno.build.os]?.[signal] ?? `signal ${signal}`;
}

/**
 * Ends this process by `signal`, as the server ended, so that the client's wait status is the same. No core file of km is written.
 * Returns only when the signal does not kill; the caller then exits with 128+n.
 */
export function dieBySignal(libc: Libc, signal: number): void {
  const SIG_DFL = 0;
  libc.calls.setrlimit(libc.constants.RLIMIT_CORE, new BigUint64Array(2));
  libc.calls.signal(signal, SIG_DFL);
  libc.calls.kill(Deno.pid, signal);
}

/** Ends this process the way `exit` says where that can be done (a signal, by FFI); else returns the exit code to end with. */
export function endLike(exit: ServerExit): number {
  if (exit.kind === "signal") {
    try {
      dieBySignal(openLibc(), exit.signal);
    } catch {
      // No FFI: 128+n says it as shells do.
    }
  }
  return exitCodeOf(exit);
}
