/**
 * A new pseudo terminal, and a program started in it as the leader of a session of its own.
 *
 * `posix_spawn` makes the session; a `sh` in it opens the terminal, which makes it the controlling one on every system (a file action that
 * opens it does so on Linux only), and becomes the program by `exec`, so that the process id stays. Not `Deno.Command`: that forks all of
 * km's memory to call setsid, and leaves signals ignored that km was told to ignore (a daemon behind `&` in a script is deaf to SIGINT, and
 * so would every Ctrl-C be).
 * @see POSIX.1-2024, XBD 11.1.3, The Controlling Terminal @module
 */
import { KmError } from "../core/error.ts";
import type { TerminalSize } from "../core/session.ts";
import { cString } from "./libc.ts";
import { E2BIG, EMFILE, ENFILE, ENOMEM, O_RDWR, type PtyLibc, setUtf8Input, SIGKILL } from "./pty_libc.ts";

/** The master side of a terminal, and the path by which others open it. */
export interface OpenTerminal {
  readonly fd: number;
  readonly path: string;
}

/** `$0` terminal, `$1` folder, `$2` list, the rest is the program. What it says of a failure is the terminal's first text. */
const SCRIPT = '[ -z "$2" ] || echo "+$$" >>"$2"; exec 0<>"$0" 1>&0 2>&0 || exit 126; ' +
  'cd -- "$1" || exit 126; unset OLDPWD; shift 2; exec "$@"';
const SETSIGDEF = 0x04, SETSIGMASK = 0x08;
/** Room for glibc's and Apple's posix_spawn structures and sigset_t (the largest is glibc's attr: 336 bytes). */
const STRUCT_BYTES = 1024;

/** Opens a terminal of `size`. @throws {KmError} internal when there are no more terminals or descriptors */
export function openTerminal(libc: PtyLibc, size: TerminalSize): OpenTerminal {
  const { calls, constants } = libc;
  const fd = calls.posix_openpt(O_RDWR | constants.O_NOCTTY | constants.OPENPT_FLAGS);
  if (fd < 0) throw noTerminal(libc.errno(), constants.ENOSPC);
  libc.setFlags(fd);
  const name = new Uint8Array(128);
  if (calls.grantpt(fd) !== 0 || calls.unlockpt(fd) !== 0 || calls.ptsname_r(fd, name, name.length) !== 0) {
    const errno = libc.errno();
    calls.close(fd);
    throw noTerminal(errno, constants.ENOSPC);
  }
  setUtf8Input(libc, fd);
  setSize(libc, fd, size);
  return { fd, path: new TextDecoder().decode(name.subarray(0, name.indexOf(0))) };
}

/** Gives the terminal behind `fd` another size; its foreground processes get SIGWINCH when it differs. */
export function setSize(libc: PtyLibc, fd: number, size: TerminalSize): void {
  const words = new Uint16Array([size.rows, size.cols, 0, 0]);
  libc.ioctl(fd, libc.constants.TIOCSWINSZ, new Uint8Array(words.buffer));
}

function noTerminal(errno: number, enospc: number): KmError {
  const [state, hint] = errno === EMFILE || errno === ENFILE
    ? ["too many open files", 'end sessions that are not needed, or raise the limit ("ulimit -n")']
    : errno === enospc
    ? ["no more pseudo terminals", "end sessions that are not needed, or raise kernel.pty.max"]
    : [`errno ${errno}`, "check that /dev/ptmx and /dev/pts are there"];
  return new KmError("internal", `Cannot open a terminal: ${state}`, { hint });
}

/**
 * Starts `command` (its program as a full path) in the terminal at `path`; returns its process id, which is also that of its group and of
 * its session. Nothing of km is inherited: no descriptor, no ignored or blocked signal, no environment.
 * @throws {KmError} internal
 */
export function spawnInTerminal(
  libc: PtyLibc,
  path: string,
  options: {
    readonly command: readonly string[];
    readonly cwd: string;
    readonly env: Readonly<Record<string, string>>;
    readonly listFile?: string | null;
  },
): number {
  const { calls, constants } = libc;
  const [attributes, actions, signals] = [0, 0, 0].map(() => new Uint8Array(STRUCT_BYTES));
  if (!attributes || !actions || !signals) throw new TypeError("unreachable");
  calls.posix_spawnattr_init(attributes);
  calls.posix_spawn_file_actions_init(actions);
  try {
    const flags = constants.SPAWN_SETSID | SETSIGDEF | SETSIGMASK | constants.SPAWN_CLOEXEC_DEFAULT;
    calls.posix_spawnattr_setflags(attributes, flags);
    calls.sigemptyset(signals);
    calls.posix_spawnattr_setsigmask(attributes, signals);
    calls.sigfillset(signals);
    calls.sigdelset(signals, SIGKILL);
    calls.sigdelset(signals, constants.SIGSTOP);
    calls.posix_spawnattr_setsigdefault(attributes, signals);
    calls.posix_spawn_file_actions_addopen(actions, 0, cString("/dev/null"), O_RDWR, 0);
    calls.posix_spawn_file_actions_adddup2(actions, 0, 1);
    calls.posix_spawn_file_actions_adddup2(actions, 0, 2);
    libc.closeFrom(actions, 3);
    const { cwd, command, listFile } = options;
    const argv = pointerArray(["/bin/sh", "-c", SCRIPT, path, cwd, listFile ?? "", ...command]);
    const env = pointerArray(Object.entries(options.env).map(([name, value]) => `${name}=${value}`));
    const pid = new Int32Array(1);
    const errno = calls.posix_spawn(
      pid,
      cString("/bin/sh"),
      actions,
      attributes,
      argv.pointers,
      env.pointers,
    );
    keepAlive(argv.strings, env.strings);
    if (errno !== 0) throw notStarted(options.command, errno, constants.EAGAIN);
    return pid[0] ?? 0;
  } finally {
    calls.posix_spawnattr_destroy(attributes);
    calls.posix_spawn_file_actions_destroy(actions);
  }
}

function notStarted(command: readonly string[], errno: number, eagain: number): KmError {
  const state = errno === E2BIG
    ? "its arguments and environment are too long"
    : errno === ENOMEM || errno === eagain
    ? "no more processes"
    : `errno ${errno}`;
  return new KmError("internal", `Cannot start "${command[0]}": ${state}`);
}

/** A C `char *argv[]`. The strings are returned too: they must stay reachable while C reads them. */
function pointerArray(
  words: readonly string[],
): { readonly pointers: BigUint64Array<ArrayBuffer>; readonly strings: readonly Uint8Array[] } {
  const strings = words.map(cString);
  const pointers = new BigUint64Array(words.length + 1);
  strings.forEach((bytes, i) => pointers[i] = BigInt(Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes))));
  return { pointers, strings };
}

/** Does nothing, behind a call that reads what only addresses point to: until here it is in use. */
function keepAlive(..._used: readonly unknown[]): void {}
